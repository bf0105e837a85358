package dentest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// recorder is a testing.TB that keeps the failures of a rule to itself: it is
// how the tests see that a rule fails where it should.
type recorder struct {
	testing.TB // for the methods that no rule calls

	mu     sync.Mutex // guards everything below
	failed bool
	lines  []string
}

type fatal struct{}

func (r *recorder) Helper() {}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) Log(args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprint(args...))
}

func (r *recorder) Error(args ...any) {
	r.Log(args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}

func (r *recorder) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }

func (r *recorder) Fatal(args ...any) {
	r.Error(args...)
	panic(fatal{})
}

func (r *recorder) Fatalf(format string, args ...any) { r.Fatal(fmt.Sprintf(format, args...)) }

// record runs f until it ends or fails fatally.
func record(f func(t testing.TB)) *recorder {
	r := new(recorder)
	func() {
		defer func() {
			if p := recover(); p != nil && p != any(fatal{}) {
				panic(p)
			}
		}()
		f(r)
	}()
	return r
}

// wantFailure fails unless f fails, in a bubble, and says why the rule exists.
func wantFailure(t *testing.T, why string, f func(t testing.TB)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := record(f)
		text := strings.Join(r.lines, "\n")
		if !r.failed {
			t.Error("the rule did not fail")
		} else if !strings.HasSuffix(text, why) || len(r.lines) < 2 {
			t.Errorf("the failure does not tell what is wrong and then why:\n%s", text)
		}
		t.Log(text)
	})
}
