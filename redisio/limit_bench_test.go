//go:build unix

package redisio_test

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio"
)

// movers are the producer, and what it is measured against.
var movers = []struct {
	name  string
	start func(b *testing.B, client *redisio.Client, k int) (stop func())
}{
	{"producer", func(b *testing.B, client *redisio.Client, _ int) func() {
		s := run(b, client, lasting)
		return func() { _ = s.stop() }
	}},
	{"limit", func(b *testing.B, client *redisio.Client, k int) func() { return startLimit(b, client, k, true) }},
	{"limit-without-script", func(b *testing.B, client *redisio.Client, k int) func() { return startLimit(b, client, k, false) }},
}

func startLimit(b *testing.B, client *redisio.Client, k int, script bool) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	limit := redisio.NewLimit(client, cannedDENMs(k), script)
	go func() { ended <- limit.Run(ctx, 128) }()
	return func() {
		cancel()
		must(b, <-ended)
	}
}

// cannedDENMs returns k messages as the producer writes them.
func cannedDENMs(k int) []string {
	denms := make([]string, k)
	for i, d := range warnings(0, k) {
		event := den.Event{Source: "step_producer/bench", DENM: d, Time: dentest.Now()}
		denms[i] = string(event.AppendJSON(nil))
	}
	return denms
}

// cpuTime is what this process has used of the processors.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// cpuTime is what the server has used of the processors.
func (p probe) cpuTime() time.Duration {
	p.t.Helper()
	answer := p.do("INFO", "cpu")
	info, err := answer.ToString()
	must(p.t, err)
	var sum float64
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_user" || name == "used_cpu_sys" {
			seconds, err := strconv.ParseFloat(value, 64)
			must(p.t, err)
			sum += seconds
		}
	}
	return time.Duration(sum * 1e9)
}

// BenchmarkDrain moves arrays that wait in the stream as fast as it goes.
func BenchmarkDrain(b *testing.B) {
	for _, k := range []int{1, 10} {
		for _, mover := range movers {
			b.Run(fmt.Sprintf("k=%d/%s", k, mover.name), func(b *testing.B) {
				o := startRedis(b)
				oneInput(&o)
				o.Outputs[0].MaxLength, o.DeadLetter = 10000, redisio.DeadLetter{}
				probe, client := openProbe(b, o), open(b, o)
				probe.send("collisions", mixedPairs(k, b.N)...)
				must(b, client.Setup(b.Context()))
				all := uint64(k * b.N)
				debug.FreeOSMemory() // what was made to be sent is not the mover's to clean up

				began, cpu, server := time.Now(), cpuTime(), probe.cpuTime()
				b.ResetTimer()
				stop := mover.start(b, client, k)
				eventually(b, "all is published", func() bool { return client.Stats().Published >= all })
				took, used, serverUsed := time.Since(began), cpuTime()-cpu, probe.cpuTime()-server
				b.StopTimer()
				stop()
				b.ReportMetric(float64(all)/took.Seconds(), "DENM/s")
				b.ReportMetric(float64(used.Nanoseconds())/1000/float64(all), "µs-cpu/DENM")
				b.ReportMetric(float64(serverUsed.Nanoseconds())/1000/float64(all), "µs-cpu-server/DENM")
			})
		}
	}
}

// BenchmarkPaced sends 500 arrays a second, whatever becomes of them, and measures the
// time from XADD of each to the arrival of its last DENM at a reader of the output.
func BenchmarkPaced(b *testing.B) {
	const every = 2 * time.Millisecond
	for _, k := range []int{1, 10} {
		for _, mover := range movers {
			b.Run(fmt.Sprintf("k=%d/%s", k, mover.name), func(b *testing.B) {
				o := startRedis(b)
				oneInput(&o)
				o.Outputs[0].MaxLength, o.DeadLetter = 100_000, redisio.DeadLetter{}
				probe, client := openProbe(b, o), open(b, o)
				must(b, client.Setup(b.Context()))
				stop := mover.start(b, client, k)
				messages := mixedPairs(k, b.N)
				sent, arrived := make([]time.Time, b.N), make([]time.Time, b.N)
				var reader sync.WaitGroup
				reader.Go(func() { awaitOutputs(b, o, k, arrived) })
				b.ResetTimer()
				began := time.Now()
				for i, m := range messages {
					time.Sleep(time.Until(began.Add(time.Duration(i) * every)))
					sent[i] = time.Now()
					probe.send("collisions", m)
				}
				reader.Wait()
				b.StopTimer()
				stop()
				latencies := make([]float64, b.N)
				for i := range latencies {
					latencies[i] = float64(arrived[i].Sub(sent[i]).Microseconds())
				}
				slices.Sort(latencies)
				b.ReportMetric(latencies[len(latencies)/2], "µs-p50")
				b.ReportMetric(latencies[len(latencies)*99/100], "µs-p99")
			})
		}
	}
}

// awaitOutputs notes when the DENMs of each array have arrived: k of them, in order.
func awaitOutputs(b *testing.B, o redisio.Options, k int, arrived []time.Time) {
	probe := openProbe(b, o)
	last, n := "0", 0
	for n < k*len(arrived) {
		answer := probe.do("XREAD", "COUNT", "1000", "BLOCK", "1000", "STREAMS", "denms", last)
		streams, err := answer.AsXRead()
		if err != nil {
			continue
		}
		now := time.Now()
		for _, entries := range streams {
			for _, e := range entries {
				arrived[n/k] = now
				last = e.ID
				n++
			}
		}
	}
}
