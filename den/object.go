package den

import "math/bits"

// field says how one key of a JSON object is read into a T. A key that is not
// required may be missing or null, and then leaves the T as it is.
type field[T any] struct {
	name     string
	required bool
	read     func(r *reader, v *T) error
}

// object knows the keys of a JSON object. Unknown keys are passed over, so that a
// sender with a newer schema is still understood.
type object[T any] struct {
	fields   []field[T]
	members  []string // of each field, how its key stands behind another member
	required uint64   // the fields that are, as bits
}

const required, optional = true, false

// newObject takes the fields in the order in which senders usually write them; more
// than 64 do not fit.
func newObject[T any](fields []field[T]) *object[T] {
	o := &object[T]{fields: fields, members: make([]string, len(fields))}
	for i, f := range fields {
		o.members[i] = `,"` + f.name + `":`
		if f.required {
			o.required |= 1 << i
		}
	}
	return o
}

// read reads one JSON object into v.
func (o *object[T]) read(r *reader, v *T) error {
	if r.plain {
		return o.readPlain(r, v)
	}
	if err := r.open('{'); err != nil {
		return err
	}
	var seen uint64 // of the keys: those that are there, and not null
	for next := 0; r.more(); {
		name, err := r.name()
		if err != nil {
			return err
		}
		i := o.find(name, next)
		if i < 0 {
			if err := r.skip(); err != nil {
				return err
			}
			continue
		}
		next = i + 1
		if null, err := r.null(); err != nil {
			return err
		} else if null {
			continue // a required key that is null is missing
		}
		seen |= 1 << i
		if err := o.fields[i].read(r, v); err != nil {
			return err
		}
	}
	if err := r.close('}'); err != nil {
		return err
	}
	if missing := o.required &^ seen; missing != 0 {
		name := o.fields[bits.TrailingZeros64(missing)].name
		return under(r.path(), &FieldError{Path: name, Problem: "missing"})
	}
	return nil
}

// readPlain is read with the scanner, which leaves it to look for keys that come twice.
func (o *object[T]) readPlain(r *reader, v *T) error {
	s := &r.scan
	if err := s.open('{'); err != nil {
		return err
	}
	var named, seen uint64 // of the keys: those that are there, and those that are not null
	others := len(s.names)
	for next := 0; ; {
		i := next
		if next == len(o.members) || !s.named(o.members[next]) {
			if !s.more() {
				break
			}
			name, err := s.name()
			if err != nil {
				return err
			}
			if i = o.find(name, next); i < 0 {
				if !s.unseen(name, others) {
					return errNotPlain
				}
				if _, err := s.value(); err != nil {
					return err
				}
				continue
			}
		}
		if named&(1<<i) != 0 {
			return errNotPlain
		}
		next = i + 1
		named |= 1 << i
		if s.space() == 'n' {
			if !s.literal("null") {
				return errNotPlain
			}
			continue
		}
		seen |= 1 << i
		if err := o.fields[i].read(r, v); err != nil {
			return err
		}
	}
	s.forget(others)
	if o.required&^seen != 0 {
		return errNotPlain
	}
	return s.close('}')
}

// find returns the index of the quoted key, or -1. It looks at next first: most
// senders write the keys in the same order every time.
func (o *object[T]) find(quoted []byte, next int) int {
	if next < len(o.fields) && o.fields[next].name == string(quoted[1:len(quoted)-1]) {
		return next
	}
	name := unquote(quoted)
	for i := range o.fields {
		if o.fields[i].name == string(name) {
			return i
		}
	}
	return -1
}

type integer interface {
	~uint8 | ~uint16 | ~uint32 | ~int16 | ~int32
}

// intoInt and intoOptional read a whole number of the span, which must lie
// within the range of I.
func intoInt[I integer](r *reader, dst *I, s span) error {
	n, err := r.integer(s)
	*dst = I(n)
	return err
}

func intoOptional[I integer](r *reader, dst *Optional[I], s span) error {
	n, err := r.integer(s)
	*dst = Optional[I]{Value: I(n), Valid: err == nil}
	return err
}

// into reads a nested object that may be absent.
func into[T any](r *reader, o *object[T], dst *Optional[T]) error {
	dst.Valid = true
	return o.read(r, &dst.Value)
}
