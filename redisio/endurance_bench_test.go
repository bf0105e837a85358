//go:build unix

package redisio_test

import (
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// BenchmarkEndurance keeps 60 000 records alive at full load: every round updates each
// of them once, in arrays of 10 pairs. It tells the throughput of the first and the last
// quarter of the rounds, and what the process holds at both ends. Ten minutes take some
// 320 to 520 rounds: -benchtime 520x.
func BenchmarkEndurance(b *testing.B) {
	const records, k = 60_000, 10
	// The server's file would become as large as all that ever passed.
	o := options(redistest.Start(b, "--auto-aof-rewrite-percentage", "100").Addr)
	oneInput(&o)
	o.Outputs[0].MaxLength, o.DeadLetter = 10000, redisio.DeadLetter{}
	probe, client := openProbe(b, o), open(b, o)
	s := run(b, client, func(c *den.Config) { c.LastUpdateMaxDelay = 10 * time.Second })
	round := func() time.Duration {
		before := client.Stats().Published
		probe.send("collisions", pairsOf(records, k)...)
		began := time.Now()
		eventually(b, "all is published", func() bool { return client.Stats().Published >= before+records })
		took := time.Since(began)
		probe.do("XTRIM", "collisions", "MAXLEN", "0") // all of it is settled
		return took
	}
	round() // opens them
	times := make([]time.Duration, b.N)
	first := measure()
	b.ResetTimer()
	for i := range times {
		times[i] = round()
	}
	b.StopTimer()
	last := measure()
	stats := s.Stats()
	quarter := max(b.N/4, 1)
	b.ReportMetric(rate(records, times[:quarter]), "DENM/s-first")
	b.ReportMetric(rate(records, times[b.N-quarter:]), "DENM/s-last")
	b.ReportMetric(first.heap, "heap-MB-first")
	b.ReportMetric(last.heap, "heap-MB-last")
	b.ReportMetric(first.goroutines, "goroutines-first")
	b.ReportMetric(last.goroutines, "goroutines-last")
	b.ReportMetric(last.resident, "RSS-MB")
	b.ReportMetric(float64(stats.Active), "records")
	if stats.Active != records || stats.Created != records {
		b.Errorf("%+v", stats)
	}
}

// pairsOf returns arrays of k pairs each, n pairs in all.
func pairsOf(n, k int) [][]byte {
	targets := make([]den.StationID, k)
	for j := range targets {
		targets[j] = den.StationID(100_000 + j)
	}
	now := dentest.Now()
	messages := make([][]byte, n/k)
	for i := range messages {
		messages[i] = dentest.Event(dentest.Collisions(now, den.StationID(i), targets...), nil)
	}
	return messages
}

func rate(n int, rounds []time.Duration) float64 {
	var all time.Duration
	for _, d := range rounds {
		all += d
	}
	return float64(n*len(rounds)) / all.Seconds()
}

// footprint is what the process holds: megabytes, and goroutines.
type footprint struct{ heap, resident, goroutines float64 }

// The resident part has what the sender of the inputs used, too, and what the garbage
// collector has not given back. Goroutines that a request has for a moment do not count.
func measure() footprint {
	f := footprint{goroutines: math.Inf(1)}
	for range 100 {
		f.goroutines = min(f.goroutines, float64(runtime.NumGoroutine()))
		time.Sleep(5 * time.Millisecond)
	}
	if status, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(status)); len(fields) > 1 {
			pages, _ := strconv.Atoi(fields[1])
			f.resident = float64(pages*os.Getpagesize()) / 1e6
		}
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f.heap = float64(m.HeapAlloc) / 1e6
	return f
}
