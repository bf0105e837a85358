package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/step-its/producer/logging"
)

// newLog returns a log with these handlers that is closed at the end of the test.
func newLog(t testing.TB, handlers ...logging.Handler) *logging.Log {
	t.Helper()
	log, err := logging.New(logging.Options{Handlers: handlers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return log
}

// newLogger returns the logger of such a log. What it is given is written when the
// call returns.
func newLogger(t testing.TB, handlers ...logging.Handler) *slog.Logger {
	t.Helper()
	return prompt(newLog(t, handlers...))
}

// prompt returns a logger of the log that returns when a record is written.
func prompt(log *logging.Log) *slog.Logger {
	return slog.New(flushing{log.Logger().Handler(), log})
}

// flushing waits until a record is written.
type flushing struct {
	slog.Handler
	log *logging.Log
}

func (f flushing) Handle(ctx context.Context, r slog.Record) error {
	return errors.Join(f.Handler.Handle(ctx, r), f.log.Flush())
}

func (f flushing) WithAttrs(attrs []slog.Attr) slog.Handler {
	return flushing{f.Handler.WithAttrs(attrs), f.log}
}

func (f flushing) WithGroup(name string) slog.Handler {
	return flushing{f.Handler.WithGroup(name), f.log}
}

// layout is one of the ways a line can look, written to a given writer.
type layout struct {
	name   string
	stream func(io.Writer) logging.Stream
}

var layouts = []layout{
	{"text", func(w io.Writer) logging.Stream {
		return logging.Stream{Writer: w, Level: logging.LevelDebug}
	}},
	{"json", func(w io.Writer) logging.Stream {
		return logging.Stream{Writer: w, Level: logging.LevelDebug, Format: logging.FormatJSON}
	}},
	{"color", func(w io.Writer) logging.Stream {
		return logging.Stream{Writer: w, Level: logging.LevelDebug, Color: logging.ColorAlways}
	}},
}

// stderr redirects standard error for the rest of the test and returns a
// function that reads what it got.
func stderr(t *testing.T) func() string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "stderr")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = file
	t.Cleanup(func() {
		os.Stderr = before
		file.Close()
	})
	return func() string { return read(t, name) }
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestZeroOptionsWriteToStderr(t *testing.T) {
	got := stderr(t)
	log, err := logging.New(logging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	prompt(log).Debug("hidden")
	prompt(log).Info("shown")
	if out := got(); strings.Contains(out, "hidden") || !strings.HasSuffix(out, "level=INFO msg=shown\n") {
		t.Errorf("standard error got %q", out)
	}
}

func TestOriginIsOnEveryLine(t *testing.T) {
	tests := []struct {
		name, component, instance, want string
	}{
		{"both", "producer", "a", " component=producer instance=a"},
		{"component", "producer", "", " component=producer"},
		{"instance", "", "a", " instance=a"},
		{"neither", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			opts := logging.Options{
				Handlers:  []logging.Handler{logging.Stream{Writer: &out}},
				Component: tt.component,
				Instance:  tt.instance,
			}
			log, err := logging.New(opts)
			if err != nil {
				t.Fatal(err)
			}
			prompt(log).Info("started", logging.KeyBatch, 3)
			if want := "msg=started" + tt.want + " batch=3\n"; !strings.HasSuffix(out.String(), want) {
				t.Errorf("got %q, want it to end in %q", out.String(), want)
			}
		})
	}
}

// Each handler has its own level, and one of them may be changed in use.
func TestEachHandlerHasItsLevel(t *testing.T) {
	var low, high, moving bytes.Buffer
	var level slog.LevelVar
	level.Set(logging.LevelCritical)
	logger := newLogger(t,
		logging.Stream{Writer: &low, Level: logging.LevelDebug},
		logging.Null{},
		logging.Stream{Writer: &high, Level: logging.LevelError},
		logging.Stream{Writer: &moving, Level: &level},
	)

	logger.Debug("first")
	logger.Warn("second")
	level.Set(logging.LevelDebug)
	logger.Error("third")

	got := []int{lines(low.String()), lines(high.String()), lines(moving.String())}
	if diff := cmp.Diff([]int{3, 1, 1}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func lines(s string) int { return strings.Count(s, "\n") }

func TestNullIsDisabled(t *testing.T) {
	logger := newLogger(t, logging.Null{})
	if logger.Enabled(context.Background(), logging.LevelCritical) {
		t.Error("a log that goes nowhere is enabled")
	}
}

// Times are UTC with three fraction digits in every format, the record's as
// well as those among the attributes, at any depth.
func TestTimesAreUTCMilliseconds(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 15, 21, 400_999_999, time.FixedZone("CET", 3600))
	const want = "2026-03-02T09:15:21.400Z"
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			var out bytes.Buffer
			handler := newLogger(t, l.stream(&out)).Handler()
			handler = handler.WithAttrs([]slog.Attr{slog.Time("with", at)})
			r := slog.NewRecord(at, logging.LevelInfo, "times", 0)
			r.AddAttrs(slog.Time("detected", at), slog.Group("g", slog.Time("in", at)))
			if err := handler.Handle(context.Background(), r); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(out.String(), want); n != 4 {
				t.Errorf("%s is there %d times instead of 4: %q", want, n, out.String())
			}
		})
	}
}

// brokenOpen is a handler that cannot be opened, or opens as something useless.
type brokenOpen struct{ err error }

func (b brokenOpen) Open() (slog.Handler, io.Closer, error) { return nil, nil, b.err }

func TestNewReportsAllAndClosesTheRest(t *testing.T) {
	errFull := errors.New("no room")
	good := &closeCounter{}
	log, err := logging.New(logging.Options{Handlers: []logging.Handler{
		good,
		brokenOpen{errFull},
		nil,
		brokenOpen{},
		logging.Stream{Format: 7},
		logging.Stream{Color: -1},
		logging.File{},
	}})
	if log != nil || err == nil {
		t.Fatalf("New = %v, %v", log, err)
	}
	for _, want := range []string{
		"logging: handlers[1]: no room",
		"logging: handlers[2]: is nil",
		"logging: handlers[3]: logging_test.brokenOpen opened as nil",
		"logging: handlers[4]: format 7: must be FormatText or FormatJSON",
		"logging: handlers[5]: color -1: must be ColorAuto, ColorNever or ColorAlways",
		`logging: handlers[6]: file "": `,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q:\n%v", want, err)
		}
	}
	if !errors.Is(err, errFull) {
		t.Error("the cause is not wrapped")
	}
	if good.closed != 1 {
		t.Errorf("the handler that did open was closed %d times", good.closed)
	}
}

// closeCounter is a handler that counts how often it is closed.
type closeCounter struct {
	closed int
	err    error
}

func (c *closeCounter) Open() (slog.Handler, io.Closer, error) { return slog.DiscardHandler, c, nil }

func (c *closeCounter) Close() error {
	c.closed++
	return c.err
}

func TestCloseOnceAndOnlyItsOwn(t *testing.T) {
	errSync := errors.New("sync failed")
	own := &closeCounter{err: errSync}
	given := &closingWriter{}
	log, err := logging.New(logging.Options{Handlers: []logging.Handler{own, logging.Stream{Writer: given}}})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := log.Close(); !errors.Is(err, errSync) {
			t.Errorf("Close = %v", err)
		}
	}
	if own.closed != 1 || given.closed {
		t.Errorf("own closed %d times, the given writer: %v", own.closed, given.closed)
	}
	got := stderr(t)
	log.Logger().Info("after")
	if lines(given.String()) != 0 || log.Failures() != 1 || !strings.Contains(got(), "file already closed") {
		t.Errorf("%q is written after Close, and %d failures are counted", given.String(), log.Failures())
	}
}

type closingWriter struct {
	bytes.Buffer
	closed bool
}

func (w *closingWriter) Close() error {
	w.closed = true
	return nil
}

func TestConcurrentUse(t *testing.T) {
	const workers, each = 8, 200
	var text, colored bytes.Buffer
	name := filepath.Join(t.TempDir(), "p.log")
	log := newLog(t,
		logging.Stream{Writer: &text},
		logging.Stream{Writer: &colored, Color: logging.ColorAlways},
		logging.File{Filename: name, Format: logging.FormatJSON},
	)
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			logger := prompt(log).With("worker", worker).WithGroup("g")
			for i := range each {
				logger.Info("line\n", "i", i, "text", "\x1b[2J")
				_ = log.Failures()
			}
		})
	}
	wg.Wait()
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if log.Failures() != 0 {
		t.Errorf("%d failures", log.Failures())
	}
	for _, out := range []string{text.String(), colored.String(), read(t, name)} {
		if lines(out) != workers*each {
			t.Errorf("%d lines, want %d", lines(out), workers*each)
		}
	}
	for line := range strings.Lines(read(t, name)) {
		if !json.Valid([]byte(line)) {
			t.Fatalf("not JSON: %q", line)
		}
	}
}
