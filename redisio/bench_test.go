package redisio_test

import (
	"fmt"
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
				probe.send("collisions", livePairs(k, b.N)...)
				must(b, client.Setup(b.Context()))
				denms := uint64(k * b.N)

				start := time.Now()
				b.ResetTimer()
				s := run(b, client)
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

// livePairs returns n arrays of k pairs each. They are of 1000 pairs that come
// again and again.
func livePairs(k, n int) [][]byte {
	now := dentest.Now()
	messages := make([][]byte, n)
	for i := range messages {
		targets := make([]den.StationID, k)
		for j := range targets {
			targets[j] = den.StationID(10000 + j)
		}
		messages[i] = dentest.Event(dentest.Collisions(now, den.StationID(i%(1000/k)), targets...), nil)
	}
	return messages
}

// BenchmarkCommit commits batches of 128 inputs with a DENM each.
func BenchmarkCommit(b *testing.B) {
	const size = 128
	for _, server := range servers {
		b.Run(server.name, func(b *testing.B) {
			o := server.start(b)
			oneInput(&o)
			o.Outputs[0].MaxLength = 10000
			probe, client := openProbe(b, o), open(b, o)
			sub, publisher, inputs := client.Subscriber(), client.Publisher(), livePairs(1, size)
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

// BenchmarkReplay replays a journal of 60 000 events with a few versions each, and
// as many inputs, most of which are arrays.
func BenchmarkReplay(b *testing.B) {
	const published, inputs, updates = 200_000, 20_000, 4
	for _, server := range servers {
		b.Run(server.name, func(b *testing.B) {
			o := server.start(b)
			oneInput(&o)
			probe, client := openProbe(b, o), open(b, o)
			must(b, client.Setup(b.Context()))
			all := warnings(0, published/updates)
			for start := 0; start < published; start += 1000 {
				var messages [][]byte
				for i := range 1000 {
					messages = append(messages, dentest.Event(nil, all[(start+i)%len(all)]))
				}
				probe.send("denms", messages...)
			}
			arrays := livePairs(9, 1000)
			for range inputs / 1000 {
				probe.send("collisions", arrays...)
			}
			ackAll(b, receive(b, client.Subscriber(), inputs)...)
			for b.Loop() {
				n := 0
				must(b, client.Publisher().Replay(b.Context(), time.Hour, func(*den.DENM) { n++ }, func(*den.DENM) {}))
				want(b, "replayed", n, published)
			}
			b.ReportMetric(float64(published+inputs)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s")
		})
	}
}
