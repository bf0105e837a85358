package redisio

import (
	"errors"
	"io"
	"log/slog"
	"testing"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// Servers before version 7 wrap what a script runs into, each in its way.
func TestErrorsInScripts(t *testing.T) {
	const want = "WRONGTYPE Operation against a key"
	for _, text := range []string{
		want,
		"Error running script (call to f_6b1bf486c81ceb7edf3c093f4c48582e38c0e791): @user_script:1: " + want,
		"Error running script (call to f_6b1bf486c81ceb7edf3c093f4c48582e38c0e791): @user_script:12: -" + want,
		"Error running script (call to f_6b1bf486c81ceb7edf3c093f4c48582e38c0e791): @user_script:12: @user_script: 12: " + want,
		"Error compiling script (new function): :8: " + want, // miniredis
	} {
		if got := inScript.ReplaceAllString(text, ""); got != want {
			t.Errorf("%q gives %q; want %q", text, got, want)
		}
	}
}

// Every error says what was done, what is wrong and what the server said, and logs as a
// group.
func TestErrorsLogAsGroups(t *testing.T) {
	_, noOptions := Open(Options{})
	for _, test := range []struct {
		err        error
		text, want string
		is         error
	}{
		{
			wrap("commit", errors.New("broken pipe")), "redisio: commit: broken pipe",
			"[op=commit cause=broken pipe]", nil,
		},
		{
			wrap("read", rueidis.ErrClosing), "redisio: read: the client is closed: permanent failure",
			"[op=read reason=the client is closed kind=permanent failure]", den.ErrPermanent,
		},
		{
			misuse("the batch is not from this client"), "redisio: the batch is not from this client: permanent failure",
			"[reason=the batch is not from this client kind=permanent failure]", den.ErrPermanent,
		},
		{
			&Error{Op: "commit", Kind: den.ErrFenced, Err: io.EOF}, "redisio: commit: den: another owner has taken over: EOF",
			"[op=commit kind=den: another owner has taken over cause=EOF]", io.EOF,
		},
		{
			wrap("read", wrap("create group g of s", io.EOF)), "redisio: create group g of s: the connection has ended: EOF",
			"[op=create group g of s reason=the connection has ended cause=EOF]", io.EOF,
		},
		{wrap("read", io.EOF), "redisio: read: the connection has ended: EOF", "[op=read reason=the connection has ended cause=EOF]", io.EOF},
		{wrap("commit", errUnexpected), "redisio: commit: unexpected answer of a script", "[op=commit reason=unexpected answer of a script]", nil},
		{errUnexpected, "redisio: unexpected answer of a script", "[reason=unexpected answer of a script]", errUnexpected},
	} {
		value := slog.AnyValue(test.err).Resolve()
		if got := test.err.Error(); got != test.text {
			t.Errorf("the text is %q; want %q", got, test.text)
		}
		if value.Kind() != slog.KindGroup || value.String() != test.want {
			t.Errorf("%q logs as %v; want %s", test.err, value, test.want)
		}
		if test.is != nil && !errors.Is(test.err, test.is) {
			t.Errorf("%q is not %q", test.err, test.is)
		}
	}
	var wrong *den.ConfigError
	if !errors.As(noOptions, &wrong) || len(wrong.Problems) < 2 || slog.AnyValue(noOptions).Resolve().Kind() != slog.KindGroup {
		t.Errorf("Open without options returns %v", noOptions)
	}
}
