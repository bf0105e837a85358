package logging

import (
	"context"
	"encoding"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/lmittmann/tint"
)

// A terminal writes coloured text through tint. It stands in front of tint, not
// behind it, because behind it nobody can tell tint's own escape sequences from
// those that came with a value. Of the text it is given, tint
//
//   - writes messages as they are, newlines included;
//   - quotes keys and values, but exempts ESC and DEL;
//   - turns the four characters \x1b into a real ESC when it quotes them.
//
// A terminal holds no state and is as safe for concurrent use as tint.
type terminal struct{ tint slog.Handler }

func (l layout) terminal(w io.Writer) (slog.Handler, error) {
	return terminal{tint.NewTextHandler(w, &tint.Options{Level: l.level, ReplaceAttr: l.colorLevel})}, l.check()
}

// colorLevel renders times and levels as all formats do, and colours the level
// of the record.
func (l layout) colorLevel(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.LevelKey && a.Value.Kind() == slog.KindAny {
		if level, ok := a.Value.Any().(slog.Level); ok {
			return tint.Attr(levelColor(level), slog.String(a.Key, LevelName(level)))
		}
	}
	return l.render(groups, a)
}

// levelColor returns one of the bright ANSI colours.
func levelColor(level slog.Level) uint8 {
	switch {
	case level >= LevelCritical:
		return 13 // magenta
	case level >= LevelError:
		return 9 // red
	case level >= LevelWarning:
		return 11 // yellow
	case level >= LevelInfo:
		return 10 // green
	}
	return 12 // blue
}

func (t terminal) Enabled(ctx context.Context, level slog.Level) bool {
	return t.tint.Enabled(ctx, level)
}

func (t terminal) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, cleanMessage(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(cleanAttr(a))
		return true
	})
	return t.tint.Handle(ctx, clean)
}

func (t terminal) WithAttrs(attrs []slog.Attr) slog.Handler {
	return terminal{t.tint.WithAttrs(cleanAttrs(attrs))}
}

func (t terminal) WithGroup(name string) slog.Handler {
	return terminal{t.tint.WithGroup(cleanWord(name))}
}

func cleanAttrs(attrs []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = cleanAttr(a)
	}
	return clean
}

// cleanAttr turns every value whose text is not known to be harmless into that
// text, cleaned. The zero Attr stays as it is, for handlers to ignore.
func cleanAttr(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	if a.Equal(slog.Attr{}) {
		return a
	}
	a = layout{}.render(nil, a)
	a.Key = cleanWord(a.Key)
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(cleanWord(a.Value.String()))
	case slog.KindAny:
		a.Value = slog.StringValue(cleanWord(textOf(a.Value.Any())))
	case slog.KindGroup:
		a.Value = slog.GroupValue(cleanAttrs(a.Value.Group())...)
	}
	return a
}

// textOf returns the text that slog's own text format writes for v, also where
// v panics, which is most often a nil pointer.
func textOf(v any) (text string) {
	defer func() {
		if cause := recover(); cause != nil {
			text = fmt.Sprintf("!PANIC: %v", cause)
		}
	}()
	if m, ok := v.(encoding.TextMarshaler); ok {
		data, err := m.MarshalText()
		if err != nil {
			return "!ERROR:" + err.Error()
		}
		return string(data)
	}
	// By reflection, so that a json.RawMessage is not a list of numbers.
	if s := reflect.ValueOf(v); s.Kind() == reflect.Slice && s.Type().Elem().Kind() == reflect.Uint8 {
		return string(s.Bytes())
	}
	return fmt.Sprintf("%+v", v)
}

// cleanMessage quotes a message that does not consist of visible characters.
func cleanMessage(message string) string {
	for _, r := range message {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return strconv.Quote(message)
		}
	}
	return message
}

// wordCleaner mends the three things that tint's quoting lets through. The
// notation of ESC and DEL is that of cat -v: one with a backslash would be
// quoted once more. \x1B is the same escape as \x1b, but tint does not know it.
var wordCleaner = strings.NewReplacer("\x1b", "^[", "\x7f", "^?", `\x1b`, `\x1B`)

// cleanWord prepares a key or a value for tint.
func cleanWord(word string) string {
	if !strings.ContainsAny(word, "\x1b\x7f\\") {
		return word
	}
	return wordCleaner.Replace(word)
}
