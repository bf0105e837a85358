//go:build unix

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// traffic is the load of the chaos test: stations that come and go in front of
// others, negations of what is published, and poison.
type traffic struct {
	t       testing.TB
	client  rueidis.Client
	streams []string // the inputs
	output  string
	seed    uint64

	stopped atomic.Bool
	parts   sync.WaitGroup

	mu       sync.Mutex        // guards what follows
	sent     map[string]string // stream and id of what was sent, by its name
	detected map[den.Timestamp]bool
}

const (
	references  = 12
	mostTargets = 4
	// sentKey is where the server remembers what was sent.
	sentKey = "chaos:sent"
)

// sendScript adds an entry, unless it was added before under the same name: so a
// call whose reply was lost can be repeated, and each entry is there once.
var sendScript = rueidis.NewLuaScript(`
local id = redis.call('HGET', KEYS[2], ARGV[1])
if not id then
  id = redis.call('XADD', KEYS[1], '*', 'message', ARGV[2])
  redis.call('HSET', KEYS[2], ARGV[1], id)
end
return id`)

func startTraffic(t testing.TB, client rueidis.Client, cfg config.Config, seed uint64) *traffic {
	tr := &traffic{
		t: t, client: client, output: cfg.Redis.Streams.Outputs[0].StreamID, seed: seed,
		sent: make(map[string]string), detected: make(map[den.Timestamp]bool),
	}
	for _, in := range cfg.Redis.Streams.Inputs {
		tr.streams = append(tr.streams, in.StreamID)
	}
	for i := range references {
		tr.parts.Go(func() { tr.play(i) })
	}
	tr.parts.Go(tr.negate)
	tr.parts.Go(tr.poison)
	return tr
}

// stop ends the traffic, and returns when all of it is in the streams.
func (tr *traffic) stop() {
	tr.stopped.Store(true)
	tr.parts.Wait()
}

// send sends a message, and does not give up.
func (tr *traffic) send(name, stream, message string) {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		id, err := sendScript.Exec(ctx, tr.client, []string{stream, sentKey}, []string{name, message}).ToString()
		cancel()
		if err == nil {
			tr.mu.Lock()
			defer tr.mu.Unlock()
			tr.sent[name] = stream + "/" + id
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// compare holds the books of the sender against the input streams.
func (tr *traffic) compare(h *history) {
	tr.t.Helper()
	wanted := make(map[string]bool)
	for _, id := range tr.sent {
		wanted[id] = true
	}
	for _, in := range h.inputs {
		if !wanted[in.String()] {
			tr.t.Errorf("the input %v was not sent, or is there twice", in)
		}
		delete(wanted, in.String())
	}
	for id := range wanted {
		tr.t.Errorf("the server has lost the input %s", id)
	}
}

// detectionTime returns a time not later than the given one that no array has.
func (tr *traffic) detectionTime(at den.Timestamp) den.Timestamp {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for tr.detected[at] {
		at--
	}
	tr.detected[at] = true
	return at
}

// play is one reference station: for some seconds it is on collision course with
// others, then for some seconds with none.
func (tr *traffic) play(index int) {
	random := rand.New(rand.NewPCG(tr.seed, uint64(index)))
	between := func(least, most int) time.Duration {
		return time.Duration(least+random.IntN(most-least)) * time.Millisecond
	}
	own := index % len(tr.streams)
	for n := 0; !tr.stopped.Load(); {
		for end := time.Now().Add(between(500, 4000)); time.Now().Before(end) && !tr.stopped.Load(); n++ {
			array := tr.array(random, den.StationID(1000+100*index))
			event := den.Event{ID: fmt.Sprintf("array-%d-%d", index, n), Source: "chaos", Collisions: array}
			stream := own
			if random.IntN(20) == 0 { // the order of two streams is not known
				stream = random.IntN(len(tr.streams))
			}
			tr.send(event.ID, tr.streams[stream], string(event.AppendJSON(nil)))
			time.Sleep(between(40, 160))
		}
		time.Sleep(between(200, 3000))
	}
}

// array makes an array of the reference and some of its targets. Most are about
// now; some are older than what was sent already, and some about what is over.
func (tr *traffic) array(random *rand.Rand, reference den.StationID) *den.StationCollisions {
	at := dentest.Now()
	switch random.IntN(50) {
	case 0:
		at = at.Add(-300 * time.Millisecond)
	case 1:
		at = at.Add(-30 * time.Second)
	}
	var targets []den.StationID
	for _, i := range random.Perm(mostTargets)[:1+random.IntN(mostTargets)] {
		targets = append(targets, reference+1+den.StationID(i))
	}
	array := dentest.Collisions(tr.detectionTime(at), reference, targets...)
	for i := range targets {
		array.Stations[i+1].TimeToCollision = den.Some(uint16(100 + random.IntN(6000)))
	}
	return array
}

// negate reads the output stream and negates some of what it finds, as a
// vehicle does that sees more.
func (tr *traffic) negate() {
	random := rand.New(rand.NewPCG(tr.seed, 1<<32))
	last := "0"
	for n := 0; !tr.stopped.Load(); {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		streams, err := tr.client.Do(ctx, tr.client.B().Xread().Count(100).Streams().Key(tr.output).Id(last).Build()).AsXRead()
		cancel()
		if err != nil || len(streams[tr.output]) == 0 {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		for _, e := range streams[tr.output] {
			last = e.ID
			event, err := den.ParseEvent([]byte(e.FieldValues["message"]))
			if err != nil || event.DENM.Management.Termination.Valid || random.IntN(50) > 0 {
				continue
			}
			name := "negation-" + strconv.Itoa(n)
			n++
			tr.send(name, tr.streams[random.IntN(len(tr.streams))], negation(random, name, event.DENM))
		}
	}
}

// negation returns the message whole, or only what must be in it.
func negation(random *rand.Rand, name string, d *den.DENM) string {
	if random.IntN(2) == 0 {
		event := den.Event{ID: name, Source: "chaos", DENM: dentest.Negation(d, 2000001)}
		return string(event.AppendJSON(nil))
	}
	id := d.Management.ActionID
	return fmt.Sprintf(`{"stationId":2000001,"managementContainer":{"actionId":{"originatingStationId":%d,"sequenceNumber":%d},"termination":"isNegation"}}`,
		id.OriginatingStationID, id.SequenceNumber)
}

// poison sends what is no message.
func (tr *traffic) poison() {
	random := rand.New(rand.NewPCG(tr.seed, 2<<32))
	whole := string(dentest.Event(dentest.Collisions(dentest.Now(), 1, 2), nil))
	for n := 0; !tr.stopped.Load(); n++ {
		kinds := []string{
			"", "{", "null", "\xff\x00\x1b", whole[:random.IntN(len(whole)-1)],
			strings.Replace(whole, `"stationId":1`, `"stationId":-1`, 1), strings.Repeat("[", 2000),
		}
		tr.send("poison-"+strconv.Itoa(n), tr.streams[random.IntN(len(tr.streams))], kinds[random.IntN(len(kinds))])
		time.Sleep(time.Duration(100+random.IntN(300)) * time.Millisecond)
	}
}
