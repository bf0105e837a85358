package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Limits of a file. Real ones have some kilobytes and five levels.
const (
	maxBytes = 1 << 20
	maxDepth = 32
)

// node is a value of a JSON text, with all it contains. The root stands for the
// whole text.
//
// The nodes are a tree, not a map from path to node: a long key would be copied into
// the path of everything below it, and a small file could fill the memory.
type node struct {
	order   int64            // position in the text: a value comes before what it contains
	keyEnd  int              // of a member: where its key ends in the text
	alias   string           // of a member: its key in the text, if that is another one
	value   any              // as the schema library wants it
	text    string           // of a number, as written
	members map[string]*node // of an object
	items   []*node          // of an array
}

// readDocument reads data, which must be exactly one JSON value.
func readDocument(data []byte) (*node, error) {
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		return nil, &Error{Problems: []Problem{{Message: "the file begins with a byte order mark; save it without one"}}}
	}
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	root, err := readNode(dec)
	if err != nil {
		return nil, syntaxError(data, err)
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		if err == nil {
			err = errors.New("there is more after the end of the JSON value")
		}
		return nil, syntaxError(data, at(err, dec))
	}
	return root, nil
}

// readNode reads the next value. It and the two functions below call each other, at
// most maxDepth deep.
func readNode(dec *jsontext.Decoder) (*node, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	if dec.StackDepth() > maxDepth {
		return nil, at(fmt.Errorf("nested deeper than %d levels", maxDepth), dec)
	}
	n := &node{order: dec.InputOffset()}
	switch token.Kind() {
	case jsontext.KindBeginObject:
		err = n.readObject(dec)
	case jsontext.KindBeginArray:
		err = n.readArray(dec)
	case jsontext.KindNumber:
		n.text = token.String()
		n.value = number(n.text)
	case jsontext.KindString:
		n.value = token.String()
	case jsontext.KindTrue, jsontext.KindFalse:
		n.value = token.Bool()
	}
	return n, err
}

func (n *node) readObject(dec *jsontext.Decoder) error {
	object := map[string]any{}
	n.value, n.members = object, map[string]*node{}
	for dec.PeekKind() != jsontext.KindEndObject {
		name, err := dec.ReadToken() // refuses a name that was there before
		if err != nil {
			return err
		}
		key, keyEnd := name.String(), int(dec.InputOffset())
		member, err := readNode(dec)
		if err != nil {
			return err
		}
		member.keyEnd = keyEnd
		object[key], n.members[key] = member.value, member
	}
	_, err := dec.ReadToken()
	return err
}

func (n *node) readArray(dec *jsontext.Decoder) error {
	array := []any{}
	for dec.PeekKind() != jsontext.KindEndArray {
		item, err := readNode(dec)
		if err != nil {
			return err
		}
		array, n.items = append(array, item.value), append(n.items, item)
	}
	n.value = array
	_, err := dec.ReadToken()
	return err
}

// find returns the node at p below n or, if there is none, the node that would
// contain it.
func (n *node) find(p jsontext.Pointer) *node {
	for token := range p.Tokens() {
		next := n.child(token)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// child returns a member or an item of n, nil if there is none.
func (n *node) child(token string) *node {
	if n == nil {
		return nil
	}
	if i, err := strconv.Atoi(token); err == nil && 0 <= i && i < len(n.items) {
		return n.items[i]
	}
	return n.members[token]
}

// number converts a number for the schema library, which panics on infinity and on
// exponents without limit.
//
// It also takes 1.0 and 1e3 for integers, and a number with many decimals too, once
// it is rounded; the fields of a Config take digits only. So these are moved off the
// integer by one bit, towards zero: no bound in the schema is near enough to notice.
func number(text string) any {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil && text != "-0" {
		return i
	}
	f, _ := strconv.ParseFloat(text, 64) // beyond the range it is ±Inf
	f = max(-math.MaxFloat64, min(f, math.MaxFloat64))
	switch {
	case f == 0:
		return math.SmallestNonzeroFloat64
	case f == math.Trunc(f):
		return math.Nextafter(f, 0)
	}
	return f
}

// at gives an error of ours the place that errors of the decoder have.
func at(err error, dec *jsontext.Decoder) error {
	if _, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return err
	}
	return &jsontext.SyntacticError{ByteOffset: dec.InputOffset() - 1, Err: err}
}

// quotedText is what the decoder cites from the input. Unless that is a mark of
// punctuation, it is cut out of messages: it may be a piece of a password, and the
// position says enough.
var (
	quotedText  = regexp.MustCompile(`^(invalid (?:character|escape sequence|surrogate pair)) (.*) (?:in|at|after|before|within) `)
	punctuation = []string{"','", "':'", "'{'", "'}'", "'['", "']'", "'/'", "'#'", `'\''`}
)

// hints say what is meant by a mark of punctuation where none may be.
var hints = map[string]string{
	`'\''`: "texts stand in double quotes",
	"'/'":  "JSON has no comments",
	"'#'":  "JSON has no comments",
	"','":  "no comma may stand here, nor before } or ]",
}

func syntaxError(data []byte, err error) error {
	offset, reason, path := len(data), "the file ends too early", ""
	if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		offset, reason = int(s.ByteOffset), s.Err.Error()
		switch s.Err {
		case jsontext.ErrDuplicateName:
			reason, path = "key is given twice", pathText(s.JSONPointer)
		case io.ErrUnexpectedEOF:
			reason = "the file ends too early"
		}
	}
	before := string(data[:min(offset, len(data))])
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:])
	if cite := quotedText.FindStringSubmatch(reason); cite != nil && !slices.Contains(punctuation, cite[2]) {
		reason = cite[1] + strings.TrimPrefix(reason, cite[1]+" "+cite[2])
	}
	message := fmt.Sprintf("%s (line %d, column %d)", reason, line, column)
	for mark, hint := range hints {
		if strings.HasPrefix(reason, "invalid character "+mark+" ") {
			message += ": " + hint
		}
	}
	return &Error{Problems: []Problem{{path, message}}}
}
