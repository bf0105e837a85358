package redisio

import "testing"

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
