package den_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

func checkOnceAMinute(c *den.Config) { c.CheckMaxInterval = time.Minute }

// A record in an empty store is cancelled when its own delay is over, although
// the next check was a minute away when it came.
func TestRecordExpiresOnItsOwnTime(t *testing.T) {
	for _, way := range []struct {
		name  string
		bring func(r *rig)
	}{
		{"through_run", func(r *rig) { r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002)) }},
		{"direct_call", func(r *rig) { r.collide(1001, 1002) }},
	} {
		t.Run(way.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t, checkOnceAMinute)
				run := r.start()
				time.Sleep(10 * time.Second)
				way.bring(r)
				time.Sleep(time.Second)
				synctest.Wait()
				r.wantPublished("new 3000001/0") // exactly the delay is not longer than it
				time.Sleep(time.Millisecond)
				synctest.Wait()
				r.wantPublished("new 3000001/0", "cancel 3000001/0")
				run.stop()
			})
		})
	}
}

// However long publishing takes, the delay of a record begins when its DENM is made.
func TestSlowPublishingDoesNotDelayTheCancellation(t *testing.T) {
	for _, takes := range []time.Duration{10 * time.Millisecond, 300 * time.Millisecond, 900 * time.Millisecond} {
		t.Run(takes.String(), func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				var made, cancelled den.Timestamp
				r := newRig(t, checkOnceAMinute, func(c *den.Config) {
					c.Publisher = den.PublisherFunc(func(_ context.Context, denms []*den.DENM) error {
						if denms[0].Is(den.IsCancellation) {
							cancelled = dentest.Now()
							return nil
						}
						made = denms[0].Management.ReferenceTime
						time.Sleep(takes)
						return nil
					})
				})
				run := r.start()
				time.Sleep(10 * time.Second)
				r.collide(1001, 1002)
				time.Sleep(5 * time.Second)
				run.stop()
				if after := cancelled.Sub(made); after != time.Second+time.Millisecond {
					t.Errorf("the event is cancelled after %v; want 1.001s", after)
				}
			})
		})
	}
}

// A clock that was set ahead is noticed when the next array comes.
func TestClockThatJumpsAhead(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var ahead atomic.Int64
		now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		r := newRig(t, checkOnceAMinute, func(c *den.Config) { c.Now = now })
		run := r.start()
		r.collide(1001, 1002)
		time.Sleep(100 * time.Millisecond)
		ahead.Store(int64(500 * time.Millisecond))
		r.x.SendCollisions(dentest.Collisions(den.TimestampOf(now()), 2001, 2002))
		time.Sleep(400 * time.Millisecond)
		synctest.Wait()
		r.wantPublished("new 3000001/0", "new 3000001/1")
		time.Sleep(time.Millisecond) // a second and a millisecond by its clock
		synctest.Wait()
		r.wantPublished("new 3000001/0", "new 3000001/1", "cancel 3000001/0")
		run.stop()
	})
}

// A clock that is set back while a batch is in hand delays no cancellation: what was made
// after that is due first.
func TestClockThatIsSetBack(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		start := dentest.Now()
		r := newRig(t, checkOnceAMinute, func(c *den.Config) {
			store := c.Store
			c.Now = func() time.Time {
				if store.Len() > 0 {
					return time.Now().Add(-500 * time.Millisecond)
				}
				return time.Now()
			}
		})
		r.x.SendCollisions(dentest.Collisions(start, 1001, 1002))
		r.x.SendCollisions(dentest.Collisions(start.Add(-500*time.Millisecond), 2001, 2002))
		run := r.start()
		time.Sleep(1000 * time.Millisecond)
		synctest.Wait()
		r.wantPublished("new 3000001/0", "new 3000001/1")
		time.Sleep(time.Millisecond)
		synctest.Wait()
		r.wantPublished("new 3000001/0", "new 3000001/1", "cancel 3000001/1")
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		r.wantPublished("new 3000001/0", "new 3000001/1", "cancel 3000001/1", "cancel 3000001/0")
		run.stop()
	})
}

// An update moves the time at which a record is due, and so does the removal of
// the record that was due first.
func TestCheckFollowsTheOldestRecord(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, checkOnceAMinute)
		run := r.start()
		r.collide(1001, 1002)
		time.Sleep(600 * time.Millisecond)
		r.collide(1001, 1003)
		if err := r.HandleDENM(t.Context(), dentest.Negation(r.x.Published()[0], 9)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(600 * time.Millisecond)
		r.collide(1001, 1003)
		time.Sleep(time.Second)
		synctest.Wait()
		r.wantPublished("new 3000001/0", "new 3000001/1", "update 3000001/1")
		time.Sleep(time.Millisecond)
		synctest.Wait()
		r.wantPublished("new 3000001/0", "new 3000001/1", "update 3000001/1", "cancel 3000001/1")
		run.stop()
	})
}

func TestCancellation(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		opened := *r.last()
		time.Sleep(time.Second)
		if next := r.cleanup(); next != time.Millisecond {
			t.Errorf("the next check is in %v; want 1ms", next)
		}
		time.Sleep(time.Millisecond)
		if next := r.cleanup(); next != 5*time.Second {
			t.Errorf("the next check of an empty store is in %v; want CheckMaxInterval, 5s", next)
		}
		r.wantPublished("new 3000001/0", "cancel 3000001/0")
		ending := *r.last()
		opened.Management.ReferenceTime = dentest.Now()
		opened.Management.Termination = den.Some(den.IsCancellation)
		if ending != opened {
			t.Errorf("the cancellation is\n%+v\nwant the last DENM, terminated now\n%+v", ending, opened)
		}
	})
}

// The pair of a cancelled event is a new event when it comes again.
func TestPairComesAgain(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		time.Sleep(2 * time.Second)
		r.cleanup()
		r.collide(1001, 1002)
		r.wantPublished("new 3000001/0", "cancel 3000001/0", "new 3000001/1")
	})
}

func TestCleanupTakesABatchAtATime(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, func(c *den.Config) { c.BatchSize = 2 })
		r.collide(1001, 1002, 1003, 1004)
		time.Sleep(2 * time.Second)
		if next := r.cleanup(); next != 0 || r.store.Len() != 1 {
			t.Errorf("%d records are left, and the next check is in %v; want 1, at once", r.store.Len(), next)
		}
		r.cleanup()
		r.wantPublished("new 3000001/0", "new 3000001/1", "new 3000001/2",
			"cancel 3000001/0", "cancel 3000001/1", "cancel 3000001/2")
	})
}

// ETSI sends nothing at the end of the validity, and refuses to end an event
// that is over (TS 103 831, clause 8.2, T_O_Validity and AppDENM_termination).
func TestValidityOverIsSilent(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		old := dentest.Collisions(dentest.Now().Add(-3500*time.Millisecond), 1001, 1002) // valid for 4 s
		if err := r.HandleCollisions(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		r.collide(1001, 1003)
		time.Sleep(1001 * time.Millisecond)
		r.cleanup()
		r.wantPublished("new 3000001/0", "new 3000001/1", "cancel 3000001/1")
		if s := r.Stats(); s.Expired != 1 || s.Cancelled != 1 || s.Active != 0 {
			t.Errorf("expired %d, cancelled %d, active %d; want 1, 1, 0", s.Expired, s.Cancelled, s.Active)
		}
	})
}

// In the last millisecond of its validity an event can be cancelled.
func TestLastValidMoment(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		old := dentest.Collisions(dentest.Now().Add(-2500*time.Millisecond), 1001, 1002) // valid for 4 s
		if err := r.HandleCollisions(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1500 * time.Millisecond)
		r.cleanup()
		r.wantPublished("new 3000001/0", "cancel 3000001/0")
	})
}

// A record goes only after its cancellation was published, and what may have
// been published already is repeated as it was.
func TestCancellationFails(t *testing.T) {
	for _, row := range []struct {
		name   string
		edit   func(*den.Config)
		fail   func(x *dentest.Transport)
		copies int // of the cancellation
	}{
		{"down", func(*den.Config) {}, func(x *dentest.Transport) { x.FailPublish(2, errDown) }, 1},
		{"reply_lost", func(*den.Config) {}, func(x *dentest.Transport) { x.LoseReplies(2) }, 1},
		{"reply_lost_in_two_steps", inTwoSteps, func(x *dentest.Transport) { x.LoseReplies(2) }, 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t, row.edit)
				r.collide(1001, 1002)
				time.Sleep(2 * time.Second)
				row.fail(r.x)
				for range 2 {
					if _, err := r.Cleanup(t.Context()); err == nil {
						t.Fatal("Cleanup succeeded")
					}
					if next := r.store.NextCheck(dentest.Now(), time.Second, time.Minute); r.store.Len() != 1 || next != 0 {
						t.Errorf("%d records are left, due in %v; want 1, due at once", r.store.Len(), next)
					}
					time.Sleep(100 * time.Millisecond)
				}
				r.cleanup()
				if n := r.store.Len(); n != 0 {
					t.Errorf("%d records are left; want none", n)
				}
				cancelled := r.x.Published()[1:]
				if len(cancelled) != row.copies {
					t.Errorf("%d cancellations were published; want %d", len(cancelled), row.copies)
				}
				for _, d := range cancelled {
					if d != cancelled[0] || !d.Is(den.IsCancellation) {
						t.Error("the repetition is another DENM than what may have been published")
					}
				}
				if s := r.Stats(); s.Cancelled != 1 || s.PublishErrors != 2 {
					t.Errorf("cancelled %d, publish errors %d; want 1, 2", s.Cancelled, s.PublishErrors)
				}
			})
		})
	}
}

// An update overtakes a cancellation that failed. It is newer than that, even in
// the same millisecond: receivers may have the cancellation.
func TestUpdateAfterFailedCancellation(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002, 1003)
		time.Sleep(2 * time.Second)
		r.x.LoseReplies(1)
		_, err := r.Cleanup(t.Context())
		wantError(t, err, dentest.ErrReplyLost)
		r.collide(1001, 1002)
		r.wantGrowing()

		time.Sleep(500 * time.Millisecond)
		r.cleanup()
		r.wantPublished("new 3000001/0", "new 3000001/1", "cancel 3000001/0", "cancel 3000001/1", "update 3000001/0")
		if n := r.store.Len(); n != 1 {
			t.Errorf("%d records are left; want that of the update", n)
		}
		time.Sleep(time.Second)
		r.cleanup()
		r.wantGrowing()
		if !r.last().Is(den.IsCancellation) || len(r.x.Published()) != 6 {
			t.Error("the updated record was not cancelled anew")
		}
	})
}

func TestClockSetBackAfterFailedCancellation(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var back time.Duration
		store := denstore.New(denstore.Canonical) // and the pair comes the other way round
		r := newRig(t, func(c *den.Config) {
			c.Now = func() time.Time { return time.Now().Add(-back) }
			c.Store = store
		})
		r.collide(1001, 1002)
		time.Sleep(2 * time.Second)
		r.x.LoseReplies(1)
		_, err := r.Cleanup(t.Context())
		wantError(t, err, dentest.ErrReplyLost)
		back = time.Second
		r.collide(1002, 1001)
		r.wantPublished("new 3000001/0", "cancel 3000001/0", "update 3000001/0")
		r.wantGrowing()
	})
}

// An outage outlasts the validity: the event is over and must not be ended any
// more.
func TestValidityEndsWhileCancellationFails(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002) // valid for 4 s
		time.Sleep(2 * time.Second)
		r.x.FailPublish(1, errDown)
		_, err := r.Cleanup(t.Context())
		wantError(t, err, errDown)
		time.Sleep(2001 * time.Millisecond)
		r.cleanup()
		r.wantPublished("new 3000001/0")
		if s := r.Stats(); s.Expired != 1 || s.Cancelled != 0 || s.Active != 0 {
			t.Errorf("expired %d, cancelled %d, active %d; want 1, 0, 0", s.Expired, s.Cancelled, s.Active)
		}
	})
}

// Run repeats a cancellation after growing pauses, and works on meanwhile. The
// outage outlasts the validity, so in the end the record goes silently.
func TestRunRepeatsCancellation(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var attempts []time.Time
		var r *rig
		r = newRig(t, func(c *den.Config) {
			c.RetryInterval = time.Second
			c.Publisher = den.PublisherFunc(func(ctx context.Context, denms []*den.DENM) error {
				if len(denms) > 0 && denms[0].Is(den.IsCancellation) {
					attempts = append(attempts, time.Now())
				}
				return r.x.Publish(ctx, denms)
			})
		})
		run := r.start()
		r.collide(1001, 1002)
		time.Sleep(500 * time.Millisecond)
		r.x.FailPublish(1000, errDown)
		time.Sleep(1500 * time.Millisecond)
		if err := r.HandleDENM(t.Context(), new(den.DENM)); !errors.Is(err, den.ErrNotNegation) {
			t.Errorf("a direct call during the outage: %v", err)
		}
		time.Sleep(20 * time.Second)
		run.stop()
		r.wantPublished("new 3000001/0")
		if s := r.Stats(); s.Expired != 1 || s.Active != 0 {
			t.Errorf("expired %d, active %d; want 1, 0: the outage outlasted the validity", s.Expired, s.Active)
		}
		pauses := make([]time.Duration, 0, len(attempts))
		for i := range attempts[1:] {
			pauses = append(pauses, attempts[i+1].Sub(attempts[i]))
		}
		if longest := slices.Max(pauses); pauses[0] > 10*time.Millisecond || longest > time.Second || len(pauses) > 12 {
			t.Errorf("the pauses were %v; want them to grow from 10ms to 1s", pauses)
		}
	})
}
