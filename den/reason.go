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

// ConfigError is everything that is wrong with the [Config] of a service, or with the
// options of a transport. [New] returns one; match it with errors.As.
type ConfigError struct {
	Problems []string // at least one, each with the name of its field
}

// Error returns the problems, one a line.
func (e *ConfigError) Error() string { return strings.Join(e.Problems, "\n") }

// LogValue implements slog.LogValuer.
func (e *ConfigError) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("problems", e.Problems))
}
