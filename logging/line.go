package logging

import (
	"bytes"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// A lineWriter is the last thing a line of text or JSON passes. It makes every
// Write exactly one line of visible characters.
//
// slog escapes most of what does harm, but not all: its text format lets DEL
// through, its JSON also the controls from U+0080 to U+009F, of which one
// begins a terminal sequence as ESC [ does, and the marks that reverse the
// direction of writing.
//
// The handler in front of it holds a lock while it writes, and it holds nothing
// itself.
type lineWriter struct{ w io.Writer }

// Write writes the line p.
func (l lineWriter) Write(p []byte) (int, error) {
	if n, err := l.w.Write(escapeLine(p)); err != nil {
		return min(n, len(p)), err
	}
	return len(p), nil
}

// escapeLine returns p with all but its visible characters and the newline at
// its end as \uXXXX. That is the same character to JSON, where all of them stand
// within strings. It returns p itself if there is nothing to do.
func escapeLine(p []byte) []byte {
	body, _ := bytes.CutSuffix(p, []byte{'\n'})
	if visible(body) {
		return p
	}
	line := make([]byte, 0, len(p)+16)
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		if size == 1 && r == utf8.RuneError || !unicode.IsPrint(r) {
			line = appendEscape(line, r)
		} else {
			line = append(line, body[:size]...)
		}
		body = body[size:]
	}
	return append(line, '\n')
}

func visible(body []byte) bool {
	for i := 0; i < len(body); {
		if c := body[i]; c < utf8.RuneSelf {
			if c < ' ' || c == 0x7f {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(body[i:])
		if size == 1 || !unicode.IsPrint(r) {
			return false
		}
		i += size
	}
	return true
}

// appendEscape appends r as JSON escapes it, beyond U+FFFF in two halves.
func appendEscape(line []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	for _, u := range utf16.AppendRune(nil, r) {
		line = append(line, '\\', 'u', hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15])
	}
	return line
}
