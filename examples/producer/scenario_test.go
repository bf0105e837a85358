package main

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/logging"
	"github.com/step-its/producer/redisio/redistest"
)

// output is a DENM of the output stream and when the server took it.
type output struct {
	denm *den.DENM
	at   den.Timestamp
}

// TestRecordedTraffic plays the recording in real time through the whole
// producer over a real server, and holds what comes out against what the
// recording says on its own.
func TestRecordedTraffic(t *testing.T) {
	t.Parallel()
	cfg := demoConfig()
	withUPER(&cfg)
	// No pair of the recording has a pause near this: they last up to 0.8 s or
	// from 1.0 s on, so it is plain which ones end a life.
	cfg.DENMLastUpdateMaxDelay = 900
	delay := cfg.DENMLastUpdateMaxDelay.Duration()
	server := server{address: redistest.Start(t).Addr}
	client, err := demoClient(cfg, server)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	stall := watchStalls(t)

	player, err := newPlayer(client, cfg.Redis.Streams.Inputs[0])
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- work(ctx, options{}, cfg, server, logTo(t, io.Discard)) }()
	if err := player.round(ctx); err != nil {
		t.Fatal(err)
	}
	outputs := awaitAllCancelled(t, client, cfg)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}

	updates := make(map[den.Key][]den.Timestamp) // the arrivals of each pair
	targets := 0
	for _, e := range entries(t, client, cfg.Redis.Streams.Inputs[0].StreamID) {
		event, err := den.ParseEvent([]byte(e.FieldValues["message"]))
		if err != nil {
			t.Fatal(err)
		}
		stations := event.Collisions.Stations
		targets += len(stations) - 1
		for _, target := range stations[1:] {
			key := den.Key{
				ReferenceStation: stations[0].StationID, ReferenceObject: stations[0].ObjectID.Or(0),
				TargetStation: target.StationID, TargetObject: target.ObjectID.Or(0),
			}
			updates[key] = append(updates[key], entryTime(t, e.ID))
		}
	}
	slack := 250*time.Millisecond + stall()
	checkUPER(t, client, cfg, outputs)
	checkLives(t, outputs, delay, slack)
	checkCounts(t, outputs, updates, targets, delay)
	in := cfg.Redis.Streams.Inputs[0]
	pending, err := client.Do(t.Context(), client.B().Xpending().Key(in.StreamID).Group(in.GroupID).Build()).ToArray()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := pending[0].AsInt64(); err != nil || n != 0 {
		t.Errorf("%d inputs are still pending (%v)", n, err)
	}
}

// checkLives looks at the outputs of each action id on their own: one pair, times
// that grow, and a cancellation at the end, at the right time.
func checkLives(t *testing.T, outputs []output, delay, slack time.Duration) {
	t.Helper()
	lives := make(map[den.ActionID][]output)
	for _, o := range outputs {
		lives[o.denm.Management.ActionID] = append(lives[o.denm.Management.ActionID], o)
	}
	for id, life := range lives {
		key, _ := life[0].denm.Key()
		for i := range life[1:] {
			last, next := life[i].denm, life[i+1].denm
			if next.Management.ReferenceTime <= last.Management.ReferenceTime {
				t.Errorf("%v: reference time %v after %v", id, next.Management.ReferenceTime, last.Management.ReferenceTime)
			}
			if other, _ := next.Key(); other != key {
				t.Errorf("%v: is about %v and about %v", id, key, other)
			}
			if last.Is(den.IsCancellation) {
				t.Errorf("%v: goes on after its cancellation", id)
			}
		}
		end := life[len(life)-1]
		if !end.denm.Is(den.IsCancellation) {
			t.Errorf("%v: is not cancelled", id)
			continue
		}
		waited := end.at.Sub(life[len(life)-2].denm.Management.ReferenceTime)
		if waited <= delay || waited > delay+slack {
			t.Errorf("%v: cancelled %v after the last update, want %v to %v", id, waited, delay, delay+slack)
		}
	}
}

// checkCounts compares the number of DENMs and of lives with what the inputs ask
// for.
func checkCounts(t *testing.T, outputs []output, updates map[den.Key][]den.Timestamp, targets int, delay time.Duration) {
	t.Helper()
	warnings := 0
	lives := make(map[den.Key]map[den.ActionID]bool)
	for _, o := range outputs {
		if o.denm.Is(den.IsCancellation) {
			continue
		}
		warnings++
		key, _ := o.denm.Key()
		if lives[key] == nil {
			lives[key] = make(map[den.ActionID]bool)
		}
		lives[key][o.denm.Management.ActionID] = true
	}
	if warnings != targets {
		t.Errorf("%d targets gave %d DENMs", targets, warnings)
	}
	for key, arrivals := range updates {
		least, most := 1, 1
		for i := range arrivals[1:] {
			// A pause that is just longer than the delay may or may not end a
			// life: the update can arrive before the check.
			switch pause := arrivals[i+1].Sub(arrivals[i]); {
			case pause > delay+50*time.Millisecond:
				least, most = least+1, most+1
			case pause > delay-50*time.Millisecond:
				most++
			}
		}
		if n := len(lives[key]); n < least || n > most {
			t.Errorf("pair %v has %d action ids, want %d to %d", key, n, least, most)
		}
	}
	if len(lives) != len(updates) {
		t.Errorf("%d pairs gave DENMs about %d pairs", len(updates), len(lives))
	}
}

// awaitAllCancelled returns the outputs once every event is over.
func awaitAllCancelled(t *testing.T, client rueidis.Client, cfg config.Config) []output {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		var outputs []output
		open := make(map[den.ActionID]bool)
		for _, e := range entries(t, client, cfg.Redis.Streams.Outputs[0].StreamID) {
			event, err := den.ParseEvent([]byte(e.FieldValues["message"]))
			if err != nil {
				t.Fatal(err)
			}
			outputs = append(outputs, output{event.DENM, entryTime(t, e.ID)})
			open[event.DENM.Management.ActionID] = !event.DENM.Is(den.IsCancellation)
		}
		still := 0
		for _, isOpen := range open {
			if isOpen {
				still++
			}
		}
		if still == 0 {
			return outputs
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d events are still open", still)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// logTo returns a log of the producer's for a test.
func logTo(t *testing.T, w io.Writer) *logging.Log {
	t.Helper()
	log, err := logging.New(logging.Options{Handlers: []logging.Handler{logging.Stream{Writer: w, Level: slog.LevelInfo}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

func entries(t *testing.T, client rueidis.Client, stream string) []rueidis.XRangeEntry {
	t.Helper()
	list, err := client.Do(t.Context(), client.B().Xrange().Key(stream).Start("-").End("+").Build()).AsXRange()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func entryTime(t *testing.T, id string) den.Timestamp {
	t.Helper()
	text, _, _ := strings.Cut(id, "-")
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return den.Timestamp(ms)
}

// watchStalls measures how long this machine lets a goroutine wait that only
// wants to sleep, so that a busy machine is not taken for a slow producer.
func watchStalls(t *testing.T) (longest func() time.Duration) {
	var most atomic.Int64
	go func() {
		const nap = 5 * time.Millisecond
		for last := time.Now(); t.Context().Err() == nil; {
			time.Sleep(nap)
			now := time.Now()
			most.Store(max(most.Load(), int64(now.Sub(last)-nap)))
			last = now
		}
	}()
	return func() time.Duration {
		t.Logf("longest stall of the machine: %v", time.Duration(most.Load()))
		return time.Duration(most.Load())
	}
}
