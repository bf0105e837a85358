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
//
// It tries the scanner first, and begins again with jsontext when that gives up. In its
// first try an error means nothing but that.
type reader struct {
	plain   bool // it is the scanner that reads
	several bool // the array that is read has several targets, as far as its length tells
	scan    scanner
	// What was read last of its kind, in this message or in an earlier one.
	second                        second
	subject                       remembered[subject]
	sureness                      remembered[sureness]
	extents                       [16]remembered[extent] // by type of station
	states                        [128]remembered[state] // by station and object
	source, eventType, dataSchema remembered[string]

	dec jsontext.Decoder
	src bytes.Buffer
}

var readers = sync.Pool{New: func() any { return new(reader) }}

// read runs the decoding function over data, which must hold exactly one JSON
// value, once or twice: what the first run has done must not matter to the second.
func read(data []byte, decode func(r *reader) error) error {
	if len(data) > MaxMessageSize {
		return problem("the message has " + strconv.Itoa(len(data)) + " bytes; at most " + strconv.Itoa(MaxMessageSize) + " are read")
	}
	r := readers.Get().(*reader)
	defer readers.Put(r)
	if r.readPlain(data, decode) {
		return nil
	}
	return r.readAny(data, decode)
}

// readPlain reads with the scanner, and reports whether it could.
func (r *reader) readPlain(data []byte, decode func(r *reader) error) bool {
	r.plain = true
	r.scan.begin(data)
	err := decode(r)
	if err == nil {
		err = r.scan.end()
	}
	r.scan.begin(nil) // the caller's bytes are the caller's again
	r.plain = false
	return err == nil
}

// readAny reads with jsontext.
func (r *reader) readAny(data []byte, decode func(r *reader) error) error {
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
func (r *reader) path() string {
	if r.plain {
		return ""
	}
	return dotted(r.dec.StackPointer())
}

// parentPath returns the path of the object or array that is open.
func (r *reader) parentPath() string {
	if r.plain {
		return ""
	}
	return dotted(r.dec.StackPointer().Parent())
}

// peek returns the kind of the next value.
func (r *reader) peek() jsontext.Kind {
	if r.plain {
		return r.scan.kind()
	}
	return r.dec.PeekKind()
}

// offset returns where in the text the value read last ends.
func (r *reader) offset() int {
	if r.plain {
		return r.scan.pos
	}
	return int(r.dec.InputOffset())
}

// left returns how much of the text is still to be read, where that is known, and else 0.
func (r *reader) left() int {
	if r.plain {
		return len(r.scan.text) - r.scan.pos
	}
	return 0
}

// fail returns the error that the value just read is wrong.
func (r *reader) fail(want string, found []byte) error {
	if r.plain {
		return errNotPlain
	}
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
	if r.plain {
		return r.scan.value()
	}
	v, err := r.dec.ReadValue()
	if err != nil {
		return nil, syntaxError(err)
	}
	return v, nil
}

// name reads the key of a member, and returns it as value does.
func (r *reader) name() ([]byte, error) {
	if r.plain {
		return r.scan.name()
	}
	return r.value()
}

// open reads the start of an object or array; begin is '{' or '['.
func (r *reader) open(begin jsontext.Kind) error {
	if r.plain {
		return r.scan.open(byte(begin))
	}
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

// close reads the end of the object or array; end is '}' or ']'.
func (r *reader) close(end byte) error {
	if r.plain {
		return r.scan.close(end)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	return nil
}

// more reports whether the open object or array has another member. A syntax
// error counts as one; reading the member will tell it. It is asked once a member.
func (r *reader) more() bool {
	if r.plain {
		return r.scan.more()
	}
	kind := r.dec.PeekKind()
	return kind != '}' && kind != ']'
}

// skip passes over the next value, however it is built, within maxDepth.
func (r *reader) skip() error {
	if r.plain {
		_, err := r.scan.value()
		return err
	}
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
	if r.peek() != 'n' {
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

// unquote returns the text of a string that was read.
func (r *reader) unquote(v []byte) []byte {
	if r.plain { // the scanner gives up on escapes
		return v[1 : len(v)-1]
	}
	return unquote(v)
}

// integer reads a whole number within s. Senders whose numbers are all floating
// point may write it as 7.0 or 7e0.
func (r *reader) integer(s span) (int64, error) {
	if r.plain {
		r.scan.space()
		switch n, ok := r.scan.integer(); {
		case ok && s.holds(n):
			return n, nil
		case ok:
			return 0, errNotPlain
		}
	}
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
	if v[0] != '"' || t.unmarshal(r.unquote(v), &r.second) != nil {
		return 0, r.fail(wantTime, v)
	}
	return t, nil
}
