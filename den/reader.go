package den

import (
	"bytes"
	"io"
	"math"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxMessageSize is the largest message that is decoded, in bytes. Larger ones
// are refused before they are looked at.
const MaxMessageSize = 1 << 20

// maxDepth bounds the nesting of a message. A DENM needs seven levels inside
// its envelope; what is deeper can only be meant to exhaust somebody's stack.
const maxDepth = 32

// reader walks through one JSON text value by value. It is strict in form,
// because the jsontext decoder is: duplicate keys, invalid UTF-8 and trailing
// data are errors. It does not build trees and, on its own, allocates nothing.
type reader struct {
	dec jsontext.Decoder
	src bytes.Buffer
}

var readers = sync.Pool{New: func() any { return new(reader) }}

// read runs the decoding function over data, which must hold exactly one JSON
// value, and recycles the reader afterwards.
func read(data []byte, decode func(r *reader) error) error {
	if len(data) > MaxMessageSize {
		return problem("the message has " + strconv.Itoa(len(data)) + " bytes; at most " + strconv.Itoa(MaxMessageSize) + " are read")
	}
	r := readers.Get().(*reader)
	defer readers.Put(r)
	r.src = *bytes.NewBuffer(data)
	r.dec.Reset(&r.src)
	err := decode(r)
	if err == nil {
		err = r.end()
	}
	r.src = bytes.Buffer{} // the caller's bytes are the caller's again
	r.dec.Reset(&r.src)
	return err
}

func (r *reader) end() error {
	switch _, err := r.dec.ReadToken(); {
	case err == io.EOF:
		return nil
	case err != nil:
		return syntaxError(err)
	}
	return problem("there is more after the end of the message")
}

// path returns the path of the value read last.
func (r *reader) path() string { return dotted(r.dec.StackPointer()) }

// fail returns the error that the value just read is wrong.
func (r *reader) fail(want string, found []byte) error {
	return &FieldError{Path: r.path(), Problem: want + " but is " + describe(found)}
}

// describe names a JSON value in an error text.
func describe(found []byte) string {
	switch jsontext.Value(found).Kind() {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return quoted(found)
	}
	return clipped(string(found))
}

// value reads the next value whole and returns its text, which is valid until
// the next call.
func (r *reader) value() ([]byte, error) {
	v, err := r.dec.ReadValue()
	if err != nil {
		return nil, syntaxError(err)
	}
	return v, nil
}

// open reads the start of an object or array; begin is '{' or '['.
func (r *reader) open(begin jsontext.Kind) error {
	if r.dec.PeekKind() != begin {
		v, err := r.value()
		if err != nil {
			return err
		}
		if begin == '{' {
			return r.fail("must be an object", v)
		}
		return r.fail("must be an array", v)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	return nil
}

// close reads the end of the object or array.
func (r *reader) close() error {
	if _, err := r.dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	return nil
}

// more reports whether the open object or array has another member. A syntax
// error counts as one; reading the member will tell it.
func (r *reader) more() bool {
	kind := r.dec.PeekKind()
	return kind != '}' && kind != ']'
}

// skip passes over the next value, however it is built, within maxDepth.
func (r *reader) skip() error {
	depth := r.dec.StackDepth()
	for {
		token, err := r.dec.ReadToken()
		if err != nil {
			return syntaxError(err)
		}
		if kind := token.Kind(); (kind == '{' || kind == '[') && r.dec.StackDepth() > maxDepth {
			return &FieldError{Path: r.path(), Problem: "is nested deeper than " + strconv.Itoa(maxDepth) + " levels"}
		}
		if r.dec.StackDepth() == depth {
			return nil
		}
	}
}

// null reads a null if there is one.
func (r *reader) null() (bool, error) {
	if r.dec.PeekKind() != 'n' {
		return false, nil
	}
	_, err := r.value()
	return err == nil, err
}

// unquote returns the text of a valid JSON string. Only one with an escape in
// it costs an allocation.
func unquote(v []byte) []byte {
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1]
	}
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return nil // not reached: the decoder has accepted the string
	}
	return text
}

// integer reads a whole number within s. Senders whose numbers are all floating
// point may write it as 7.0 or 7e0.
func (r *reader) integer(s span) (int64, error) {
	v, err := r.value()
	if err != nil {
		return 0, err
	}
	n, ok := wholeNumber(v)
	if !ok || !s.holds(n) {
		return 0, r.fail(s.want(), v)
	}
	return n, nil
}

// wholeNumber returns the whole number that v spells, if it does: the text of a
// JSON value, or what stands inside a string.
func wholeNumber(v []byte) (int64, bool) {
	digits := bytes.TrimPrefix(v, []byte("-"))
	if len(digits) == 0 || digits[0] < '0' || digits[0] > '9' {
		return 0, false
	}
	n := int64(0)
	for _, c := range digits {
		if c < '0' || c > '9' || n > math.MaxInt64/10-1 {
			return wholeFloat(v)
		}
		n = n*10 + int64(c-'0')
	}
	if v[0] == '-' {
		n = -n
	}
	return n, true
}

func wholeFloat(v []byte) (int64, bool) {
	if !jsontext.Value(v).IsValid() {
		return 0, false // such as 0x1p4, which ParseFloat would take
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// timestamp reads an ITS time.
func (r *reader) timestamp() (Timestamp, error) {
	v, err := r.value()
	if err != nil {
		return 0, err
	}
	var t Timestamp
	if v[0] != '"' || t.UnmarshalText(unquote(v)) != nil {
		return 0, r.fail(wantTime, v)
	}
	return t, nil
}
