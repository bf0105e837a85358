package den

import (
	"fmt"
	"strconv"
	"testing"
)

// arrayOf returns an event whose array has the k+1 stations that make k DENMs,
// from the recorded messages.
func arrayOf(b *testing.B, k int) []byte {
	lines := recorded(b)
	c, err := ParseStationCollisions(lines[0])
	if err != nil {
		b.Fatal(err)
	}
	for i := 1; len(c.Stations) <= k; i++ {
		next, err := ParseStationCollisions(lines[i])
		if err != nil {
			b.Fatal(err)
		}
		target := next.Stations[1]
		target.StationID = StationID(200_000 + i)
		c.Stations = append(c.Stations, target)
	}
	c.Stations = c.Stations[:k+1]
	ev := Event{ID: strconv.Itoa(k), Source: "step_crash_prediction", Time: c.DetectionTime + 12, Collisions: c}
	return ev.AppendJSON(nil)
}

// BenchmarkParseEvent reads arrays of k pairs. From one to the next all stations have moved,
// or none: so it is for most of the targets where each is in several arrays.
func BenchmarkParseEvent(b *testing.B) {
	for _, k := range []int{1, 10} {
		for _, most := range []struct {
			name   string
			arrays int
		}{{"moved", 64}, {"as_before", 1}} {
			b.Run(fmt.Sprintf("k=%d/%s", k, most.name), func(b *testing.B) {
				event, err := ParseEvent(arrayOf(b, k))
				if err != nil {
					b.Fatal(err)
				}
				texts := make([][]byte, most.arrays)
				for i := range texts {
					for j := range event.Collisions.Stations {
						s := &event.Collisions.Stations[j]
						s.Position.Latitude += 131
						s.Position.Longitude += 71
						s.Speed.Value++
					}
					texts[i] = event.AppendJSON(nil)
				}
				b.SetBytes(int64(len(texts[0])))
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if _, err := ParseEvent(texts[i%len(texts)]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkParseEventOfDENM(b *testing.B) {
	ev := denmEvent()
	text := ev.AppendJSON(nil)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseEvent(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseTermination(b *testing.B) {
	text := []byte(negation)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseTermination(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendEvent(b *testing.B) {
	ev := denmEvent()
	ev.ID = ""
	buffer := ev.AppendJSON(nil)
	b.SetBytes(int64(len(buffer)))
	b.ReportAllocs()
	for b.Loop() {
		buffer = ev.AppendJSON(buffer[:0])
	}
}

func BenchmarkPrediction(b *testing.B) {
	p := prediction()
	b.ReportAllocs()
	for b.Loop() {
		p.DENM(ActionID{3100007, 41}, p.DetectionTime)
	}
}

// BenchmarkEncoder writes the DENMs of arrays of k pairs.
func BenchmarkEncoder(b *testing.B) {
	for _, k := range []int{1, 10} {
		b.Run(fmt.Sprintf("k=%d", k), func(b *testing.B) {
			var c Encoder
			array, err := ParseEvent(arrayOf(b, k))
			if err != nil {
				b.Fatal(err)
			}
			template := DefaultTemplate()
			var denms [2][]*DENM // arrays take turns, so that the reference is another one
			for i := range denms {
				stations := array.Collisions.Stations
				reference := stations[0]
				reference.StationID += StationID(i)
				for j := range stations[1:] {
					p := Prediction{Template: &template, DetectionTime: array.Collisions.DetectionTime, Reference: &reference, Target: &stations[j+1]}
					denms[i] = append(denms[i], p.DENM(ActionID{1, uint16(j)}, p.DetectionTime))
				}
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				c.Reset()
				for i := range 16 {
					for _, d := range denms[i%2] {
						c.Append(&Event{Source: "step_producer/bench", Time: d.Management.DetectionTime, DENM: d})
						n++
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/DENM")
			b.ReportMetric(float64(c.Len())/float64(16*k), "bytes/DENM")
		})
	}
}

func BenchmarkValidate(b *testing.B) {
	for _, k := range []int{1, 10} {
		b.Run(fmt.Sprintf("k=%d", k), func(b *testing.B) {
			event, err := ParseEvent(arrayOf(b, k))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := event.Collisions.Validate(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
