package den

import (
	"log/slog"
	"strings"
)

// reason is an error that says all by itself: one that callers compare with. It logs as
// a group, as all errors of this package do.
type reason string

func (r reason) Error() string { return string(r) }

// LogValue implements slog.LogValuer.
func (r reason) LogValue() slog.Value { return slog.GroupValue(slog.String("reason", string(r))) }

// because is a reason that came of something else.
type because struct {
	reason error
	cause  error
}

func (b *because) Error() string { return b.cause.Error() + ": " + b.reason.Error() }

func (b *because) Unwrap() []error { return []error{b.cause, b.reason} }

// LogValue implements slog.LogValuer.
func (b *because) LogValue() slog.Value {
	return slog.GroupValue(slog.String("reason", b.reason.Error()), slog.Any("cause", b.cause))
}

// several are errors that came together, such as the refusals of an array.
type several []error

// joined joins errors as errors.Join does, and leaves a lone one as it is.
func joined(before, err error) error {
	list, _ := before.(several)
	switch {
	case before == nil:
		return err
	case err == nil:
		return before
	case list == nil:
		list = several{before}
	}
	if more, ok := err.(several); ok {
		return append(list[:len(list):len(list)], more...)
	}
	return append(list, err)
}

// Error returns the errors, one a line.
func (s several) Error() string {
	lines := make([]string, len(s))
	for i, err := range s {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors.
func (s several) Unwrap() []error { return s }

// LogValue implements slog.LogValuer: the first of them, and how many more there are.
func (s several) LogValue() slog.Value {
	first := slog.AnyValue(s[0]).Resolve()
	if first.Kind() != slog.KindGroup {
		first = slog.GroupValue(slog.String("reason", s[0].Error()))
	}
	return slog.GroupValue(append(first.Group(), slog.Int("more", len(s)-1))...)
}

// first returns the first error there is.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
