package uper

import (
	"errors"
	"strconv"
	"strings"
)

// What a [SyntaxError] can wrap.
var (
	// ErrTruncated means that the message ends before the field does.
	ErrTruncated = errors.New("the message ends here")
	// ErrTrailing means that there are more bytes after the message.
	ErrTrailing = errors.New("there are bytes after the message")
	// ErrPadding means that the bits that fill up the last byte, of the message
	// or of an extension, are not zero.
	ErrPadding = errors.New("the bits that fill up the last byte are not zero")
	// ErrExtension means that an extension does not have the length that it
	// says, or a form that no DENM needs: more than 64 additions to one
	// container, or 16 KiB and more in one of them.
	ErrExtension = errors.New("the extension is malformed")
)

// A SyntaxError says that bytes are not the encoding of a DENM.
type SyntaxError struct {
	// Path leads to the field that was read, such as
	// "location.traces[2][5].pathDeltaTime", or to its container where it was
	// not yet clear which field it is. It is empty after the last field.
	Path string
	// Bit is where it was noticed, counted from the first bit of the message.
	Bit int
	Err error // one of the errors above
}

// Error returns the path, the problem and the position.
func (e *SyntaxError) Error() string {
	return prefixed(e.Path, e.Err.Error()+" (bit "+strconv.Itoa(e.Bit)+")")
}

// Unwrap returns Err.
func (e *SyntaxError) Unwrap() error { return e.Err }

// A RangeError says that a number, or the length of a list or text, is outside
// what ETSI allows. Marshal and Append return it for what a program set; Unmarshal
// for what the bits can say and ETSI does not define.
type RangeError struct {
	Path  string // such as "management.validityDuration"
	Value int64
	// Least and Most are the ends of the range, both allowed.
	Least, Most int64
	// Clause is where ETSI says so: the ASN.1 type, whose name is the title of its clause,
	// and the document, such as "ValidityDuration, TS 102 894-2 V1.3.1 annex A".
	Clause string
}

// Error returns the path, the value, the range and where it comes from.
func (e *RangeError) Error() string {
	return prefixed(e.Path, strconv.FormatInt(e.Value, 10)+" is not in "+
		strconv.FormatInt(e.Least, 10)+".."+strconv.FormatInt(e.Most, 10)+" ("+e.Clause+")")
}

// A ValueError says that a value is wrong in another way: a text has characters
// that its type does not have, a release has no such member, a message breaks a
// rule between its members, or the other form of the message cannot say it.
type ValueError struct {
	Path    string
	Problem string
}

// Error returns the path and the problem.
func (e *ValueError) Error() string { return prefixed(e.Path, e.Problem) }

func prefixed(path, problem string) string {
	if path == "" {
		return "uper: " + problem
	}
	return "uper: " + path + ": " + problem
}

// where returns the path to a member of the container that is walked over.
func (c *coder) where(member string) string {
	var path strings.Builder
	for _, s := range c.path[:c.depth] {
		if path.Len() > 0 && s.name != "" {
			path.WriteByte('.')
		}
		path.WriteString(s.name)
		if s.index >= 0 {
			path.WriteString("[" + strconv.Itoa(s.index) + "]")
		}
	}
	if path.Len() > 0 && member != "" {
		path.WriteByte('.')
	}
	return path.String() + member
}

func (c *coder) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	if !c.writing {
		c.stop()
	}
}

func (c *coder) outOfRange(s *span, n int64) {
	c.fail(&RangeError{Path: c.where(s.name), Value: n, Least: s.least, Most: s.most, Clause: s.clause})
}

func (c *coder) syntax(member string, err error) {
	if c.err != nil { // the position is no longer known
		return
	}
	c.fail(&SyntaxError{Path: c.where(member), Bit: c.taken(), Err: err})
}

func (c *coder) wrong(member, problem string) {
	c.fail(&ValueError{Path: c.where(member), Problem: problem})
}
