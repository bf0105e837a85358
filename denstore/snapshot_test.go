package denstore

import (
	"sync"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// filled returns a store with n records, made one millisecond after the other.
func filled(t testing.TB, n int) *DenStore {
	t.Helper()
	s := New(AsSent)
	for i := range n {
		upsert(t, s, i, start+den.Timestamp(i))
	}
	return s
}

var fixture = dentest.Collisions(start, 1, 2)

// upsert brings in pair number i at the time now.
func upsert(t testing.TB, s *DenStore, i int, now den.Timestamp) *den.DENM {
	target := fixture.Stations[1]
	target.StationID = den.StationID(10 + i)
	d, _, err := s.Upsert(predict(now, &fixture.Stations[0], &target), now)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAllIsASnapshot(t *testing.T) {
	const n = 1000
	s := filled(t, n)
	i := 0
	for r := range s.All() {
		if r.DENM.Management.ReferenceTime != start+den.Timestamp(i) {
			t.Fatalf("record %d is %v; want the one that was made at %v", i, r, start+den.Timestamp(i))
		}
		// The loop itself removes, updates and opens records.
		s.Remove(r.DENM.Management.ActionID)
		upsert(t, s, (i+1)%n, start+n+den.Timestamp(i))
		upsert(t, s, n+i, start+n+den.Timestamp(i))
		i++
	}
	if i != n {
		t.Errorf("the iteration saw %d records; want the %d that were there when it began", i, n)
	}
	checkInvariants(t, s)
}

func TestAllCanStopEarly(t *testing.T) {
	s := filled(t, 100)
	for range s.All() {
		break
	}
	s.Remove(den.ActionID{OriginatingStationID: ourStation, SequenceNumber: 5})
	checkInvariants(t, s)
}

func TestAllWhileTheStoreChanges(t *testing.T) {
	const n = 500
	s := filled(t, n)
	var writer, readers sync.WaitGroup
	stop := make(chan struct{})
	writer.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				upsert(t, s, i%n, start.Add(time.Hour)+den.Timestamp(i))
			}
		}
	})
	for range 2 {
		readers.Go(func() {
			for range 50 {
				seen := make(map[den.ActionID]bool)
				for r := range s.All() {
					seen[r.DENM.Management.ActionID] = true
				}
				if len(seen) != n {
					t.Errorf("a snapshot holds %d events; want %d", len(seen), n)
				}
			}
		})
	}
	readers.Wait()
	close(stop)
	writer.Wait()
	checkInvariants(t, s)
}
