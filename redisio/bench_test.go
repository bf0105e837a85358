package redisio_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// BenchmarkService takes collision arrays of k pairs from the input stream to
// DENMs in the output stream, through DenService.Run. 1000 pairs are live.
func BenchmarkService(b *testing.B) {
	for _, server := range servers {
		for _, k := range []int{1, 10} {
			b.Run(fmt.Sprintf("%s/k=%d", server.name, k), func(b *testing.B) {
				o := server.start(b)
				oneInput(&o)
				o.Outputs[0].MaxLength = 10000
				probe, client := openProbe(b, o), open(b, o)
				probe.send("collisions", livePairs(soon(), k, b.N)...)
				must(b, client.Setup(b.Context()))
				denms := uint64(k * b.N)

				start := time.Now()
				b.ResetTimer()
				s := run(b, client, lasting)
				eventually(b, "all is published", func() bool { return client.Stats().Published >= denms })
				b.StopTimer()
				took := time.Since(start)
				_ = s.stop()
				if stats := s.Stats(); stats.Created+stats.Updated != denms {
					b.Fatalf("not every pair became a DENM: %+v", stats)
				}
				b.ReportMetric(float64(denms)/took.Seconds(), "DENM/s")
				b.ReportMetric(float64(took.Microseconds())/float64(denms), "µs/DENM")
			})
		}
	}
}

// lasting has warnings hold, and stay open, for as long as a slow machine takes: more than a
// minute, since it also takes arrays that were detected a minute from now.
func lasting(c *den.Config) {
	c.TimeAfterCollision, c.LastUpdateMaxDelay, c.MaxClockSkew = 10*time.Second, 10*time.Second, time.Minute
}

// soon is a time of detection that lasting takes, and that stays fresh for long.
func soon() den.Timestamp { return dentest.Now().Add(50 * time.Second) }

// BenchmarkCommit commits batches of 128 inputs with a DENM each.
func BenchmarkCommit(b *testing.B) {
	const size = 128
	for _, server := range servers {
		b.Run(server.name, func(b *testing.B) {
			o := server.start(b)
			oneInput(&o)
			o.Outputs[0].MaxLength = 10000
			probe, client := openProbe(b, o), open(b, o)
			sub, publisher, inputs := client.Subscriber(), client.Publisher(), livePairs(dentest.Now(), 1, size)
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				probe.send("collisions", inputs...)
				batch := receiveBatch(b, sub, size)
				outputs := answers(batch, 0)
				b.StartTimer()
				if err := publisher.Commit(b.Context(), batch, outputs); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/DENM")
		})
	}
}

// BenchmarkReplay replays a journal with four versions of each of 50 000 events,
// and a tenth as many inputs, which are arrays.
func BenchmarkReplay(b *testing.B) {
	const published, inputs, versions = 200_000, 20_000, 4
	o := startRedis(b)
	oneInput(&o)
	probe, client := openProbe(b, o), open(b, o)
	all := warnings(0, published/versions)
	for i := range versions {
		for part := range slices.Chunk(all, 1000) {
			var messages [][]byte
			for _, d := range part {
				d.Management.ReferenceTime += den.Timestamp(i)
				messages = append(messages, dentest.Event(nil, d))
			}
			probe.send("denms", messages...)
		}
	}
	arrays := livePairs(dentest.Now(), 9, 1000)
	for range inputs / len(arrays) {
		probe.send("collisions", arrays...)
	}
	ackAll(b, receive(b, client.Subscriber(), inputs)...)
	for b.Loop() {
		n := 0
		must(b, client.Publisher().Replay(b.Context(), time.Hour, func(*den.DENM) { n++ }, func(*den.DENM) {}))
		want(b, "replayed", n, published)
	}
	b.ReportMetric(float64(published+inputs)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
