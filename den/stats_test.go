package den_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// One run in which every counter moves, each by its own number where that is
// possible.
func TestStats(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, journalOnly, storeFailsOn(66, errStore), repeatedEvery(500*time.Millisecond, time.Minute), func(c *den.Config) {
			c.LastUpdateMaxDelay = time.Second
			c.Hooks.Delivered = func(*den.DENM) { panic("no metrics") }
			c.Received = newReceived(t, func(c *den.ReceivedConfig) { c.Most = 1 })
		})
		if s := r.Stats(); s != (den.Stats{}) {
			t.Errorf("a new service counts %+v", s)
		}
		handle := func(c *den.StationCollisions, want error) {
			t.Helper()
			wantError(t, r.HandleCollisions(t.Context(), c), want)
		}
		negate := func(d *den.DENM, want error) {
			t.Helper()
			wantError(t, r.HandleDENM(t.Context(), d), want)
		}
		now := dentest.Now()

		r.publish(warning(0, now, 1, 44)) // by an earlier process
		if err := r.Run(t.Context(), &oneBatch{failure: errDown, inputs: []den.Input{
			{ID: "1-0", Err: den.ErrInputLost}, {ID: "2-0", Err: errors.New("poison")},
		}}); err != nil {
			t.Fatal(err)
		}

		handle(dentest.Collisions(now, 1, 2, 3, 4, 5), nil)
		handle(dentest.Collisions(now, 1, 2, 3, 4), nil)
		handle(dentest.Collisions(now-1, 1, 2), den.ErrStale)
		handle(dentest.Collisions(now.Add(-time.Hour), 1, 6, 7), den.ErrTooLate)
		handle(dentest.Collisions(now.Add(time.Hour), 1, 8), den.ErrFuture)
		if err := r.HandleCollisions(t.Context(), new(den.StationCollisions)); err == nil {
			t.Error("an empty array was accepted")
		}

		negation := dentest.Negation(r.last(), 9)
		outdated := *negation
		outdated.Management.ReferenceTime = now - 1
		negate(&outdated, den.ErrOutdated)
		negate(dentest.Negation(r.last(), ourStation), den.ErrOwnMessage)
		negate(by(9, r.last()), den.ErrNotNegation)
		negate(negation, nil)
		negate(negation, den.ErrUnknownAction)

		others := foreign(1, now, now)
		negate(others, nil)
		negate(others, den.ErrRepetition)
		negate(ending(others, den.IsCancellation, 9, now+1, now+1), den.ErrNotOriginator)
		negate(foreign(2, now, now), den.ErrReceivedFull)
		wantError(t, r.Negate(t.Context(), others.Management.ActionID), nil)
		time.Sleep(500 * time.Millisecond)
		r.cleanup()

		r.x.FailPublish(1, errDown)
		handle(dentest.Collisions(dentest.Now().Add(-3500*time.Millisecond), 1, 9), errDown) // valid for 500 ms more
		time.Sleep(2 * time.Second)
		r.cleanup()
		handle(dentest.Collisions(dentest.Now(), 1, 10, 66), errStore)

		want := den.Stats{
			Active: 1,
			Arrays: 8, DENMs: 9,
			Created: 6, Updated: 3, Cancelled: 4, Negated: 1, Expired: 1, Recovered: 1, Repeated: 4,
			Delivered: 1, Negations: 1, Repetition: 1, NotOriginator: 1, ReceivedFull: 1, HookPanics: 1,
			Invalid: 1, Future: 1, Stale: 1, TooLate: 2,
			NotNegation: 1, OwnMessage: 1, UnknownAction: 1, Outdated: 1,
			Rejected: 1, Lost: 1, ReceiveErrors: 1, PublishErrors: 1, StoreErrors: 1,
		}
		if diff := cmp.Diff(want, r.Stats()); diff != "" {
			t.Errorf("the counters differ (-want +got):\n%s", diff)
		}
		for field, value := range reflect.ValueOf(want).Fields() {
			if value.IsZero() && field.Name != "Exhausted" && field.Name != "Dropped" { // see TestAllSequenceNumbersInUse, TestOutageOutlastsTheWarning
				t.Errorf("this test does not move %s", field.Name)
			}
		}
	})
}
