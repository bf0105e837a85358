package logging

import (
	"fmt"
	"log/slog"
	"strings"
)

// Error is what went wrong with handlers. [New] and the methods of a [Log] return it;
// match it with errors.As. It wraps the errors of the handlers, and logs as a group.
type Error struct {
	Handlers []HandlerError // at least one
}

// HandlerError is what went wrong with one handler.
type HandlerError struct {
	Index int // its place in Options.Handlers, from 0
	Err   error
}

// Error returns a line for each handler.
func (e *Error) Error() string {
	lines := make([]string, len(e.Handlers))
	for i, h := range e.Handlers {
		lines[i] = fmt.Sprintf("logging: %s: %v", place(h.Index), h.Err)
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors of the handlers.
func (e *Error) Unwrap() []error {
	all := make([]error, len(e.Handlers))
	for i, h := range e.Handlers {
		all[i] = h.Err
	}
	return all
}

// LogValue implements slog.LogValuer: what went wrong, by handler.
func (e *Error) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, h := range e.Handlers {
		attrs = append(attrs, slog.String(place(h.Index), h.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// place names a handler as a configuration does.
func place(index int) string { return fmt.Sprintf("handlers[%d]", index) }

// failures gathers errors by handler.
type failures []HandlerError

func (f *failures) add(index int, err error) {
	if err != nil {
		*f = append(*f, HandlerError{index, err})
	}
}

// err returns the failures as an error, nil if there are none.
func (f failures) err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{f}
}
