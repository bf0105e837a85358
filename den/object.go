package den

// field says how one key of a JSON object is read into a T. A key that is not
// required may be missing or null, and then leaves the T as it is.
type field[T any] struct {
	name     string
	required bool
	read     func(r *reader, v *T) error
}

// object lists the known keys of a JSON object, in the order in which senders
// usually write them; more than 64 do not fit. Unknown keys are passed over, so
// that a sender with a newer schema is still understood.
type object[T any] []field[T]

const required, optional = true, false

// read reads one JSON object into v.
func (o object[T]) read(r *reader, v *T) error {
	if err := r.open('{'); err != nil {
		return err
	}
	var named, seen uint64 // of the known keys: those that are there, and not null
	var others names
	for next := 0; r.more(); {
		i := next
		if !r.plain || next == len(o) || !r.scan.named(o[next].name) {
			name, err := r.name()
			if err != nil {
				return err
			}
			i = o.find(name, next)
			if r.plain && i < 0 && !others.add(name) {
				return errNotPlain
			}
		}
		if r.plain && i >= 0 && named&(1<<i) != 0 { // jsontext looks for this itself
			return errNotPlain
		}
		if i < 0 {
			if err := r.skip(); err != nil {
				return err
			}
			continue
		}
		next = i + 1
		named |= 1 << i
		if null, err := r.null(); err != nil {
			return err
		} else if null {
			continue // a required key that is null is missing
		}
		seen |= 1 << i
		if err := o[i].read(r, v); err != nil {
			return err
		}
	}
	if err := r.close('}'); err != nil {
		return err
	}
	for i := range o {
		if o[i].required && seen&(1<<i) == 0 {
			return under(r.path(), &FieldError{Path: o[i].name, Problem: "missing"})
		}
	}
	return nil
}

// find returns the index of the quoted key, or -1. It looks at next first: most
// senders write the keys in the same order every time.
func (o object[T]) find(quoted []byte, next int) int {
	if next < len(o) && o[next].name == string(quoted[1:len(quoted)-1]) {
		return next
	}
	name := unquote(quoted)
	for i := range o {
		if o[i].name == string(name) {
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
func into[T any](r *reader, o object[T], dst *Optional[T]) error {
	dst.Valid = true
	return o.read(r, &dst.Value)
}
