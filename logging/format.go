package logging

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Format is how a record becomes a line.
type Format int

const (
	// FormatText is key=value pairs: time=… level=INFO msg="…" pair=17/23.
	// It is the default.
	FormatText Format = iota
	// FormatJSON is one JSON object a line.
	FormatJSON
)

func (f Format) check() error {
	if f != FormatText && f != FormatJSON {
		return fmt.Errorf("format %d: must be FormatText or FormatJSON", int(f))
	}
	return nil
}

// timeLayout writes RFC 3339 with all three fraction digits. [time.RFC3339Nano]
// and with it the JSON of slog drop trailing zeros, so that lines do not sort.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// newHandler returns what writes lines of a format to w, without colour. Every
// handler that ends in an io.Writer uses it. A nil level is INFO.
func newHandler(w io.Writer, format Format, level slog.Leveler) (slog.Handler, error) {
	if err := format.check(); err != nil {
		return nil, err
	}
	opts := &slog.HandlerOptions{Level: level, ReplaceAttr: render}
	if format == FormatJSON {
		return slog.NewJSONHandler(&lineWriter{w: w}, opts), nil
	}
	return slog.NewTextHandler(&lineWriter{w: w}, opts), nil
}

// render writes times and levels the same way in every format, wherever in a
// record they are.
func render(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindTime:
		a.Value = slog.StringValue(formatTime(a.Value.Time()))
	case slog.KindAny:
		if level, ok := a.Value.Any().(slog.Level); ok {
			a.Value = slog.StringValue(LevelName(level))
		}
	}
	return a
}

func formatTime(t time.Time) string { return t.UTC().Format(timeLayout) }
