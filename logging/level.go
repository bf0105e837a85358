package logging

import (
	"fmt"
	"log/slog"
	"strings"
)

// The levels of a log, lowest first. All but LevelCritical are those of slog
// under the names that appear in the output.
const (
	LevelDebug    = slog.LevelDebug
	LevelInfo     = slog.LevelInfo
	LevelWarning  = slog.LevelWarn
	LevelError    = slog.LevelError
	LevelCritical = slog.Level(12)
)

// levels lists the names of the levels, lowest first.
var levels = [...]struct {
	level slog.Level
	name  string
}{
	{LevelDebug, "DEBUG"},
	{LevelInfo, "INFO"},
	{LevelWarning, "WARNING"},
	{LevelError, "ERROR"},
	{LevelCritical, "CRITICAL"},
}

// ParseLevel returns the level with the given name, one of DEBUG, INFO,
// WARNING, ERROR and CRITICAL in upper or lower case. Any other text, also the
// WARN and ERROR+4 of slog, is an error that lists the five.
func ParseLevel(name string) (slog.Level, error) {
	for _, l := range levels {
		if strings.EqualFold(name, l.name) {
			return l.level, nil
		}
	}
	return 0, fmt.Errorf("logging: level %q: must be DEBUG, INFO, WARNING, ERROR or CRITICAL", name)
}

// LevelName returns the name of the highest of the five levels that is not
// above level, and DEBUG for what lies below them all.
func LevelName(level slog.Level) string {
	for i := len(levels) - 1; i > 0; i-- {
		if level >= levels[i].level {
			return levels[i].name
		}
	}
	return levels[0].name
}
