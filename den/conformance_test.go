package den_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/den/uper"
)

// The test purposes of ETSI TS 102 869-2 V1.4.1 that a DEN service in a cloud can be held
// to: each of them has a test that drives the service on a clock of its own. Those are
// left out that need what it does not have: a pseudonym that changes (EVGN/BV-10,
// EVRP/BV-08), GeoNetworking and BTP around the message (PAR/BV-01, PAR/BV-02), an answer
// to a request for impact reduction (MSRV/BV-10), and forwarding (KAFW). What V1.4.1 says
// of protocol version 1 holds for version 2 of EN 302 637-3 V1.3.1.
var purposes = []struct {
	id    string
	says  string
	check func(t *testing.T)
}{
	{"TP/DEN/MSGF/BV-01", "protocolVersion and messageID have their values", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		if b := encoded(t, r.last()); b[0] != 2 || b[1] != 1 {
			t.Errorf("the message begins with % x; want 02 01", b[:2])
		}
		// The JSON form has neither: its envelope says what it is.
	}},
	{"TP/DEN/MSGF/BV-02", "a new DENM has a trace at least", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		// The JSON form has no traces: none is known.
		if n := len(decoded(t, r.last()).Location.Traces); n < 1 {
			t.Errorf("there are %d traces", n)
		}
	}},
	{"TP/DEN/EVGN/BV-01", "a trigger sends a DENM", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		r.wantPublished("new 3000001/0")
		if d := r.last(); !d.Situation.Valid || !d.Location.Valid || d.Management.Termination.Valid {
			t.Errorf("it is no new DENM: %+v", *d)
		}
	}},
	{"TP/DEN/EVGN/BV-02", "each new event has a new actionID", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002, 1003)
		r.collide(1004, 1005)
		r.wantPublished("new 3000001/0", "new 3000001/1", "new 3000001/2")
	}},
	{"TP/DEN/EVGN/BV-03", "the actionID has the station's own id", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		if m := decoded(t, r.last()); m.Management.ActionID.OriginatingStationID != ourStation || m.Header.StationID != ourStation {
			t.Errorf("the ids are %v and %v; want %v", m.Management.ActionID, m.Header.StationID, ourStation)
		}
	}},
	{"TP/DEN/EVGN/BV-04", "cause and sub cause are the application's", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002) // which head for each other at a right angle
		// The application is the collision array. It has no sub cause, so that is found
		// from the directions of movement.
		if e := decoded(t, r.last()).Situation.EventType; e.CauseCode != 97 || e.SubCauseCode != uper.CollisionCrossing {
			t.Errorf("the event type is %+v; want 97 and the sub cause %d", e, uper.CollisionCrossing)
		}
	}},
	{"TP/DEN/EVGN/BV-05", "the referenceTime of a new event is now", func(t *testing.T) {
		r := newRig(t)
		c := dentest.Collisions(dentest.Now()-40, 1001, 1002)
		if err := r.HandleCollisions(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if m := r.last().Management; m.ReferenceTime != dentest.Now() || m.DetectionTime != c.DetectionTime {
			t.Errorf("made %v, detected %v; want %v, %v", m.ReferenceTime, m.DetectionTime, dentest.Now(), c.DetectionTime)
		}
	}},
	{"TP/DEN/EVGN/BV-07", "the sequenceNumber is the next unused one", func(t *testing.T) {
		r := newRig(t)
		r.store.Restore([]den.Record{{Created: 1, DENM: warning(0, dentest.Now(), 8, 9)}}, 65535)
		r.collide(1001, 1002)
		r.collide(1001, 1003)
		r.wantPublished("new 3000001/65535", "new 3000001/1")
	}},
	{"TP/DEN/EVUP/BV-01", "an update sends an update", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		r.collide(1001, 1002)
		r.wantPublished("new 3000001/0", "update 3000001/0")
	}},
	{"TP/DEN/EVUP/BV-02", "an update does not change the actionID", func(t *testing.T) {
		r := newRig(t)
		for range 10 {
			r.collide(1001, 1002)
			if id := r.last().Management.ActionID; id != (den.ActionID{OriginatingStationID: ourStation}) {
				t.Errorf("the actionID is %v", id)
			}
		}
	}},
	{"TP/DEN/EVUP/BV-03", "the referenceTime of an update is now", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		time.Sleep(250 * time.Millisecond)
		r.collide(1001, 1002)
		if at := r.last().Management.ReferenceTime; at != dentest.Now() {
			t.Errorf("made %v; want %v", at, dentest.Now())
		}
		// Of two updates in one millisecond the second is a millisecond ahead, since
		// receivers discard what is not newer.
		r.collide(1001, 1002)
		if at := r.last().Management.ReferenceTime; at != dentest.Now()+1 {
			t.Errorf("made %v; want %v", at, dentest.Now()+1)
		}
	}},
	{"TP/DEN/EVUP/BO-04", "an update of an unknown actionID sends nothing", func(t *testing.T) {
		// An application names no actionID here but a pair of road users, and an
		// unknown pair is a new event. What is older than the event sends nothing.
		r := newRig(t)
		r.collide(1001, 1002)
		wantError(t, r.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now()-1, 1001, 1002)), den.ErrStale)
		r.wantPublished("new 3000001/0")
	}},
	{"TP/DEN/EVTR/BV-01", "the end of an own event is a cancellation", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		time.Sleep(1001 * time.Millisecond) // nobody updates it
		r.cleanup()
		r.wantPublished("new 3000001/0", "cancel 3000001/0")
	}},
	{"TP/DEN/EVTR/BV-02", "the end of a foreign event is a negation", func(t *testing.T) {
		r, d := received(t)
		if err := r.Negate(t.Context(), d.Management.ActionID); err != nil {
			t.Fatal(err)
		}
		if n := r.last(); !n.Is(den.IsNegation) || n.StationID != ourStation || n.Management.ActionID != d.Management.ActionID {
			t.Errorf("published %+v", n)
		}
	}},
	{"TP/DEN/EVTR/BV-03", "a negation has the latest referenceTime that was received", func(t *testing.T) {
		r, d := received(t)
		time.Sleep(100 * time.Millisecond)
		update := foreign(3, dentest.Now(), dentest.Now()-20)
		if err := r.HandleDENM(t.Context(), update); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		if err := r.Negate(t.Context(), d.Management.ActionID); err != nil {
			t.Fatal(err)
		}
		if m := r.last().Management; m.ReferenceTime != update.Management.ReferenceTime || m.DetectionTime != dentest.Now() {
			t.Errorf("made %v, detected %v; want %v and now", m.ReferenceTime, m.DetectionTime, update.Management.ReferenceTime)
		}
	}},
	{"TP/DEN/EVTR/BV-04", "a cancellation has no situation, location or alacarte", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		time.Sleep(1001 * time.Millisecond)
		r.cleanup()
		wantManagementAlone(t, r.last())
		// In JSON it is a copy of the last DENM, as STEP has it: its receivers, and the
		// next process, find there which pair it is about.
		if d := r.last(); !d.Situation.Valid || !d.PreCrash.Valid {
			t.Errorf("the JSON form is %+v", d)
		}
	}},
	{"TP/DEN/EVTR/BV-05", "a negation has none of them either", func(t *testing.T) {
		r, d := received(t)
		if err := r.Negate(t.Context(), d.Management.ActionID); err != nil {
			t.Fatal(err)
		}
		wantManagementAlone(t, r.last())
		if n := r.last(); n.Situation.Valid || n.Location.Valid || n.PreCrash.Valid {
			t.Errorf("the JSON form is %+v", n)
		}
	}},
	{"TP/DEN/EVTR/BO-06", "an unknown own actionID is not terminated", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		unknown := r.last().Management.ActionID
		unknown.SequenceNumber++
		wantError(t, r.Negate(t.Context(), unknown), den.ErrUnknownAction)
		// Nor one that was dropped because its validity had ended.
		r = newRig(t)
		if err := r.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now().Add(-3500*time.Millisecond), 1001, 1002)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1001 * time.Millisecond)
		r.cleanup()
		r.wantPublished("new 3000001/0")
	}},
	{"TP/DEN/EVTR/BO-07", "an unknown foreign actionID is not terminated", func(t *testing.T) {
		r, d := received(t)
		unknown := d.Management.ActionID
		unknown.SequenceNumber++
		wantError(t, r.Negate(t.Context(), unknown), den.ErrUnknownAction)
		r.wantPublished()
	}},
	{"TP/DEN/EVTR/BV-08", "the referenceTime of a cancellation is now", func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		time.Sleep(1500 * time.Millisecond)
		r.cleanup()
		if at := r.last().Management.ReferenceTime; at != dentest.Now() {
			t.Errorf("made %v; want %v", at, dentest.Now())
		}
	}},
	{"TP/DEN/EVRP/TI-01", "a DENM is repeated at the repetitionInterval", func(t *testing.T) {
		r, d := repeating(t, 200*time.Millisecond, 5*time.Second)
		for want := 2; want < 6; want++ {
			time.Sleep(199 * time.Millisecond)
			r.wantTransmissions(d, want-1)
			time.Sleep(time.Millisecond)
			synctest.Wait()
			r.wantTransmissions(d, want)
		}
	}},
	{"TP/DEN/EVRP/BV-02", "it is the newest version that is repeated", func(t *testing.T) {
		r, d := repeating(t, 200*time.Millisecond, 5*time.Second)
		time.Sleep(250 * time.Millisecond)
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		synctest.Wait()
		update := r.last()
		time.Sleep(time.Second)
		synctest.Wait()
		r.wantTransmissions(d, 2)
		r.wantTransmissions(update, 6)
	}},
	{"TP/DEN/EVRP/BV-03", "the repetition ends with the validity", func(t *testing.T) {
		r, _ := repeating(t, 100*time.Millisecond, time.Hour)
		// This event is valid for 13 s from its detection, of which 450 ms are left.
		r.x.SendCollisions(dentest.Collisions(dentest.Now().Add(-12550*time.Millisecond), 1001, 1003))
		synctest.Wait()
		d := r.last()
		if left := d.ValidUntil().Sub(dentest.Now()); left != 450*time.Millisecond {
			t.Fatalf("it is valid for %v", left)
		}
		time.Sleep(5 * time.Second)
		r.wantTransmissions(d, 5)
	}},
	{"TP/DEN/EVRP/BV-04", "the repetition ends with the repetitionDuration", func(t *testing.T) {
		r, d := repeating(t, 200*time.Millisecond, 700*time.Millisecond)
		time.Sleep(5 * time.Second)
		r.wantTransmissions(d, 4)
	}},
	{"TP/DEN/EVRP/BV-05", "without repetitionInterval nothing is repeated", func(t *testing.T) {
		r, d := repeating(t, 0, 5*time.Second)
		time.Sleep(5 * time.Second)
		r.wantTransmissions(d, 1)
	}},
	{"TP/DEN/EVRP/BV-06", "without repetitionDuration nothing is repeated", func(t *testing.T) {
		r, d := repeating(t, 200*time.Millisecond, 0)
		time.Sleep(5 * time.Second)
		r.wantTransmissions(d, 1)
	}},
	{"TP/DEN/EVRP/BV-09", "repetitions do not change the actionID", func(t *testing.T) {
		r, d := repeating(t, 200*time.Millisecond, time.Second)
		time.Sleep(time.Second)
		synctest.Wait()
		for _, repeated := range r.x.Published() {
			if repeated.Management.ActionID != d.Management.ActionID {
				t.Errorf("the actionID is %v", repeated.Management.ActionID)
			}
		}
		r.wantTransmissions(d, 6)
	}},
	{"TP/DEN/EVRP/BV-10", "nor does anything else of them change", func(t *testing.T) {
		r, d := repeating(t, 200*time.Millisecond, time.Second)
		time.Sleep(time.Second)
		for _, repeated := range r.x.Published() {
			if !slices.Equal(encoded(t, repeated), encoded(t, d)) {
				t.Errorf("repeated %+v; want %+v", repeated, d)
			}
		}
	}},
	{"TP/DEN/EVRP/BV-11", "without a validityDuration the repetition ends after the default, 600 s", func(t *testing.T) {
		// This service gives every event a validityDuration, and cancels it long before
		// 600 s. So it has to go on here with an event of another process, which it may
		// neither end nor update, on a clock that jumps.
		jumped := time.Duration(0)
		r := newRig(t, repeatedEvery(time.Second, time.Hour), func(c *den.Config) {
			c.Now = func() time.Time { return time.Now().Add(jumped) }
		})
		d := warning(0, dentest.Now(), 1001, 1002)
		d.Management.ValidityDuration = den.Optional[uint32]{}
		r.publish(d)
		for _, after := range []struct {
			jump time.Duration
			want uint64
		}{{599 * time.Second, 1}, {601 * time.Second, 0}} {
			jumped = after.jump
			next := r.successor(repeatedEvery(time.Second, time.Hour), func(c *den.Config) {
				c.Now = func() time.Time { return time.Now().Add(jumped) }
			})
			run := next.start()
			if n := next.Stats().Recovered; n != after.want {
				t.Errorf("after %v there are %d events to repeat; want %d", after.jump, n, after.want)
			}
			run.stop()
		}
	}},
	{"TP/DEN/MSRV/BV-01", "a DENM with an unknown actionID is delivered", func(t *testing.T) {
		received(t)
	}},
	{"TP/DEN/MSRV/BV-02", "one with a known actionID and a higher referenceTime is delivered", func(t *testing.T) {
		r, d := received(t)
		m := d.Management
		wantError(t, r.HandleDENM(t.Context(), foreign(3, m.DetectionTime, m.ReferenceTime+1)), nil)
		wantDelivered(t, r, 2)
	}},
	{"TP/DEN/MSRV/BO-03", "a termination of an unknown own actionID is discarded", func(t *testing.T) {
		r, _ := received(t)
		r.collide(1001, 1002)
		unknown := dentest.Negation(r.last(), 9)
		unknown.Management.ActionID.SequenceNumber++
		wantError(t, r.HandleDENM(t.Context(), unknown), den.ErrUnknownAction)
		wantDelivered(t, r, 1)
		if n := r.Stats().Active; n != 1 {
			t.Errorf("%d events are open; want 1", n)
		}
	}},
	{"TP/DEN/MSRV/BO-04", "a termination of an unknown foreign actionID is discarded", func(t *testing.T) {
		r, _ := received(t)
		unknown := foreign(4, dentest.Now(), dentest.Now())
		for _, d := range []*den.DENM{
			ending(unknown, den.IsCancellation, otherStation, dentest.Now(), dentest.Now()),
			ending(unknown, den.IsNegation, 9, dentest.Now(), dentest.Now()),
		} {
			wantError(t, r.HandleDENM(t.Context(), d), den.ErrUnknownAction)
		}
		wantDelivered(t, r, 1)
	}},
	{"TP/DEN/MSRV/BO-05", "a DENM with a lower referenceTime is discarded", func(t *testing.T) {
		r, d := received(t)
		m := d.Management
		wantError(t, r.HandleDENM(t.Context(), foreign(3, m.DetectionTime+1, m.ReferenceTime-1)), den.ErrOutdated)
		wantDelivered(t, r, 1)
	}},
	{"TP/DEN/MSRV/BO-06", "with the same referenceTime, one whose detectionTime is not newer is discarded", func(t *testing.T) {
		r, d := received(t)
		m := d.Management
		wantError(t, r.HandleDENM(t.Context(), foreign(3, m.DetectionTime, m.ReferenceTime)), den.ErrRepetition)
		wantError(t, r.HandleDENM(t.Context(), foreign(3, m.DetectionTime-1, m.ReferenceTime)), den.ErrOutdated)
		wantDelivered(t, r, 1)
	}},
	{"TP/DEN/MSRV/BV-07", "with the same referenceTime, one whose detectionTime is newer is delivered", func(t *testing.T) {
		r, d := received(t)
		m := d.Management
		wantError(t, r.HandleDENM(t.Context(), foreign(3, m.DetectionTime+1, m.ReferenceTime)), nil)
		wantDelivered(t, r, 2)
	}},
}

func TestConformance(t *testing.T) {
	for _, purpose := range purposes {
		t.Run(purpose.id, func(t *testing.T) {
			t.Log(purpose.says)
			dentest.Bubble(t, purpose.check)
		})
	}
}

// encoded returns the DENM in ETSI's binary form.
func encoded(t *testing.T, d *den.DENM) []byte {
	t.Helper()
	b, err := uper.Profile{}.Append(nil, d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decoded(t *testing.T, d *den.DENM) *uper.DENM {
	t.Helper()
	m, err := uper.Unmarshal(encoded(t, d))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func wantManagementAlone(t *testing.T, d *den.DENM) {
	t.Helper()
	if m := decoded(t, d); m.Situation != nil || m.Location != nil || m.Alacarte != nil {
		t.Errorf("there is more than management: %+v", m)
	}
}

// received returns a service that has received one DENM of another station.
func received(t *testing.T) (*rig, *den.DENM) {
	t.Helper()
	var delivered []*den.DENM
	r := newRig(t, receiving(t, &delivered))
	d := foreign(3, dentest.Now()-100, dentest.Now()-50)
	if err := r.HandleDENM(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(delivered, []*den.DENM{d}) {
		t.Errorf("delivered %v", delivered)
	}
	return r, d
}

func wantDelivered(t *testing.T, r *rig, want uint64) {
	t.Helper()
	if n := r.Stats().Delivered; n != want {
		t.Errorf("%d DENMs were delivered; want %d", n, want)
	}
}

// repeating returns a service that runs and has sent one DENM.
func repeating(t *testing.T, interval, duration time.Duration) (*rig, *den.DENM) {
	t.Helper()
	r := newRig(t, repeatedEvery(interval, duration))
	run := r.start()
	t.Cleanup(run.stop)
	r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
	synctest.Wait()
	return r, r.last()
}
