package den_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// Which DENMs of other stations remove the record of 3000001/0, and why the
// others do not.
var negations = []struct {
	name  string
	from  den.StationID
	edit  func(d *den.DENM)
	want  error
	count func(den.Stats) uint64
}{
	{"of_the_latest_version", 9, func(*den.DENM) {}, nil, negated},
	{"of_the_first_version", 9, func(d *den.DENM) { d.Management.ReferenceTime = runBegin }, nil, negated},
	{"without_reference_time", 9, func(d *den.DENM) { d.Management.ReferenceTime = 0 }, nil, negated},
	{"without_anything_else", 9, func(d *den.DENM) {
		id := d.Management.ActionID
		*d = den.DENM{StationID: 9, Management: den.Management{ActionID: id, Termination: den.Some(den.IsNegation)}}
	}, nil, negated},
	{"newer_than_ours", 9, func(d *den.DENM) { d.Management.ReferenceTime += 5000 }, nil, negated},
	{
		"outdated", 9, func(d *den.DENM) { d.Management.ReferenceTime = runBegin - 1 },
		den.ErrOutdated, func(s den.Stats) uint64 { return s.Outdated },
	},
	{"own", ourStation, func(*den.DENM) {}, den.ErrOwnMessage, func(s den.Stats) uint64 { return s.OwnMessage }},
	{
		"unknown_number", 9, func(d *den.DENM) { d.Management.ActionID.SequenceNumber++ },
		den.ErrUnknownAction, func(s den.Stats) uint64 { return s.UnknownAction },
	},
	{
		"of_another_station", 9, func(d *den.DENM) { d.Management.ActionID.OriginatingStationID = 8 },
		den.ErrUnknownAction, func(s den.Stats) uint64 { return s.UnknownAction },
	},
	{
		"cancellation", 9, func(d *den.DENM) { d.Management.Termination = den.Some(den.IsCancellation) },
		den.ErrNotNegation, notNegation,
	},
	{
		"no_termination", 9, func(d *den.DENM) { d.Management.Termination = den.Optional[den.Termination]{} },
		den.ErrNotNegation, notNegation,
	},
}

// runBegin is when the bubble of a test begins.
var runBegin = den.TimestampOf(time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC))

func negated(s den.Stats) uint64     { return s.Negated }
func notNegation(s den.Stats) uint64 { return s.NotNegation }

func TestNegation(t *testing.T) {
	for _, row := range negations {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t)
				r.collide(1001, 1002)
				time.Sleep(500 * time.Millisecond)
				r.collide(1001, 1002)
				d := dentest.Negation(r.last(), row.from)
				row.edit(d)

				wantError(t, r.HandleDENM(t.Context(), d), row.want)
				if gone := r.store.Len() == 0; gone != (row.want == nil) {
					t.Errorf("the record is gone: %v; the error is %v", gone, row.want)
				}
				r.wantPublished("new 3000001/0", "update 3000001/0")
				if s := r.Stats(); row.count(s) != 1 || s.DENMs != 1 {
					t.Errorf("not counted: %+v", s)
				}
			})
		})
	}
}

func TestNegationThroughRun(t *testing.T) {
	for _, row := range negations {
		if row.name == "without_anything_else" {
			continue // dentest.Event writes the whole message
		}
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t)
				run := r.start()
				r.collide(1001, 1002)
				d := dentest.Negation(r.last(), row.from)
				row.edit(d)
				r.x.SendDENM(d)
				synctest.Wait()
				if gone := r.store.Len() == 0; gone != (row.want == nil) {
					t.Errorf("the record is gone: %v; want an error like %v", gone, row.want)
				}
				if s := r.Stats(); row.count(s) != 1 || s.DENMs != 1 {
					t.Errorf("not counted: %+v", s)
				}
				run.stop()
				r.wantPublished("new 3000001/0")
				r.wantSettled()
			})
		})
	}
}

// After a negation the pair is a new event when it comes again.
func TestNegatedPairComesAgain(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		if err := r.HandleDENM(t.Context(), dentest.Negation(r.last(), 9)); err != nil {
			t.Fatal(err)
		}
		r.collide(1001, 1002)
		r.wantPublished("new 3000001/0", "new 3000001/1")
	})
}

func TestCancelOnNegation(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, cancelOnNegation)
		r.collide(1001, 1002)
		if err := r.HandleDENM(t.Context(), dentest.Negation(r.last(), 9)); err != nil {
			t.Fatal(err)
		}
		r.wantPublished("new 3000001/0", "cancel 3000001/0")
		r.wantGrowing()
		if s := r.Stats(); s.Negated != 1 || s.Cancelled != 1 || s.Active != 0 {
			t.Errorf("negated %d, cancelled %d, active %d; want 1, 1, 0", s.Negated, s.Cancelled, s.Active)
		}
	})
}

// An event whose validity is over is not cancelled any more, even if its record
// still waits for an update (TS 103 831, AppDENM_termination).
func TestCancelOnNegationOfAnEventThatIsOver(t *testing.T) {
	for _, way := range []struct {
		name   string
		negate func(r *rig, d *den.DENM)
	}{
		{"direct_call", func(r *rig, d *den.DENM) { wantError(r.t, r.HandleDENM(r.t.Context(), d), nil) }},
		{"through_run", func(r *rig, d *den.DENM) { r.x.SendDENM(d); r.start().stop() }},
	} {
		t.Run(way.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t, cancelOnNegation, inTwoSteps)
				old := dentest.Collisions(dentest.Now().Add(-3500*time.Millisecond), 1001, 1002) // valid for 4 s
				if err := r.HandleCollisions(t.Context(), old); err != nil {
					t.Fatal(err)
				}
				time.Sleep(501 * time.Millisecond)
				way.negate(r, dentest.Negation(r.last(), 9))
				r.wantPublished("new 3000001/0")
				if s := r.Stats(); s.Negated != 1 || s.Cancelled != 0 || s.Active != 0 {
					t.Errorf("negated %d, cancelled %d, active %d; want 1, 0, 0", s.Negated, s.Cancelled, s.Active)
				}
			})
		})
	}
}

// The record stays until the cancellation is published, and that is done by the
// caller's next try or by Cleanup, with the same DENM.
func TestCancelOnNegationFails(t *testing.T) {
	for _, again := range []string{"caller", "cleanup"} {
		t.Run(again, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t, cancelOnNegation)
				r.collide(1001, 1002)
				negation := dentest.Negation(r.last(), 9)
				r.x.LoseReplies(1)
				wantError(t, r.HandleDENM(t.Context(), negation), dentest.ErrReplyLost)
				if n := r.store.Len(); n != 1 {
					t.Errorf("%d records are open; want 1", n)
				}
				time.Sleep(100 * time.Millisecond)
				if again == "cleanup" {
					r.cleanup()
				} else if err := r.HandleDENM(t.Context(), negation); err != nil {
					t.Fatal(err)
				}
				r.wantPublished("new 3000001/0", "cancel 3000001/0")
				if n := r.store.Len(); n != 0 {
					t.Errorf("%d records are open; want none", n)
				}
				r.cleanup()
				r.wantPublished("new 3000001/0", "cancel 3000001/0")
			})
		})
	}
}

func TestUpdateAfterFailedCancelOnNegation(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, cancelOnNegation)
		r.collide(1001, 1002)
		r.x.LoseReplies(1)
		wantError(t, r.HandleDENM(t.Context(), dentest.Negation(r.last(), 9)), dentest.ErrReplyLost)
		r.collide(1001, 1002)
		r.cleanup()
		r.wantPublished("new 3000001/0", "cancel 3000001/0", "update 3000001/0")
		r.wantGrowing()
	})
}

// Within one batch, what comes after a negation finds the record gone.
func TestCancelOnNegationInABatch(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, cancelOnNegation)
		r.collide(1001, 1002)
		negation := dentest.Negation(r.last(), 9)
		array := dentest.Collisions(dentest.Now(), 1001, 1002)
		r.x.Send(
			dentest.Event(array, nil), dentest.Event(nil, negation), dentest.Event(nil, negation), dentest.Event(array, nil),
		)
		r.x.LoseReplies(2)
		r.x.End()
		if err := r.Run(t.Context(), r.x); err != nil {
			t.Fatal(err)
		}
		r.wantPublished("new 3000001/0", "update 3000001/0", "cancel 3000001/0", "new 3000001/1")
		r.wantGrowing()
		r.wantSettled()
		if s := r.Stats(); s.Negated != 1 || s.Cancelled != 1 || s.UnknownAction != 1 {
			t.Errorf("negated %d, cancelled %d, unknown %d; want 1 each", s.Negated, s.Cancelled, s.UnknownAction)
		}
	})
}

// A batch with a negation that could not be settled when Run ended does not take
// the cancellation with it: the record is gone, and the cancellation comes later,
// by a Cleanup or by the next Run, which need not have a journal.
func TestCancelOnNegationOutlivesRun(t *testing.T) {
	for _, row := range []struct {
		name  string
		later func(r *rig)
	}{
		{"cleanup", func(r *rig) { r.cleanup() }},
		{"next_run", func(r *rig) {
			run := r.start()
			time.Sleep(time.Millisecond)
			run.stop()
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t, cancelOnNegation, inTwoSteps)
				r.collide(1001, 1002)
				r.x.SendDENM(dentest.Negation(r.last(), 77))
				r.x.FailPublish(1, den.ErrPermanent)
				wantError(t, r.Run(t.Context(), r.x), den.ErrPermanent)
				r.wantPublished("new 3000001/0")
				row.later(r)
				r.wantPublished("new 3000001/0", "cancel 3000001/0")
				row.later(r)
				r.wantPublished("new 3000001/0", "cancel 3000001/0")
				if stats := r.Stats(); stats.Cancelled != 1 || stats.Negated != 1 || stats.Active != 0 {
					t.Errorf("%+v", stats)
				}
			})
		})
	}
}
