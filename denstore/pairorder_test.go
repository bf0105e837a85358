package denstore

import (
	"testing"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// With Canonical, (A, B) and (B, A) are one event, and its DENMs keep telling it
// from the side from which it was opened.
func TestCanonicalKeepsTheOrderOfOpening(t *testing.T) {
	for _, opened := range []struct {
		name string
		a, b den.StationID
	}{{"lower_first", 1, 2}, {"higher_first", 2, 1}} {
		t.Run(opened.name, func(t *testing.T) {
			s := New(Canonical)
			there := dentest.Collisions(start, opened.a, opened.b)
			first, _, err := s.Upsert(predict(start, &there.Stations[0], &there.Stations[1]), start)
			if err != nil {
				t.Fatal(err)
			}

			back := dentest.Collisions(start+100, opened.b, opened.a)
			back.Stations[0].Speed.Value, back.Stations[1].Speed.Value = 200, 100
			back.Stations[1].TimeToCollision = den.Some[uint16](1234)
			update, change, err := s.Upsert(predict(start+100, &back.Stations[0], &back.Stations[1]), start+100)
			if err != nil || change != den.Updated {
				t.Fatalf("the pair the other way round: %v, error %v; want updated", change, err)
			}
			checkInvariants(t, s)

			if got, want := update.Management.ActionID, first.Management.ActionID; got != want {
				t.Errorf("action id %v; want %v", got, want)
			}
			was, _ := first.Key()
			if pair, _ := update.Key(); pair != was {
				t.Errorf("the update tells the pair as %v; want %v", pair, was)
			}
			if got := update.Location.Value.EventSpeed.Value.Value; got != 100 {
				t.Errorf("event speed %d; want that of the station that opened as reference, 100", got)
			}
			if got := update.PreCrash.Value.PerceivedObject.Speed.Value.Value; got != 200 {
				t.Errorf("speed of the perceived object %d; want 200", got)
			}
			if got := update.PreCrash.Value.TimeToCollision.Value; got != 1234 {
				t.Errorf("time to collision %d; want 1234, which holds for both", got)
			}
			if !first.PreCrash.Value.ImpactSection.Valid || update.PreCrash.Value.ImpactSection.Valid {
				t.Errorf("impact section %v, then %v; want it dropped: the array tells that of the other station",
					first.PreCrash.Value.ImpactSection, update.PreCrash.Value.ImpactSection)
			}
			if !s.Remove(update.Management.ActionID) || s.Len() != 0 {
				t.Error("the record cannot be removed")
			}
			checkInvariants(t, s)
		})
	}
}

func TestAsSentKeepsBothOrders(t *testing.T) {
	s := New(AsSent)
	for _, c := range []*den.StationCollisions{dentest.Collisions(start, 1, 2), dentest.Collisions(start, 2, 1)} {
		d, change, err := s.Upsert(predict(start, &c.Stations[0], &c.Stations[1]), start)
		if err != nil || change != den.Created {
			t.Fatalf("got %v, error %v; want created", change, err)
		}
		if !d.PreCrash.Value.ImpactSection.Valid {
			t.Error("the impact section is missing")
		}
	}
	checkInvariants(t, s)
}

func TestPairOrderString(t *testing.T) {
	for order, want := range map[PairOrder]string{AsSent: "asSent", Canonical: "canonical"} {
		if got := order.String(); got != want {
			t.Errorf("PairOrder(%d) is %q; want %q", order, got, want)
		}
	}
}
