package logging_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/step-its/producer/logging"
)

// hostile are texts that would begin a line, steer a terminal or hide
// something, if they reached the output as they are.
var hostile = []struct{ name, text string }{
	{"newline", "a\ntime=2026-03-02T09:15:21.400Z level=CRITICAL msg=forged"},
	{"carriage-return", "a\rlevel=CRITICAL"},
	{"escape", "a\x1b[2J\x1b]0;title\ab"},
	{"escape-in-a-word", "\x1b[8mhidden"},
	{"escape-spelled-out", `\x1b[2J and quoted`},
	{"escape-spelled-out-twice", `\\x1b[2J "quoted"`},
	{"escape-spelled-in-a-word", `\x1b[2J`},
	{"delete", "abc\x7f\x7f\x7f"},
	{"c1-csi", "a\u009b2Jb"},
	{"bidi-override", "a\u202eb"},
	{"line-separator", "a\u2028b\u0085c"},
	{"zero-width", "a\u200b\ufeffb"},
	{"tag", "a\U000e0041b"},
	{"nul", "a\x00b"},
	{"invalid-utf8", "a\x9b2J\xff\xfeb"},
	{"quotes", `a" level="CRITICAL`},
	{"braces", `"},{"level":"CRITICAL","msg":"`},
	{"backspace", "abc\b\b\b"},
}

type textMarshaler string

func (m textMarshaler) MarshalText() ([]byte, error) { return []byte(m), nil }

type failingMarshaler string

func (m failingMarshaler) MarshalText() ([]byte, error) { return nil, errors.New(string(m)) }

type panickingMarshaler string

func (m panickingMarshaler) MarshalText() ([]byte, error) { panic(string(m)) }

type logValuer string

func (v logValuer) LogValue() slog.Value { return slog.GroupValue(slog.String(string(v), string(v))) }

type jsonMarshaler string

func (m jsonMarshaler) MarshalJSON() ([]byte, error) {
	quoted, err := json.Marshal(string(m))
	return append(quoted, "\n\n"...), err
}

// logEverywhere puts a text into every place of a record.
func logEverywhere(logger *slog.Logger, text string) {
	logger.With(text, text).WithGroup(text).With("in", text).Info(text,
		text, text,
		"error", errors.New(text),
		"bytes", []byte(text),
		"struct", struct{ Field string }{text},
		"slice", []string{text, text},
		"marshaler", textMarshaler(text),
		"failing", failingMarshaler(text),
		"panicking", panickingMarshaler(text),
		"json", jsonMarshaler(text),
		"raw", json.RawMessage("\"\x9b\xff\u009b\""),
		"valuer", logValuer(text),
		slog.Group(text, text, text),
	)
}

// A value that stands for itself in JSON reads the same in colour.
func TestRawJSONInColor(t *testing.T) {
	var out bytes.Buffer
	logger := newLogger(t, logging.Stream{Writer: &out, Color: logging.ColorAlways})
	logger.Info("refused", "input", json.RawMessage(`{"a":1}`))
	if want := `"{\"a\":1}"` + "\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q, want it to end in %q", out.String(), want)
	}
}

// written returns the output of one record with text everywhere.
func written(t testing.TB, l layout, text string) string {
	t.Helper()
	var out bytes.Buffer
	log := newLog(t, l.stream(&out))
	logEverywhere(prompt(log), text)
	if n := log.Failures(); n != 0 {
		t.Errorf("%d failures", n)
	}
	return out.String()
}

// checkLine fails unless out is one line of visible characters with just as
// many escape sequences as the harmless line has.
func checkLine(t testing.TB, out, harmless string) {
	t.Helper()
	line, ok := strings.CutSuffix(out, "\n")
	if !ok {
		t.Errorf("no newline at the end of %q", out)
	}
	if got, want := strings.Count(line, "\x1b"), strings.Count(harmless, "\x1b"); got != want {
		t.Errorf("%d escape sequences instead of %d in %q", got, want, line)
	}
	for _, r := range strings.ReplaceAll(line, "\x1b", "") {
		if !unicode.IsPrint(r) {
			t.Errorf("%U in %q", r, line)
		}
	}
	if !utf8.ValidString(line) {
		t.Errorf("not UTF-8: %q", line)
	}
}

func TestForgedTextStaysInItsLine(t *testing.T) {
	for _, l := range layouts {
		harmless := written(t, l, "harmless")
		for _, h := range hostile {
			t.Run(l.name+"/"+h.name, func(t *testing.T) {
				out := written(t, l, h.text)
				checkLine(t, out, harmless)
				if l.name == "json" && !json.Valid([]byte(out)) {
					t.Errorf("not JSON: %q", out)
				}
			})
		}
	}
}

func FuzzOneVisibleLine(f *testing.F) {
	for _, h := range hostile {
		f.Add(h.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			return // an empty group name is no group: fewer keys, fewer colours
		}
		for _, l := range layouts {
			checkLine(t, written(t, l, text), written(t, l, "harmless"))
		}
	})
}

// Escaping loses nothing: who reads the JSON gets the text that was logged.
func TestJSONKeepsTheText(t *testing.T) {
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			var out bytes.Buffer
			newLogger(t, logging.Stream{Writer: &out, Format: logging.FormatJSON}).Info(h.text, "v", h.text)
			var line struct{ Msg, V string }
			if err := json.Unmarshal(out.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			want := string([]rune(h.text)) // every invalid byte is U+FFFD
			if line.Msg != want || line.V != want {
				t.Errorf("got %q and %q, want %q", line.Msg, line.V, want)
			}
		})
	}
}

// What a reader sees of a hostile text on a coloured console.
func TestColorShowsWhatItMends(t *testing.T) {
	tests := []struct{ name, text, message, value string }{
		{"harmless", "cafe", "cafe", "cafe"},
		{"letters", "café", "café", "café"},
		{"escape", "\x1b[2J", `"\x1b[2J"`, "^[[2J"},
		{"escape-in-quotes", "a \x1b[2J", `"a \x1b[2J"`, `"a ^[[2J"`},
		{"delete", "a\x7f", `"a\x7f"`, "a^?"},
		{"newline", "a\nb", `"a\nb"`, `"a\nb"`},
		{"spelled-out", `\x1b`, `\x1b`, `\x1B`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			logger := newLogger(t, logging.Stream{Writer: &out, Color: logging.ColorAlways})
			logger.Info(tt.text, "k", tt.text)
			want := tt.message + " \x1b[2mk=\x1b[0m" + tt.value + "\n"
			if !strings.HasSuffix(out.String(), " "+want) {
				t.Errorf("got %q, want it to end in %q", out.String(), want)
			}
		})
	}
}
