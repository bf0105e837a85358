package logging

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strconv"
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

// TimeFormat is how the time of a record is written. Times among its attributes are
// always as in TimeRFC3339.
type TimeFormat int

const (
	// TimeRFC3339 is UTC with milliseconds: 2026-03-02T09:15:21.400Z. It is the
	// default.
	TimeRFC3339 TimeFormat = iota
	// TimeUnix is seconds since 1970 with three decimals: 1772442921.400.
	TimeUnix
)

// layout is the form of the lines of a handler.
type layout struct {
	level  slog.Leveler // nil is INFO
	format Format
	times  TimeFormat
}

func (l layout) check() error {
	if l.format != FormatText && l.format != FormatJSON {
		return fmt.Errorf("format %d: must be FormatText or FormatJSON", int(l.format))
	}
	if l.times != TimeRFC3339 && l.times != TimeUnix {
		return fmt.Errorf("time format %d: must be TimeRFC3339 or TimeUnix", int(l.times))
	}
	return nil
}

// timeLayout writes RFC 3339 with all three fraction digits. [time.RFC3339Nano]
// and with it the JSON of slog drop trailing zeros, so that lines do not sort.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// form returns what writes lines of the layout to w, without colour.
func (l layout) form(w io.Writer) (slog.Handler, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	opts := &slog.HandlerOptions{Level: l.level, ReplaceAttr: l.render}
	if l.format == FormatJSON {
		return slog.NewJSONHandler(lineWriter{w}, opts), nil
	}
	return slog.NewTextHandler(lineWriter{w}, opts), nil
}

// render writes times and levels the same way in every format, wherever in a
// record they are.
func (l layout) render(groups []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindTime:
		if l.times == TimeUnix && len(groups) == 0 && a.Key == slog.TimeKey {
			a.Value = l.seconds(a.Value.Time())
			break
		}
		a.Value = slog.StringValue(formatTime(a.Value.Time()))
	case slog.KindAny:
		if level, ok := a.Value.Any().(slog.Level); ok {
			a.Value = slog.StringValue(LevelName(level))
		}
	}
	return a
}

// seconds returns the time since 1970; to JSON it is a number.
func (l layout) seconds(t time.Time) slog.Value {
	text := strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64)
	if l.format == FormatJSON {
		return slog.AnyValue(json.Number(text))
	}
	return slog.StringValue(text)
}

func formatTime(t time.Time) string { return t.UTC().Format(timeLayout) }
