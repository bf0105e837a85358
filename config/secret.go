package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted stands for every secret that is not empty.
const redacted = "[redacted]"

// Secret is a text that does not show itself: fmt with any verb, slog, JSON and any
// other encoding of text give "[redacted]", or nothing if it is empty. Keep secrets
// in exported fields: fmt cannot call the methods of unexported ones.
type Secret string

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// String returns "[redacted]", or nothing if s is empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format implements [fmt.Formatter], so that %#v, %x and %q are redacted like %v.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText implements [encoding.TextMarshaler], which JSON uses too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
