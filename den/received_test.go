package den_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

const otherStation den.StationID = 4000001

// foreign returns a DENM of another station about its event with the number.
func foreign(number uint16, detected, made den.Timestamp) *den.DENM {
	return &den.DENM{
		StationID: otherStation,
		Management: den.Management{
			ActionID:         den.ActionID{OriginatingStationID: otherStation, SequenceNumber: number},
			DetectionTime:    detected,
			ReferenceTime:    made,
			EventPosition:    den.PositionAt(450703393, 76868640),
			ValidityDuration: den.Some[uint32](10),
			StationType:      den.TypePassengerCar,
		},
		Situation: den.Some(den.Situation{EventType: den.CauseCollisionRisk}),
	}
}

func ending(d *den.DENM, how den.Termination, from den.StationID, detected, made den.Timestamp) *den.DENM {
	ends := *d
	ends.StationID = from
	ends.Situation = den.Optional[den.Situation]{}
	ends.Management.Termination = den.Some(how)
	ends.Management.DetectionTime, ends.Management.ReferenceTime = detected, made
	return &ends
}

func newReceived(t *testing.T, edits ...func(*den.ReceivedConfig)) *den.Received {
	t.Helper()
	cfg := den.ReceivedConfig{StationID: ourStation}
	for _, edit := range edits {
		edit(&cfg)
	}
	r, err := den.NewReceived(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What the table makes of a DENM, after it has got one whose times are both t0.
func TestReceivedRules(t *testing.T) {
	const t0 = den.Timestamp(1772442900000)
	known := foreign(7, t0, t0)
	cancelled := ending(known, den.IsCancellation, otherStation, t0+50, t0+100)
	negated := ending(known, den.IsNegation, 9, t0+50, t0)
	for _, row := range []struct {
		name  string
		after []*den.DENM
		d     *den.DENM
		now   den.Timestamp
		want  error
	}{
		{"new_event", nil, foreign(8, t0, t0), t0, nil},
		{"update", nil, foreign(7, t0, t0+1), t0 + 1, nil},
		{"newer_detection", nil, foreign(7, t0+1, t0), t0 + 1, nil},
		{"repetition", nil, foreign(7, t0, t0), t0 + 1, den.ErrRepetition},
		{"older_reference", nil, foreign(7, t0, t0-1), t0, den.ErrOutdated},
		{"older_reference_newer_detection", nil, foreign(7, t0+1, t0-1), t0, den.ErrOutdated},
		{"older_detection", nil, foreign(7, t0-1, t0+1), t0, den.ErrOutdated},
		{"validity_ends_now", nil, foreign(8, t0, t0), t0 + 15_000, nil},
		{"validity_is_over", nil, foreign(8, t0, t0), t0 + 15_001, den.ErrTooLate},
		{"update_after_the_validity", nil, foreign(7, t0, t0+1), t0 + 15_001, den.ErrTooLate},
		{"own", nil, ending(foreign(8, t0, t0), den.IsNegation, ourStation, t0, t0), t0, den.ErrOwnMessage},
		{"cancellation", nil, cancelled, t0, nil},
		{"cancellation_by_another", nil, ending(known, den.IsCancellation, 9, t0+1, t0+1), t0, den.ErrNotOriginator},
		{"update_by_another", nil, func() *den.DENM { d := *foreign(7, t0, t0+1); d.StationID = 9; return &d }(), t0, den.ErrNotOriginator},
		{"negation", nil, negated, t0, nil},
		{"negation_of_the_same_instant", nil, ending(known, den.IsNegation, 9, t0, t0), t0, nil},
		{"negation_of_an_older_version", nil, ending(known, den.IsNegation, 9, t0+1, t0-1), t0, den.ErrOutdated},
		{"negation_of_nothing", nil, ending(foreign(8, t0, t0), den.IsNegation, 9, t0, t0), t0, den.ErrUnknownAction},
		{"cancellation_of_nothing", nil, ending(foreign(8, t0, t0), den.IsCancellation, otherStation, t0, t0), t0, den.ErrUnknownAction},
		{"negation_without_times", nil, ending(known, den.IsNegation, 9, 0, 0), t0, nil},
		{"no_detection_time", nil, foreign(8, 0, t0), t0, errNoDetectionTime},
		{"cancelled_again", []*den.DENM{cancelled}, cancelled, t0, den.ErrRepetition},
		{"late_update_after_the_cancellation", []*den.DENM{cancelled}, foreign(7, t0+50, t0+99), t0, den.ErrOutdated},
		{"opened_again", []*den.DENM{cancelled}, foreign(7, t0+50, t0+101), t0, nil},
		{"repetition_after_the_negation", []*den.DENM{negated}, foreign(7, t0, t0), t0, den.ErrOutdated},
		{"update_after_the_negation", []*den.DENM{negated}, foreign(7, t0+50, t0+1), t0, nil},
		{
			"repetition_after_a_negation_without_times",
			[]*den.DENM{ending(known, den.IsNegation, 9, 0, 0)},
			foreign(7, t0-1, t0),
			t0, den.ErrOutdated,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newReceived(t)
			for _, d := range append([]*den.DENM{known}, row.after...) {
				if err := r.Handle(d, t0); err != nil {
					t.Fatal(err)
				}
			}
			before, _ := r.Lookup(row.d.Management.ActionID)
			err := r.Handle(row.d, row.now)
			if row.want == errNoDetectionTime {
				if err == nil || !strings.HasPrefix(err.Error(), "detectionTime: ") {
					t.Errorf("got %v", err)
				}
			} else {
				wantError(t, err, row.want)
			}
			after, ok := r.Lookup(row.d.Management.ActionID)
			switch {
			case row.want == nil && (!ok || after == before):
				t.Errorf("the table has %v; want the new DENM", after)
			case row.want != nil && ok && after != before:
				t.Errorf("the table has a refused DENM: %v", after)
			}
		})
	}
}

var errNoDetectionTime = fmt.Errorf("detectionTime")

// The clock of a sender may be behind ours.
func TestReceivedClockSkew(t *testing.T) {
	const t0 = den.Timestamp(1772442900000)
	r := newReceived(t)
	wantError(t, r.Handle(foreign(1, t0+5001, t0), t0), den.ErrFuture)
	wantError(t, r.Handle(foreign(1, t0, t0+5001), t0), den.ErrFuture)
	if err := r.Handle(foreign(2, t0+5000, t0+5000), t0); err != nil {
		t.Error(err)
	}
	wantError(t, r.Handle(foreign(1, t0, t0), t0+15_001), den.ErrTooLate)
	if err := r.Handle(foreign(1, t0, t0), t0+15_000); err != nil {
		t.Error(err)
	}
	if r.Expire(t0 + 15_000); r.Len() != 2 {
		t.Error("it left the table before its time")
	}
	if r.Expire(t0 + 15_001); r.Len() != 1 {
		t.Error("it is still in the table")
	}
}

// Whatever ended an event, no repetition of what was known before opens it again.
func TestReceivedRepetitionAfterTheEnd(t *testing.T) {
	const t0 = den.Timestamp(1772442900000)
	known := foreign(1, t0, t0)
	bare := func(from den.StationID, how den.Termination) *den.DENM {
		return &den.DENM{StationID: from, Management: den.Management{ActionID: known.Management.ActionID, Termination: den.Some(how)}}
	}
	for name, end := range map[string]*den.DENM{
		"negation":             dentest.Negation(known, 9),
		"bare_negation":        bare(9, den.IsNegation),
		"bare_cancellation":    bare(otherStation, den.IsCancellation),
		"cancellation_at_once": ending(known, den.IsCancellation, otherStation, t0, t0),
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceived(t)
			wantError(t, r.Handle(known, t0), nil)
			wantError(t, r.Handle(end, t0+1), nil)
			wantError(t, r.Handle(known, t0+2), den.ErrOutdated)
			wantError(t, r.Handle(foreign(1, t0+1, t0), t0+2), den.ErrOutdated)
			wantError(t, r.Handle(end, t0+2), den.ErrRepetition)
			wantError(t, r.Handle(foreign(1, t0+1, t0+1), t0+2), nil)
		})
	}
}

// Events that have ended make room for new ones.
func TestReceivedFull(t *testing.T) {
	const t0 = den.Timestamp(1772442900000)
	r := newReceived(t, func(c *den.ReceivedConfig) { c.Most = 3 })
	for i := range uint16(3) {
		wantError(t, r.Handle(foreign(i, t0, t0), t0), nil)
	}
	wantError(t, r.Handle(foreign(3, t0, t0), t0), den.ErrReceivedFull)
	for _, i := range []uint16{2, 0} {
		wantError(t, r.Handle(ending(foreign(i, t0, t0), den.IsCancellation, otherStation, t0, t0+1+den.Timestamp(i)), t0+9), nil)
	}
	wantError(t, r.Handle(foreign(3, t0, t0), t0), nil)
	wantError(t, r.Handle(foreign(4, t0, t0), t0), nil)
	wantError(t, r.Handle(foreign(5, t0, t0), t0), den.ErrReceivedFull)
	wantError(t, r.Handle(foreign(1, t0, t0+1), t0), nil)
	if n := r.Len(); n != 3 {
		t.Errorf("the table has %d events; want 3", n)
	}
}

// A caller who decodes into the same variable again and again does harm to his events, and
// no more.
func TestReceivedReused(t *testing.T) {
	const t0 = den.Timestamp(1772442900000)
	r := newReceived(t)
	var d den.DENM
	for i := range uint16(8) {
		d = *foreign(i, t0+den.Timestamp(8-i), t0+den.Timestamp(i))
		_ = r.Handle(&d, t0)
	}
	if r.Expire(t0 + 100_000); r.Len() != 0 {
		t.Errorf("%d events are left", r.Len())
	}
	for i := range uint16(8) {
		wantError(t, r.Handle(foreign(i, t0+200_001, t0+200_001), t0+200_001), nil)
	}
}

// The table never holds more than it may, and what it holds is what ETSI's rules leave
// of a list of everything.
func TestReceivedAgainstAList(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 7))
	const most = 20
	r := newReceived(t, func(c *den.ReceivedConfig) { c.Most, c.MaxClockSkew = most, time.Millisecond })
	list := make(map[den.ActionID]*den.DENM)
	until := make(map[den.ActionID]den.Timestamp)
	now := den.Timestamp(1772442900000)
	for i := range 20_000 {
		now += den.Timestamp(random.IntN(200))
		d := foreign(uint16(random.IntN(40)), now-den.Timestamp(random.IntN(300)), now-den.Timestamp(random.IntN(300)))
		d.Management.ValidityDuration = den.Some(uint32(random.IntN(8)))
		if random.IntN(5) == 0 {
			d = ending(d, den.IsNegation, 9, d.Management.DetectionTime, d.Management.ReferenceTime)
		}
		for id, at := range until {
			if at < now {
				delete(list, id)
				delete(until, id)
			}
		}
		id, m := d.Management.ActionID, &d.Management
		last := list[id]
		fits := d.ValidUntil()+1 >= now
		switch {
		case last == nil && m.Termination.Valid, last == nil && len(list) == most && firstEnded(list, until) == 0:
			fits = false
		case last != nil:
			l := &last.Management
			fits = fits && m.ReferenceTime >= l.ReferenceTime && m.DetectionTime >= l.DetectionTime &&
				(m.ReferenceTime > l.ReferenceTime || m.DetectionTime > l.DetectionTime || m.Termination != l.Termination) &&
				(m.ReferenceTime > l.ReferenceTime || m.Termination.Valid || !l.Termination.Valid)
		}
		if err := r.Handle(d, now); (err == nil) != fits {
			t.Fatalf("step %d: Handle returned %v; want it to fit: %v", i, err, fits)
		}
		if fits && last == nil && len(list) == most { // one that has ended made room
			first := firstEnded(list, until)
			for id, d := range list {
				if _, there := r.Lookup(id); !there && d.Management.Termination.Valid && until[id] == first {
					delete(list, id)
					delete(until, id)
				}
			}
		}
		if fits {
			list[id] = d
			if ends := d.ValidUntil() + 1; m.Termination.Valid {
				until[id] = max(ends, until[id])
			} else {
				until[id] = ends
			}
		}
		if r.Len() != len(list) || len(list) > most {
			t.Fatalf("step %d: the table has %d events; want %d", i, r.Len(), len(list))
		}
		if got, _ := r.Lookup(id); got != list[id] {
			t.Fatalf("step %d: the table has %v; want %v", i, got, list[id])
		}
	}
}

// firstEnded returns when the first one of the events that have ended leaves the table, 0 if
// there is none.
func firstEnded(list map[den.ActionID]*den.DENM, until map[den.ActionID]den.Timestamp) (first den.Timestamp) {
	for id, d := range list {
		if d.Management.Termination.Valid && (first == 0 || until[id] < first) {
			first = until[id]
		}
	}
	return first
}

func TestReceivedConfig(t *testing.T) {
	for _, cfg := range []den.ReceivedConfig{{Most: -1}, {Most: 1<<24 + 1}, {MaxClockSkew: -1}, {MaxClockSkew: time.Hour}, {MaxClockSkew: time.Microsecond}} {
		if _, err := den.NewReceived(cfg); err == nil {
			t.Errorf("NewReceived takes %+v", cfg)
		}
	}
	_, err := den.New(den.Config{
		StationID: 1, Store: newRig(t).store, Publisher: dentest.NewTransport(), Received: newReceived(t),
	})
	if err == nil || err.Error() != "den: Config.Received has the station id 3000001 and not 1" {
		t.Errorf("New says %v", err)
	}
}

// receiving gives the service a table of received DENMs, and returns what is delivered.
func receiving(t *testing.T, delivered *[]*den.DENM) func(*den.Config) {
	return func(c *den.Config) {
		c.Received = newReceived(t)
		c.Hooks.Delivered = func(d *den.DENM) { *delivered = append(*delivered, d) }
	}
}

// Negate publishes ETSI's negation of an event that was received, once.
func TestNegate(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var delivered []*den.DENM
		r := newRig(t, receiving(t, &delivered))
		d := foreign(3, dentest.Now()-100, dentest.Now()-50)
		wantError(t, r.Negate(t.Context(), d.Management.ActionID), den.ErrUnknownAction)
		if err := r.HandleDENM(t.Context(), d); err != nil || len(delivered) != 1 || delivered[0] != d {
			t.Fatalf("got %v, delivered %v", err, delivered)
		}
		r.x.FailPublish(1, errDown)
		wantError(t, r.Negate(t.Context(), d.Management.ActionID), errDown)
		r.x.LoseReplies(1)
		wantError(t, r.Negate(t.Context(), d.Management.ActionID), dentest.ErrReplyLost)
		if err := r.Negate(t.Context(), d.Management.ActionID); err != nil {
			t.Fatal(err)
		}
		if n := len(r.x.Published()); n != 1 {
			t.Fatalf("%d DENMs were published; want one negation", n)
		}
		wantError(t, r.Negate(t.Context(), d.Management.ActionID), den.ErrUnknownAction)
		wantError(t, newReceivedWith(t, d).Handle(r.last(), dentest.Now()), nil)
		wantError(t, r.HandleDENM(t.Context(), d), den.ErrOutdated)
		if s := r.Stats(); s.Delivered != 1 || s.Negations != 1 || s.Outdated != 1 {
			t.Errorf("delivered %d, negations %d, outdated %d; want 1 each", s.Delivered, s.Negations, s.Outdated)
		}

		late := foreign(4, dentest.Now(), dentest.Now())
		if err := r.HandleDENM(t.Context(), late); err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Second)
		wantError(t, r.Negate(t.Context(), late.Management.ActionID), den.ErrTooLate)
		wantError(t, newRig(t).Negate(t.Context(), late.Management.ActionID), den.ErrUnknownAction)
	})
}

func newReceivedWith(t *testing.T, d *den.DENM) *den.Received {
	t.Helper()
	r, err := den.NewReceived(den.ReceivedConfig{StationID: 77})
	if err == nil {
		err = r.Handle(d, dentest.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Run hands what other stations say about their events to the table, and what they say
// about ours to nobody.
func TestRunReceives(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var delivered []*den.DENM
		r := newRig(t, receiving(t, &delivered))
		run := r.start()
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		synctest.Wait()
		d := foreign(3, dentest.Now(), dentest.Now())
		for _, message := range []*den.DENM{d, d, dentest.Negation(r.last(), otherStation)} {
			r.x.Send(dentest.Event(nil, message))
		}
		synctest.Wait()
		if len(delivered) != 1 || delivered[0].Management.ActionID != d.Management.ActionID {
			t.Errorf("delivered %v", delivered)
		}
		if s := r.Stats(); s.Delivered != 1 || s.Repetition != 1 || s.Negated != 1 || s.Active != 0 || s.DENMs != 3 {
			t.Errorf("got %+v", s)
		}
		run.stop()
		r.wantSettled()
	})
}
