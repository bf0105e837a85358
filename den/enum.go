package den

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// An enum is one ETSI enumeration: the name that is written for every code, and
// the spellings that are read. Readers of this module are liberal: ETSI's
// identifier, the name in camel case or as a Python constant, in any case, with
// or without '-' and '_', or the number.
type enum struct {
	kind  string
	want  string           // what is expected, for an error text
	names [256]string      // by code; empty where ETSI defines no such code
	codes map[string]uint8 // every spelling, normalized, to code
	// The code of each name as it is written, by its hash, which no two names share with this
	// factor.
	usual  [256]uint8
	factor uint32
}

// enumValue is one value of an enumeration: its code, the ETSI identifier, and
// other names it is known by.
type enumValue struct {
	code    uint8
	name    string
	aliases []string
}

func newEnum(kind string, values ...enumValue) *enum {
	e := &enum{kind: kind, codes: make(map[string]uint8)}
	var listed []string
	for _, v := range values {
		e.names[v.code] = v.name
		listed = append(listed, v.name)
		e.codes[normalized(v.name)] = v.code
		for _, alias := range v.aliases {
			e.codes[normalized(alias)] = v.code
		}
	}
	for e.factor = 1; !e.fillUsual(values); e.factor += 2 {
		if e.factor > 1<<20 {
			panic("den: no factor tells every " + kind + " from the others")
		}
	}
	e.want = "must be one of " + strings.Join(listed, ", ")
	if len(listed) > 6 {
		e.want = "must be a " + kind + " such as " + listed[len(listed)/3]
	}
	return e
}

// fillUsual reports whether it could give every name a place of its own.
func (e *enum) fillUsual(values []enumValue) bool {
	var taken [256]bool
	for _, v := range values {
		h := e.hash([]byte(v.name))
		if taken[h] {
			return false
		}
		taken[h], e.usual[h] = true, v.code
	}
	return true
}

// hash tells the names of the enumeration apart. The name is not empty.
func (e *enum) hash(name []byte) uint8 {
	n := len(name)
	of := uint32(name[0]) | uint32(name[n/2])<<8 | uint32(name[n-1])<<16 | uint32(n)<<24
	return uint8(of * e.factor >> 24)
}

func normalized(name string) string { return string(appendNormalized(nil, []byte(name))) }

// appendNormalized appends the name in lower case, without '-' and '_'.
func appendNormalized(b, name []byte) []byte {
	for _, c := range name {
		switch {
		case c == '-' || c == '_':
		case 'A' <= c && c <= 'Z':
			b = append(b, c+'a'-'A')
		default:
			b = append(b, c)
		}
	}
	return b
}

// lookup returns the ETSI identifier of the code.
func (e *enum) lookup(code uint8) (name string, ok bool) {
	name = e.names[code]
	return name, name != ""
}

// name returns the ETSI identifier of the code, or for a code that has none the
// kind and the number.
func (e *enum) name(code uint8) string {
	if name, ok := e.lookup(code); ok {
		return name
	}
	return e.kind + "(" + strconv.Itoa(int(code)) + ")"
}

// parse finds the code of a name or a number.
func (e *enum) parse(text []byte) (uint8, bool) {
	if code, ok := e.parseUsual(text); ok {
		return code, true
	}
	var buffer [64]byte
	if len(text) == 0 || len(text) > len(buffer) {
		return 0, false
	}
	key := appendNormalized(buffer[:0], text)
	if code, ok := e.codes[string(key)]; ok {
		return code, true
	}
	// Release 2 of ETSI numbers the alternatives of its cause codes, as in
	// slowVehicle26.
	if code, ok := e.codes[string(bytes.TrimRight(key, "0123456789"))]; ok {
		suffix := key[len(bytes.TrimRight(key, "0123456789")):]
		n, err := strconv.Atoi(string(suffix))
		return code, err == nil && n == int(code)
	}
	n, ok := wholeNumber(text)
	if !ok || !(span{0, 255}).holds(n) {
		return 0, false
	}
	_, known := e.lookup(uint8(n))
	return uint8(n), known
}

// parseUsual finds the code of a name that is spelled as ETSI does.
func (e *enum) parseUsual(text []byte) (code uint8, ok bool) {
	if len(text) == 0 {
		return 0, false
	}
	code = e.usual[e.hash(text)]
	return code, e.names[code] == string(text)
}

func (e *enum) unmarshal(text []byte, code *uint8) error {
	c, ok := e.parse(text)
	if !ok {
		return problem(fmt.Sprintf("den: %s but is %s", e.want, quoted(text)))
	}
	*code = c
	return nil
}

func (e *enum) marshal(code uint8) ([]byte, error) {
	name, ok := e.lookup(code)
	if !ok {
		return nil, problem(fmt.Sprintf("den: there is no %s %d", e.kind, code))
	}
	return []byte(name), nil
}

// enumOf reads a value of the enumeration e: a string or a number.
func enumOf[T ~uint8](r *reader, e *enum) (T, error) {
	v, err := r.value()
	if err != nil {
		return 0, err
	}
	text := v
	if v[0] == '"' {
		text = unquote(v)
	}
	code, ok := e.parse(text)
	if !ok || v[0] == '{' || v[0] == '[' {
		return 0, r.fail(e.want, v)
	}
	return T(code), nil
}

func intoEnum[T ~uint8](r *reader, dst *T, e *enum) (err error) {
	*dst, err = enumOf[T](r, e)
	return err
}

func intoOptionalEnum[T ~uint8](r *reader, dst *Optional[T], e *enum) error {
	v, err := enumOf[T](r, e)
	*dst = Optional[T]{Value: v, Valid: err == nil}
	return err
}
