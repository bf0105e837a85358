package den_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

// warning returns a DENM as a service of our station makes it at the time made.
func warning(number uint16, made den.Timestamp, reference, target den.StationID) *den.DENM {
	template := den.DefaultTemplate()
	c := dentest.Collisions(made, reference, target)
	p := den.Prediction{
		StationID: ourStation, Template: &template, Linger: time.Second, // valid for 4 s
		DetectionTime: made, Reference: &c.Stations[0], Target: &c.Stations[1],
	}
	return p.DENM(den.ActionID{OriginatingStationID: ourStation, SequenceNumber: number}, made)
}

// publish puts DENMs on the output as an earlier process did.
func (r *rig) publish(denms ...*den.DENM) {
	r.t.Helper()
	if err := r.x.Publish(r.t.Context(), denms); err != nil {
		r.t.Fatal(err)
	}
}

// acknowledged has messages come as inputs that an earlier process acknowledged.
func (r *rig) acknowledged(denms ...*den.DENM) {
	r.t.Helper()
	for _, d := range denms {
		r.x.SendDENM(d)
	}
	batch, err := r.x.Receive(r.t.Context(), len(denms), time.Second)
	if err == nil {
		err = batch.Ack(r.t.Context())
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// An event that is open goes on under its action id when the next process takes
// over, and new events get new numbers.
func TestNextProcessGoesOn(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002, 1003)
		time.Sleep(300 * time.Millisecond)
		next := r.successor()
		run := next.start()
		next.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1004, 1002, 1003))
		synctest.Wait()
		r.wantPublished("new 3000001/0", "new 3000001/1", "new 3000001/2", "update 3000001/0", "update 3000001/1")
		r.wantGrowing()
		if s := next.Stats(); s.Recovered != 2 || s.Created != 1 || s.Updated != 2 || s.Active != 3 {
			t.Errorf("recovered %d, created %d, updated %d, active %d; want 2, 1, 2, 3", s.Recovered, s.Created, s.Updated, s.Active)
		}
		run.stop()
	})
}

// The rules of time hold across the takeover: an array that is older than what
// was published is stale, and the reference time grows, even if the clock of
// the next process is behind.
func TestNextProcessKeepsTheTime(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		detected := dentest.Now()
		next := r.successor(func(c *den.Config) {
			c.Now = func() time.Time { return time.Now().Add(-300 * time.Millisecond) }
		})
		run := next.start()
		next.x.SendCollisions(dentest.Collisions(detected-1, 1001, 1002))
		next.x.SendCollisions(dentest.Collisions(detected, 1001, 1002))
		synctest.Wait()
		r.wantPublished("new 3000001/0", "update 3000001/0")
		r.wantGrowing()
		if s := next.Stats(); s.Stale != 1 || s.Updated != 1 {
			t.Errorf("stale %d, updated %d; want 1 each", s.Stale, s.Updated)
		}
		run.stop()
	})
}

// An event that got no update while nobody worked is cancelled as soon as the
// first Receive has shown that none is waiting, and goes on if one is.
func TestOverdueWhenTakenOver(t *testing.T) {
	for _, row := range []struct {
		name string
		send []den.StationID
		wait time.Duration // of the first Receive
		want []string
	}{
		{"nothing_waits", nil, 250 * time.Millisecond, []string{"new 3000001/0", "cancel 3000001/0"}},
		{"another_pair_waits", []den.StationID{8, 9}, 0, []string{"new 3000001/0", "new 3000001/1", "cancel 3000001/0"}},
		{"its_update_waits", []den.StationID{1001, 1002}, 0, []string{"new 3000001/0", "update 3000001/0"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t)
				r.collide(1001, 1002)
				time.Sleep(2 * time.Second)
				if row.send != nil {
					r.x.SendCollisions(dentest.Collisions(dentest.Now(), row.send[0], row.send[1:]...))
				}
				run := r.successor().start()
				time.Sleep(row.wait)
				synctest.Wait()
				r.wantPublished(row.want...)
				run.stop()
			})
		})
	}
}

// An event whose validity ended while nobody worked is over: nothing is sent, and
// it counts as expired.
func TestOverWhenTakenOver(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002) // valid for 4 s
		time.Sleep(4001 * time.Millisecond)
		next := r.successor()
		run := next.start()
		time.Sleep(10 * time.Second)
		run.stop()
		r.wantPublished("new 3000001/0")
		if s := next.Stats(); s.Expired != 1 || s.Recovered != 0 || s.Cancelled != 0 || s.Active != 0 {
			t.Errorf("expired %d, recovered %d, cancelled %d, active %d; want 1, 0, 0, 0", s.Expired, s.Recovered, s.Cancelled, s.Active)
		}
	})
}

// The journal is read so far back that no event is missed: with the longest time to
// the collision, the longest times of the configuration and a sender whose clock
// is ahead, and in the last second of its validity.
func TestLongestValidityIsTakenOver(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		longest := func(c *den.Config) { c.TimeAfterCollision, c.LastUpdateMaxDelay = 10*time.Second, 10*time.Second }
		r := newRig(t, longest)
		c := dentest.Collisions(dentest.Now().Add(5*time.Second), 1001, 1002)
		c.Stations[1].TimeToCollision = den.Some[uint16](10000)
		if err := r.HandleCollisions(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		time.Sleep(35 * time.Second)
		r.publish(warning(7, dentest.Now(), 8, 9)) // so that the other one is not the last
		next := r.successor(longest)
		run := next.start()
		if n := next.Stats().Recovered; n != 2 {
			t.Errorf("%d events were recovered; want 2", n)
		}
		time.Sleep(time.Second)
		run.stop()
	})
}

// Which event is open can be told from what was published and acknowledged.
func TestWhatIsOpen(t *testing.T) {
	negates := func(d *den.DENM, by den.StationID, earlier den.Timestamp) *den.DENM {
		n := dentest.Negation(d, by)
		n.Management.ReferenceTime -= earlier
		return n
	}
	for _, row := range []struct {
		name   string
		happen func(r *rig, first, latest *den.DENM)
		want   int // open events
	}{
		{"nothing_happened", func(*rig, *den.DENM, *den.DENM) {}, 1},
		{"cancelled", func(r *rig, _, latest *den.DENM) { r.publish(latest.Cancellation(dentest.Now())) }, 0},
		{"negated", func(r *rig, _, latest *den.DENM) { r.acknowledged(negates(latest, 9, 0)) }, 0},
		{"first_version_negated", func(r *rig, first, _ *den.DENM) { r.acknowledged(negates(first, 9, 0)) }, 0},
		{"negated_before_it_began", func(r *rig, first, _ *den.DENM) { r.acknowledged(negates(first, 9, 1)) }, 1},
		{"negated_by_ourselves", func(r *rig, _, latest *den.DENM) { r.acknowledged(negates(latest, ourStation, 0)) }, 1},
		{"repeated_by_another_station", func(r *rig, _, latest *den.DENM) {
			d := *latest
			d.StationID = 9
			r.acknowledged(&d)
			r.publish(&d)
		}, 1},
		{"cancelled_by_another_station", func(r *rig, _, latest *den.DENM) {
			d := latest.Cancellation(dentest.Now())
			d.StationID = 9
			r.acknowledged(d)
			r.publish(d)
		}, 1},
		{"event_of_another_station", func(r *rig, first, _ *den.DENM) {
			d := *first
			d.StationID = 9
			d.Management.ActionID = den.ActionID{OriginatingStationID: 9, SequenceNumber: 4}
			r.publish(&d)
		}, 1},
		{"another_event_negated", func(r *rig, _, latest *den.DENM) {
			n := negates(latest, 9, 0)
			n.Management.ActionID.SequenceNumber++
			r.acknowledged(n)
		}, 1},
		{"number_given_again", func(r *rig, first, _ *den.DENM) { // and the negation is of the earlier event
			r.publish(warning(0, dentest.Now()+1, 8, 9))
			r.acknowledged(negates(first, 9, 0))
		}, 1},
		{"cancelled_and_open_again", func(r *rig, _, latest *den.DENM) {
			r.publish(latest.Cancellation(dentest.Now()), warning(1, dentest.Now(), 1001, 1002))
		}, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t)
				first := warning(0, dentest.Now(), 1001, 1002)
				time.Sleep(100 * time.Millisecond)
				latest := warning(0, dentest.Now(), 1001, 1002)
				r.publish(first, latest)
				row.happen(r, first, latest)
				before := len(r.x.Published())
				next := r.successor()
				run := next.start()
				if s := next.Stats(); s.Active != row.want || int(s.Recovered) != row.want {
					t.Errorf("active %d, recovered %d; want %d", s.Active, s.Recovered, row.want)
				}
				if n := len(r.x.Published()); n != before {
					t.Errorf("%d DENMs were published by the recovery", n-before)
				}
				run.stop()
			})
		})
	}
}

// A negation that was delivered and not acknowledged is still to be handled. It
// may name any version of the event, so the time of the first one is known.
func TestNegationWaitsForTheNextProcess(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		first := r.last()
		time.Sleep(100 * time.Millisecond)
		r.collide(1001, 1002)
		r.x.SendDENM(dentest.Negation(first, 9))
		if _, err := r.x.Receive(t.Context(), 10, 0); err != nil {
			t.Fatal(err)
		}
		next := r.successor()
		run := next.start()
		if s := next.Stats(); s.Recovered != 1 || s.Negated != 1 || s.Outdated != 0 || s.Active != 0 {
			t.Errorf("recovered %d, negated %d, outdated %d, active %d; want 1, 1, 0, 0", s.Recovered, s.Negated, s.Outdated, s.Active)
		}
		run.stop()
	})
}

// Two open events for one pair mean that the earlier one ended in a way we cannot
// know: the newer one goes on.
func TestTwoEventsForOnePair(t *testing.T) {
	for _, row := range []struct {
		name               string
		order              denstore.PairOrder
		reference, target  den.StationID // of the newer event
		numbers            [2]uint16
		wantActive, wantID int
	}{
		{"same_order", denstore.AsSent, 1001, 1002, [2]uint16{5, 9}, 1, 9},
		{"lower_number_is_newer", denstore.AsSent, 1001, 1002, [2]uint16{9, 5}, 1, 5},
		{"canonical", denstore.Canonical, 1002, 1001, [2]uint16{5, 9}, 1, 9},
		{"two_pairs", denstore.AsSent, 1002, 1001, [2]uint16{5, 9}, 2, 5},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t)
				r.publish(warning(row.numbers[0], dentest.Now()-10, 1001, 1002),
					warning(row.numbers[1], dentest.Now(), row.reference, row.target))
				next := r.another(func(c *den.Config) { c.Store = denstore.New(row.order) })
				run := next.start()
				if s := next.Stats(); s.Active != row.wantActive || int(s.Recovered) != row.wantActive {
					t.Errorf("active %d, recovered %d; want %d", s.Active, s.Recovered, row.wantActive)
				}
				next.collide(1001, 1002)
				if got := next.last().Management.ActionID.SequenceNumber; int(got) != row.wantID {
					t.Errorf("the pair goes on as event %d; want %d", got, row.wantID)
				}
				run.stop()
			})
		})
	}
}

// The numbers go on after the last DENM, however long ago it was published: its
// receivers may still know it.
func TestNumbersGoOn(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002, 1003, 1004)
		time.Sleep(2 * time.Second)
		r.cleanup()
		time.Sleep(24 * time.Hour)
		next := r.successor()
		run := next.start()
		next.collide(1001, 1002)
		if got := next.last().Management.ActionID.SequenceNumber; got != 3 {
			t.Errorf("the next number is %d; want 3", got)
		}
		run.stop()
	})
}

// A negation and its cancellation are one step. Whether the commit of the Run
// before happened or not, the cancellation appears once.
func TestCancelOnNegationAcrossACrash(t *testing.T) {
	another := func(r *rig) *rig { return r.successor(cancelOnNegation) }
	same := func(r *rig) *rig { return r }
	for _, row := range []struct {
		name string
		fail func(x *dentest.Transport)
		next func(r *rig) *rig
	}{
		{"it_did_not_happen", func(x *dentest.Transport) { x.FailPublish(1000, errDown) }, another},
		{"it_happened", func(x *dentest.Transport) { x.LoseReplies(1000) }, another},
		{"it_did_not_happen_and_the_same_service_runs", func(x *dentest.Transport) { x.FailPublish(1000, errDown) }, same},
		{"it_happened_and_the_same_service_runs", func(x *dentest.Transport) { x.LoseReplies(1000) }, same},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t, cancelOnNegation, func(c *den.Config) {
					c.ShutdownTimeout, c.CheckMaxInterval = 100*time.Millisecond, time.Second
				})
				r.collide(1001, 1002)
				run := r.start()
				row.fail(r.x)
				r.x.SendDENM(dentest.Negation(r.last(), 9))
				synctest.Wait()
				run.cancel()
				run.interrupted()
				r.x.FailPublish(0, nil)
				r.x.LoseReplies(0)

				run = row.next(r).start()
				time.Sleep(2 * time.Second)
				r.wantPublished("new 3000001/0", "cancel 3000001/0")
				r.wantSettled()
				run.stop()
			})
		})
	}
}

// An array whose commit was under way when the process crashed has its DENM once.
// In two steps it may have been published without being acknowledged: then it
// comes again as an update of the same event.
func TestCrashWithinACommit(t *testing.T) {
	for _, row := range []struct {
		name string
		edit func(*den.Config)
		fail func(x *dentest.Transport)
		want []string
	}{
		{"it_did_not_happen", func(*den.Config) {}, func(x *dentest.Transport) { x.FailPublish(1, errPermanent) }, []string{"new 3000001/0"}},
		{"it_happened", func(*den.Config) {}, func(x *dentest.Transport) { x.LoseReplies(1000) }, []string{"new 3000001/0"}},
		{"in_two_steps", publishesThenCrashes, func(*dentest.Transport) {}, []string{"new 3000001/0", "update 3000001/0"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t, row.edit, func(c *den.Config) { c.ShutdownTimeout = 100 * time.Millisecond })
				row.fail(r.x)
				r.sendPairs(1)
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				if err := r.Run(ctx, r.x); err == nil {
					t.Fatal("Run succeeded")
				}
				r.x.LoseReplies(0)
				run := r.successor().start()
				r.wantPublished(row.want...)
				r.wantSettled()
				r.wantGrowing()
				run.stop()
			})
		})
	}
}

// publishesThenCrashes makes the Publisher one that is no Committer, and that
// fails for good behind the first Publish.
func publishesThenCrashes(c *den.Config) {
	x := c.Publisher.(*dentest.Transport)
	c.Publisher = den.PublisherFunc(func(ctx context.Context, denms []*den.DENM) error {
		_ = x.Publish(ctx, denms)
		return errPermanent
	})
}

// When the same service runs again, its own store tells nothing that the journal
// does not: what another process has ended meanwhile is gone, what was published
// goes on, and nothing counts as recovered that was not another's.
func TestRunAgain(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		run := r.start()
		r.collide(1001, 1002, 1003)
		run.stop()
		r.publish(r.x.Published()[1].Cancellation(dentest.Now()+1), warning(7, dentest.Now(), 8, 9))
		run = r.start()
		if s := r.Stats(); s.Active != 2 || s.Recovered != 1 {
			t.Errorf("active %d, recovered %d; want 2, 1", s.Active, s.Recovered)
		}
		run.stop()
		time.Sleep(5 * time.Second)
		run = r.start()
		if s := r.Stats(); s.Active != 0 || s.Expired != 2 {
			t.Errorf("active %d, expired %d; want 0, 2", s.Active, s.Expired)
		}
		run.stop()
		if got := told(r.x.Published()); !slices.Contains(got, "cancel 3000001/1") || len(got) != 4 {
			t.Errorf("published %q; want nothing by the later Runs", got)
		}
	})
}
