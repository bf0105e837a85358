package den

import (
	"fmt"
	"log/slog"
)

// InterruptError says that normal work was interrupted, by whom and in what
// state: [DenService.Run] returns one when it is stopped by its context or by a
// permanent failure. It unwraps to the cause, so errors.Is finds
// context.Canceled or ErrPermanent, and it logs as a group.
type InterruptError struct {
	// Op is what was interrupted, such as "run".
	Op string
	// Cause is why: the context's cause, or the error that could not be mended.
	Cause error
	// Attrs describe the state that was left behind, such as the number of open
	// records.
	Attrs []slog.Attr
}

// Error returns the operation and the cause.
func (e *InterruptError) Error() string { return fmt.Sprintf("den: %s interrupted: %v", e.Op, e.Cause) }

// Unwrap returns the cause.
func (e *InterruptError) Unwrap() error { return e.Cause }

// LogValue implements slog.LogValuer.
func (e *InterruptError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("op", e.Op), slog.Any("cause", e.Cause)}
	return slog.GroupValue(append(attrs, e.Attrs...)...)
}
