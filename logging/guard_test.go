package logging_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/step-its/producer/logging"
)

// writerFunc is a writer made of a function.
type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// A writer that fails in any way costs its own handler the record and nobody
// else: the other handlers get all of them, the caller sees nothing, the
// failures are counted and the first is told.
func TestBrokenWriterHarmsNobodyElse(t *testing.T) {
	tests := []struct {
		name, told string
		write      writerFunc
	}{
		{"panics", `"panic: disk on\nfire"`, func([]byte) (int, error) { panic("disk on\nfire") }},
		{"fails", `"no space"`, func([]byte) (int, error) { return 0, errors.New("no space") }},
		{"is-short", `"short write"`, func(p []byte) (int, error) { return len(p) / 2, nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			told := stderr(t)
			var before, after bytes.Buffer
			log := newLog(t,
				logging.Stream{Writer: &before},
				logging.Stream{Writer: tt.write},
				logging.Stream{Writer: &after},
			)
			logger := prompt(log).With("a", 1).WithGroup("g")
			for range 3 {
				logger.Info("line", "b", 2)
			}
			if lines(before.String()) != 3 || lines(after.String()) != 3 {
				t.Errorf("the others got %q and %q", before.String(), after.String())
			}
			if got := log.Failures(); got != 3 {
				t.Errorf("Failures = %d, want 3", got)
			}
			want := "logging: handlers[1] (logging.Stream) failed: " + tt.told + "; its further failures are only counted\n"
			if got := told(); got != want {
				t.Errorf("standard error got %q, want %q", got, want)
			}
		})
	}
}

// The lock that a handler holds while it writes is released when the writer
// panics, with and without colour.
func TestWriterMayRecoverFromPanic(t *testing.T) {
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			stderr(t)
			var out bytes.Buffer
			calls := 0
			log := newLog(t, l.stream(writerFunc(func(p []byte) (int, error) {
				if calls++; calls == 1 {
					panic("once")
				}
				return out.Write(p)
			})))
			prompt(log).Info("lost")
			prompt(log).Info("kept")
			if lines(out.String()) != 1 || !strings.Contains(out.String(), "kept") || log.Failures() != 1 {
				t.Errorf("%d failures, got %q", log.Failures(), out.String())
			}
		})
	}
}

// After half a line the next one starts afresh instead of continuing it.
func TestTornLineIsClosed(t *testing.T) {
	stderr(t)
	var out bytes.Buffer
	room := 10
	log := newLog(t, logging.Stream{
		Format: logging.FormatJSON,
		Writer: writerFunc(func(p []byte) (int, error) {
			if len(p) > room {
				n, _ := out.Write(p[:room])
				room = 0
				return n, errors.New("no space left")
			}
			return out.Write(p)
		}),
	})
	prompt(log).Info("torn")
	prompt(log).Info("lost")
	room = 1000
	prompt(log).Info("whole")
	prompt(log).Info("next")

	got := strings.Split(out.String(), "\n")
	if len(got) != 4 || got[0] != `{"time":"2` || !strings.HasPrefix(got[1], `{"time":"`) ||
		!strings.Contains(got[1], "whole") || !strings.Contains(got[2], "next") || got[3] != "" {
		t.Errorf("got %q", got)
	}
	if log.Failures() != 2 {
		t.Errorf("Failures = %d, want 2", log.Failures())
	}
}

// wild is a handler whose methods panic one by one.
type wild struct {
	slog.Handler
	in string
}

func (w wild) Open() (slog.Handler, io.Closer, error) { return w, nil, nil }

func (w wild) Enabled(ctx context.Context, level slog.Level) bool {
	w.at("Enabled")
	return w.Handler.Enabled(ctx, level)
}

func (w wild) Handle(ctx context.Context, r slog.Record) error {
	w.at("Handle")
	return w.Handler.Handle(ctx, r)
}

func (w wild) WithAttrs(attrs []slog.Attr) slog.Handler {
	w.at("WithAttrs")
	clear(attrs) // a handler owns the slice it gets
	return w
}

func (w wild) WithGroup(string) slog.Handler {
	w.at("WithGroup")
	return w
}

func (w wild) at(method string) {
	if w.in == method {
		panic(errors.New("wild"))
	}
}

// Every method of a handler of one's own is guarded. Where With fails the line
// still comes, without what was to be added.
func TestEveryMethodIsGuarded(t *testing.T) {
	tests := []struct {
		in    string
		lines int
		least uint64
	}{
		{"Enabled", 0, 1}, {"Handle", 0, 1}, {"WithAttrs", 1, 1}, {"WithGroup", 1, 1}, {"none", 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			told := stderr(t)
			var out, other bytes.Buffer
			log := newLog(t,
				wild{slog.NewTextHandler(&out, nil), tt.in},
				logging.Stream{Writer: &other},
			)
			prompt(log).With("a", 1).WithGroup("g").Info("line", "b", 2)
			if lines(out.String()) != tt.lines {
				t.Errorf("got %q, want %d lines", out.String(), tt.lines)
			}
			if !strings.HasSuffix(other.String(), "msg=line a=1 g.b=2\n") {
				t.Errorf("the other handler got %q", other.String())
			}
			if log.Failures() < tt.least || lines(told()) != int(tt.least) {
				t.Errorf("%d failures, standard error got %q", log.Failures(), told())
			}
		})
	}
}
