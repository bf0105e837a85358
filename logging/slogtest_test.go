package logging_test

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/step-its/producer/logging"
)

// The handlers obey the rules of slog, alone as well as beside another one.
func TestHandlersObeySlog(t *testing.T) {
	tests := []struct {
		name   string
		format logging.Format
		others []logging.Handler
		parse  func(*testing.T, string) map[string]any
	}{
		{"text", logging.FormatText, nil, parseText},
		{"json", logging.FormatJSON, nil, parseJSON},
		{"text-beside-null", logging.FormatText, []logging.Handler{logging.Null{}}, parseText},
		{"json-beside-null", logging.FormatJSON, []logging.Handler{logging.Null{}}, parseJSON},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var name string
			slogtest.Run(t, func(t *testing.T) slog.Handler {
				name = filepath.Join(t.TempDir(), "p.log")
				file := logging.File{Filename: name, Format: tt.format}
				return newLogger(t, append(tt.others, file)...).Handler()
			}, func(t *testing.T) map[string]any {
				return tt.parse(t, read(t, name))
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
