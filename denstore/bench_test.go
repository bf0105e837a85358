package denstore

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/step-its/producer/den"
)

var sizes = []int{100, 10_000, 60_000}

// bench runs f on stores of all sizes. Its clock stands after the last record
// was made, and before the first expires.
func bench(b *testing.B, f func(b *testing.B, s *DenStore, n int, now den.Timestamp)) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			s := filled(b, n)
			b.ReportAllocs()
			b.ResetTimer()
			f(b, s, n, start+den.Timestamp(n))
		})
	}
}

// Every record is updated in turn, as predictions come in. After ten rounds somebody asks
// what has expired, as often as a service does whose senders predict ten times within its
// delay.
func BenchmarkUpdate(b *testing.B) {
	bench(b, func(b *testing.B, s *DenStore, n int, now den.Timestamp) {
		i, updates := 0, 0
		for b.Loop() {
			now++
			upsert(b, s, i%n, now)
			i += 7919 // a prime: not in the order in which they were made
			if updates++; updates%(10*n) == 0 && s.Expired(now, time.Duration(2*n)*time.Millisecond, 128) != nil {
				b.Fatal("something has expired")
			}
		}
	})
}

// All records were updated since somebody asked last: the longest that the store works at
// once.
func BenchmarkExpiredAllUpdated(b *testing.B) {
	bench(b, func(b *testing.B, s *DenStore, n int, now den.Timestamp) {
		for b.Loop() {
			b.StopTimer()
			for i := range n {
				now++
				upsert(b, s, i*7919%n, now)
			}
			b.StartTimer()
			if s.Expired(now, time.Duration(n)*time.Millisecond, 128) != nil {
				b.Fatal("something has expired")
			}
		}
	})
}

// Others wait for the store for as long as this takes.
func BenchmarkCopied(b *testing.B) {
	bench(b, func(b *testing.B, s *DenStore, n int, _ den.Timestamp) {
		for b.Loop() {
			if len(s.copied()) != n {
				b.Fatal("records are missing")
			}
		}
	})
}

// One record opens and ends while the others stand.
func BenchmarkInsertRemove(b *testing.B) {
	bench(b, func(b *testing.B, s *DenStore, n int, now den.Timestamp) {
		for b.Loop() {
			now++
			d := upsert(b, s, n, now)
			if !s.Remove(d.Management.ActionID) {
				b.Fatal("not removed")
			}
		}
	})
}

func BenchmarkExpiredNothingDue(b *testing.B) {
	bench(b, func(b *testing.B, s *DenStore, _ int, now den.Timestamp) {
		for b.Loop() {
			if s.Expired(now, time.Hour, 128) != nil {
				b.Fatal("something has expired")
			}
		}
	})
}

func BenchmarkNextCheck(b *testing.B) {
	bench(b, func(b *testing.B, s *DenStore, _ int, now den.Timestamp) {
		for b.Loop() {
			s.NextCheck(now, time.Second, time.Minute)
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	bench(b, func(b *testing.B, s *DenStore, n int, _ den.Timestamp) {
		id := den.ActionID{OriginatingStationID: ourStation}
		for b.Loop() {
			id.SequenceNumber = (id.SequenceNumber + 7919) % uint16(n)
			if _, ok := s.Lookup(id); !ok {
				b.Fatal("not found")
			}
		}
	})
}

// The heap that a record takes, its DENM included.
func BenchmarkMemory(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			var bytes uint64
			for b.Loop() {
				before := heap()
				s := filled(b, n)
				bytes += heap() - before
				runtime.KeepAlive(s)
			}
			b.ReportMetric(float64(bytes)/float64(b.N)/float64(n), "bytes/record")
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// An update allocates the DENM, in one piece with its containers, and the list of those
// that were updated grows now and then. AllocsPerRun would round that away, so this counts
// itself.
func TestUpdateAllocatesTheDENMOnly(t *testing.T) {
	const n, updates = 60_000, 20_000
	s := filled(t, n)
	now := start + den.Timestamp(n)
	target := fixture.Stations[1]
	p := predict(now, &fixture.Stations[0], &target)
	before := mallocs()
	for i := range updates {
		now++
		p.DetectionTime, target.StationID = now, den.StationID(10+i*7919%n)
		if _, _, err := s.Upsert(p, now); err != nil {
			t.Fatal(err)
		}
	}
	perUpdate := float64(mallocs()-before) / updates
	t.Logf("%.3f allocations per update", perUpdate)
	if perUpdate > 1.01 {
		t.Errorf("an update allocates %.3f times; want 1, for the DENM", perUpdate)
	}
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}
