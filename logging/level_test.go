package logging_test

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/step-its/producer/logging"
)

func TestParseLevel(t *testing.T) {
	tests := []struct {
		name string
		want slog.Level
	}{
		{"DEBUG", -4},
		{"INFO", 0},
		{"WARNING", 4},
		{"ERROR", 8},
		{"CRITICAL", 12},
		{"debug", -4},
		{"Warning", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := logging.ParseLevel(tt.name)
			if err != nil || got != tt.want {
				t.Errorf("ParseLevel(%q) = %d, %v, want %d", tt.name, got, err, tt.want)
			}
			if name := logging.LevelName(got); name != strings.ToUpper(tt.name) {
				t.Errorf("LevelName(%d) = %s", got, name)
			}
		})
	}
}

func TestParseLevelRefusesOtherNames(t *testing.T) {
	for _, name := range []string{"", "WARN", "ERROR+4", "FATAL", "12", " INFO", "INFO\n"} {
		_, err := logging.ParseLevel(name)
		if err == nil || !strings.Contains(err.Error(), "must be DEBUG, INFO, WARNING, ERROR or CRITICAL") {
			t.Errorf("ParseLevel(%q): %v", name, err)
		}
	}
}

// The five names are the only ones that any format writes, for the level of the
// record as well as for a level among the attributes.
func TestLevelNamesInEveryFormat(t *testing.T) {
	tests := []struct {
		level slog.Level
		want  string
	}{
		{-4, "DEBUG"},
		{-1, "DEBUG"},
		{0, "INFO"},
		{2, "INFO"},
		{4, "WARNING"},
		{7, "WARNING"},
		{8, "ERROR"},
		{11, "ERROR"},
		{12, "CRITICAL"},
		{100, "CRITICAL"},
	}
	names := regexp.MustCompile(`[A-Z]{3,}[+-]?\d*`)
	for _, l := range layouts {
		for _, tt := range tests {
			t.Run(l.name+"/"+tt.want, func(t *testing.T) {
				var out bytes.Buffer
				logger := newLogger(t, l.stream(&out))
				logger.With("a", tt.level).Log(context.Background(), tt.level, "x", slog.Group("g", "b", tt.level))
				got := names.FindAllString(out.String(), -1)
				if strings.Join(got, " ") != strings.Join([]string{tt.want, tt.want, tt.want}, " ") {
					t.Errorf("level %d: names %q in %q", tt.level, got, out.String())
				}
			})
		}
	}
}

func TestLevelNameBelowDebug(t *testing.T) {
	if got := logging.LevelName(-100); got != "DEBUG" {
		t.Errorf("LevelName(-100) = %s", got)
	}
}
