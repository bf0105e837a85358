package den_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// diary is what the hooks were told.
type diary struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func (d *diary) tell(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

// take returns what was told since it was called last.
func (d *diary) take() []string {
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := d.lines
	d.lines = nil
	return lines
}

// listening has every hook write down what it is told.
func listening(d *diary) func(*den.Config) {
	tell := d.tell
	id := func(in *den.Input) string {
		if in == nil {
			return "none"
		}
		return in.ID
	}
	return func(c *den.Config) {
		c.Hooks = den.Hooks{
			Settled: func(s den.Settled) {
				var outputs []string
				for _, o := range s.Outputs {
					outputs = append(outputs, fmt.Sprint(o.DENM.Management.ActionID, " of ", o.Input, " ", o.DENM.Management.Termination))
				}
				tell("settled %d inputs %q in %v", len(s.Inputs), outputs, s.Duration)
			},
			Refused:   func(in *den.Input, reason error) { tell("refused %s: %v", id(in), reason) },
			Rejected:  func(in *den.Input, reason error) { tell("rejected %s: %v", id(in), reason) },
			Delivered: func(d *den.DENM) { tell("delivered %v", d.Management.ActionID) },
		}
	}
}

func TestHooks(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		told := new(diary)
		want := func(want ...string) {
			t.Helper()
			if got := told.take(); !slices.Equal(got, want) {
				t.Errorf("the hooks were told\n%q; want\n%q", got, want)
			}
		}
		r := newRig(t, func(c *den.Config) { c.Received = newReceived(t) }, listening(told))
		r.collide(1001, 1002, 1003)
		want(`settled 0 inputs ["3000001/0 of 0 null" "3000001/1 of 0 null"] in 0s`)
		_ = r.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now()-1, 1001, 1002))
		_ = r.HandleDENM(t.Context(), r.last())
		want(`refused none: den: prediction is older than the record's (pair 1001:0-1002:0)`, `refused none: den: the DENM is our own message`)

		run := r.start()
		r.x.FailPublish(1, errDown)
		r.x.Send([]byte("poison"), dentest.Event(dentest.Collisions(dentest.Now(), 1001, 1002), nil),
			dentest.Event(dentest.Collisions(dentest.Now()-1, 1001, 1002), nil), dentest.Event(nil, foreign(3, dentest.Now(), dentest.Now())))
		time.Sleep(100 * time.Millisecond)
		lines := told.take()
		if len(lines) != 4 {
			t.Fatalf("the hooks were told %q", lines)
		}
		lines[3], _, _ = strings.Cut(lines[3], " in ") // the pause after the failure is random
		if want := []string{
			"rejected 1: invalid JSON at byte 0: invalid character 'p' at start of value",
			"refused 3: den: prediction is older than the record's (pair 1001:0-1002:0)", "delivered 4000001/3",
			`settled 4 inputs ["3000001/0 of 1 null"]`,
		}; !slices.Equal(lines, want) {
			t.Errorf("the hooks were told\n%q; want\n%q", lines, want)
		}
		time.Sleep(1001 * time.Millisecond)
		want(`settled 0 inputs ["3000001/1 of 0 isCancellation"] in 0s`, `settled 0 inputs ["3000001/0 of 0 isCancellation"] in 0s`)
		run.stop()
	})
}

// A hook that panics stops nothing, and is logged ever more rarely.
func TestHookPanics(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		r := newRig(t, log.attach, func(c *den.Config) {
			c.Hooks.Settled = func(den.Settled) { panic("no metrics") }
			c.Hooks.Refused = func(*den.Input, error) { panic(errors.New("no metrics")) }
		})
		for range 10 {
			r.collide(1001, 1002)
		}
		wantError(t, r.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now()-1, 1001, 1002)), den.ErrStale)
		if n := r.Stats().HookPanics; n != 11 || len(r.x.Published()) != 10 {
			t.Errorf("%d panics, %d DENMs; want 11, 10", n, len(r.x.Published()))
		}
		log.want(t, "ERROR", `ERROR a hook panicked panic="no metrics" panics=1`, `ERROR a hook panicked panic="no metrics" panics=2`,
			`ERROR a hook panicked panic="no metrics" panics=4`, `ERROR a hook panicked panic="no metrics" panics=8`)
	})
}
