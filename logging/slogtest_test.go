package logging_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/step-its/producer/logging"
)

// The handlers obey the rules of slog, in every format, alone as well as beside another
// one.
func TestHandlersObeySlog(t *testing.T) {
	file := func(format logging.Format) func(*testing.T) (logging.Handler, func() string) {
		return func(t *testing.T) (logging.Handler, func() string) {
			name := filepath.Join(t.TempDir(), "p.log")
			return logging.File{Filename: name, Format: format}, func() string { return read(t, name) }
		}
	}
	color := func(*testing.T) (logging.Handler, func() string) {
		var out bytes.Buffer
		return logging.Stream{Writer: &out, Color: logging.ColorAlways}, out.String
	}
	syslog := func(t *testing.T) (logging.Handler, func() string) {
		address, messages := receiver(t, "udp", "127.0.0.1:0")
		return logging.Syslog{Network: "udp", Address: address, Tag: "p"}, func() string { return next(t, messages) }
	}
	beside := []logging.Handler{logging.Null{}}
	tests := []struct {
		name   string
		open   func(*testing.T) (h logging.Handler, line func() string)
		others []logging.Handler
		parse  func(*testing.T, string) map[string]any
	}{
		{"text", file(logging.FormatText), nil, parseText},
		{"json", file(logging.FormatJSON), nil, parseJSON},
		{"color", color, nil, parseColor},
		{"syslog", syslog, nil, parseSyslog},
		{"text-beside-null", file(logging.FormatText), beside, parseText},
		{"json-beside-null", file(logging.FormatJSON), beside, parseJSON},
		{"color-beside-null", color, beside, parseColor},
		{"syslog-beside-null", syslog, beside, parseSyslog},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var line func() string
			slogtest.Run(t, func(t *testing.T) slog.Handler {
				var h logging.Handler
				h, line = tt.open(t)
				return newLogger(t, append(tt.others, h)...).Handler()
			}, func(t *testing.T) map[string]any {
				return tt.parse(t, line())
			})
		})
	}
}

func parseJSON(t *testing.T, line string) map[string]any {
	t.Helper()
	var attrs map[string]any
	if err := json.Unmarshal([]byte(line), &attrs); err != nil {
		t.Fatal(err)
	}
	return attrs
}

var (
	escape       = regexp.MustCompile("\x1b\\[[0-9;]*m")
	coloredStart = regexp.MustCompile(`^(?:(\d{4}-\S+Z) )?([A-Z]+) (\S+) ?`)
	syslogStart  = regexp.MustCompile(`^<\d+>\S+ \S+ p\[\d+\]: `)
)

// parseColor reads the time, the level, the message and then what text has, too.
func parseColor(t *testing.T, line string) map[string]any {
	t.Helper()
	if !escape.MatchString(line) {
		t.Fatalf("%q has no colour", line)
	}
	line = escape.ReplaceAllString(line, "")
	start := coloredStart.FindStringSubmatch(line)
	if start == nil {
		t.Fatalf("%q does not begin as it should", line)
	}
	attrs := parseText(t, strings.TrimPrefix(line, start[0]))
	attrs[slog.LevelKey], attrs[slog.MessageKey] = start[2], start[3]
	if start[1] != "" {
		attrs[slog.TimeKey] = start[1]
	}
	return attrs
}

func parseSyslog(t *testing.T, line string) map[string]any {
	t.Helper()
	header := syslogStart.FindString(line)
	if header == "" {
		t.Fatalf("%q has no header", line)
	}
	return parseText(t, strings.TrimPrefix(line, header))
}

// parseText reads key=value pairs; a dot in a key opens a group.
func parseText(t *testing.T, line string) map[string]any {
	t.Helper()
	attrs := map[string]any{}
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimPrefix(line, " ") {
		key, rest, _ := strings.Cut(line, "=")
		value, _, _ := strings.Cut(rest, " ")
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			value = quoted
		}
		line = strings.TrimPrefix(rest, value)
		if plain, err := strconv.Unquote(value); err == nil {
			value = plain
		}
		path := strings.Split(key, ".")
		group := attrs
		for _, name := range path[:len(path)-1] {
			if group[name] == nil {
				group[name] = map[string]any{}
			}
			group = group[name].(map[string]any)
		}
		group[path[len(path)-1]] = value
	}
	return attrs
}
