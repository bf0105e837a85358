package den

import "fmt"

// Optional is a value that a message may leave out: null or absent in JSON,
// not present in the ETSI encoding. The zero Optional is absent, and is what to assign to
// take a value away. Optionals of comparable values can be compared with ==.
type Optional[T any] struct {
	Value T
	Valid bool // false means absent; Value counts for nothing then, but for ==
}

// Some returns an Optional that holds v.
func Some[T any](v T) Optional[T] { return Optional[T]{Value: v, Valid: true} }

// Get returns the value and whether there is one.
func (o Optional[T]) Get() (T, bool) { return o.Value, o.Valid }

// Or returns the value, or def where there is none.
func (o Optional[T]) Or(def T) T {
	if o.Valid {
		return o.Value
	}
	return def
}

// String returns the value as fmt prints it, or "null".
func (o Optional[T]) String() string {
	if !o.Valid {
		return "null"
	}
	return fmt.Sprint(o.Value)
}
