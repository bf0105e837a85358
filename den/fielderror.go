package den

import (
	"errors"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// FieldError says which field of a message is wrong and what was expected
// there. Every error of [ParseEvent], [ParseDENM], [ParseStationCollisions] and
// of the Validate methods is one; match it with errors.As.
type FieldError struct {
	// Path leads to the field, such as "stations[1].speed.value". It is empty
	// where the message as a whole is wrong.
	Path string
	// Problem says what is wrong, such as "must be 0..16383 but is 20000".
	Problem string
}

// Error returns the path and the problem.
func (e *FieldError) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return e.Path + ": " + e.Problem
}

// LogValue implements slog.LogValuer.
func (e *FieldError) LogValue() slog.Value {
	if e.Path == "" {
		return slog.GroupValue(slog.String("problem", e.Problem))
	}
	return slog.GroupValue(slog.String("field", e.Path), slog.String("problem", e.Problem))
}

func problem(text string) error { return &FieldError{Problem: text} }

// under moves an error one level out: the field it names lies inside segment.
func under(segment string, err error) error {
	if segment == "" || err == nil {
		return err
	}
	var field *FieldError
	if !errors.As(err, &field) {
		return err
	}
	switch {
	case field.Path == "":
		field.Path = segment
	case strings.HasPrefix(field.Path, "["):
		field.Path = segment + field.Path
	default:
		field.Path = segment + "." + field.Path
	}
	return field
}

func underIndex(i int, err error) error { return under("["+strconv.Itoa(i)+"]", err) }

// syntaxError tells a JSON error of the decoder as a FieldError.
func syntaxError(err error) *FieldError {
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return &FieldError{Problem: "invalid JSON: the text is empty"}
	}
	what := syntax.Err.Error()
	if errors.Is(syntax.Err, io.ErrUnexpectedEOF) {
		what = "the text ends too early"
	}
	return &FieldError{
		Path:    dotted(syntax.JSONPointer),
		Problem: "invalid JSON at byte " + strconv.FormatInt(syntax.ByteOffset, 10) + ": " + what,
	}
}

// dotted turns a JSON pointer (RFC 6901) into a path as people write it.
func dotted(pointer jsontext.Pointer) string {
	var path strings.Builder
	for token := range pointer.Tokens() {
		if path.Len() > 256 { // a hostile message may nest and name as it likes
			path.WriteString("...")
			break
		}
		if _, err := strconv.Atoi(token); err == nil && len(token) < 8 {
			path.WriteString("[" + token + "]")
			continue
		}
		if path.Len() > 0 {
			path.WriteByte('.')
		}
		path.WriteString(plain(token))
	}
	return path.String()
}

// plain returns a key of a message as it may stand in a path: as it is where it
// is a plain name, quoted and cut otherwise.
func plain(key string) string {
	if key == "" {
		return `""`
	}
	for _, c := range key {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return strconv.Quote(clipped(key))
		}
	}
	return clipped(key)
}

// quoted returns what was found, in a form that is safe in a log: quoted,
// escaped and cut.
func quoted(found []byte) string {
	if len(found) > 0 && found[0] == '"' {
		if text, err := jsontext.AppendUnquote(nil, found); err == nil {
			found = text
		}
	}
	return strconv.Quote(clipped(string(found)))
}

func clipped(text string) string {
	const most = 40
	if len(text) <= most {
		return text
	}
	return text[:most] + "..."
}
