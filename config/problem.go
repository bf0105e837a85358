package config

import (
	"cmp"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Error is everything that is wrong with a configuration, in the order of the file.
// [Parse], [Load] and [Config.Validate] return it; match it with [errors.As].
type Error struct {
	File     string    // the path of the file; empty if the text came from elsewhere
	Problems []Problem // at least one; owned by the receiver of the error

	cause error // of one of them, if there is one
}

// LogValue implements slog.LogValuer: the file, and each path with its messages.
func (e *Error) LogValue() slog.Value {
	var attrs []slog.Attr
	if e.File != "" {
		attrs = append(attrs, slog.String("file", e.File))
	}
	for _, p := range e.Problems {
		attrs = append(attrs, slog.String(cmp.Or(p.Path, "problem"), p.Message))
	}
	return slog.GroupValue(attrs...)
}

// Unwrap returns why the file, or one that the configuration names, cannot be read, such
// as fs.ErrNotExist.
func (e *Error) Unwrap() error { return e.cause }

// Problem is one thing that is wrong.
type Problem struct {
	// Path is the key concerned, such as "redis.streams.inputs[0].streamId".
	// It is empty if the problem is with the file as a whole.
	Path string

	// Message says what is wrong. It never contains a secret.
	Message string
}

// Error returns the problems, one a line, after a line with the file.
func (e *Error) Error() string {
	var lines []string
	if e.File != "" {
		lines = append(lines, "config: "+e.File+":")
	}
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// String returns "path: message", or only the message if there is no path.
func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// finding is a problem whose place in the file is still known.
type finding struct {
	at      jsontext.Pointer
	message string
}

// report returns the findings as an *Error in the order of the text, or nil if there
// are none. What is missing comes where the object begins that should have it.
func (n *node) report(findings []finding) *Error {
	if len(findings) == 0 {
		return nil
	}
	slices.SortStableFunc(findings, func(a, b finding) int {
		return cmp.Compare(n.find(a.at).order, n.find(b.at).order)
	})
	e := &Error{}
	for _, f := range findings {
		e.Problems = append(e.Problems, Problem{pathText(n.asWritten(f.at)), f.message})
	}
	return e
}

// concerns reports whether one of the findings is about one of the keys, what it
// contains, or what contains it.
func concerns(findings []finding, keys ...jsontext.Pointer) bool {
	return slices.ContainsFunc(findings, func(f finding) bool {
		return slices.ContainsFunc(keys, func(key jsontext.Pointer) bool { return key.Contains(f.at) || f.at.Contains(key) })
	})
}

var (
	plainKey   = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]{0,63}$`)
	arrayIndex = regexp.MustCompile(`^[0-9]{1,9}$`)
)

// pathText writes a JSON Pointer the way people write paths. Keys that are not plain
// words are quoted, so that no key can break a line of the report.
func pathText(p jsontext.Pointer) string {
	var b strings.Builder
	for token := range p.Tokens() {
		switch {
		case arrayIndex.MatchString(token):
			b.WriteString("[" + token + "]")
		case !plainKey.MatchString(token):
			b.WriteString("[" + strconv.Quote(shorten(token)) + "]")
		case b.Len() > 0:
			b.WriteString("." + token)
		default:
			b.WriteString(token)
		}
	}
	return b.String()
}

// cited is text from the file in a message.
func cited(s string) string { return strconv.Quote(shorten(s)) }

// shorten keeps what a file may hold from flooding a report.
func shorten(s string) string {
	const most = 64
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
