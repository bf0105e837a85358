//go:build unix

package main

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio/redistest"
)

// TestRecoveryTime starts a producer on a journal with many open events: an array
// that waits for it updates the event of its pair. It prints how long that took
// from the start of the process.
func TestRecoveryTime(t *testing.T) {
	sizes := []int{10_000, 60_000}
	if raceDetector() {
		// It takes twenty times as long then, and the events would be over.
		sizes = []int{1000, 10_000}
	}
	for _, records := range sizes {
		t.Run(strconv.Itoa(records), func(t *testing.T) {
			server := redistest.Start(t, "--appendonly", "no")
			dir := t.TempDir()
			client := harnessClient(t, server.Addr)
			cfg, path := writeConfig(t, dir, func(cfg *config.Config) {
				cfg.TimeAfterCollision = 10
				cfg.DENMLastUpdateMaxDelay, cfg.DENMCheckLastUpdateMaxInterval = 10_000, 10_000
				cfg.Redis.Streams.Outputs[0].MaxLength = 0
			})
			begin := time.Now()
			last := writeJournal(t, client, cfg, records)
			sendArray(t, client, cfg, dentest.Collisions(dentest.Now(), 1, pairTarget(records-1)))
			t.Logf("the journal was written in %v", time.Since(begin))

			p := start(t, dir, "producer", "-config", path, "-redis", server.Addr)
			var update denmEntry
			eventually(t, "the event is updated", func() bool {
				newest, err := client.Do(t.Context(), client.B().Xrevrange().Key(cfg.Redis.Streams.Outputs[0].StreamID).
					End("+").Start("("+last.id.String()).Build()).AsXRange()
				if err != nil {
					t.Fatal(err)
				}
				if len(newest) == 0 {
					return false
				}
				first := newest[len(newest)-1]
				update = parseOutput(t, parseEntryID(t, first.ID), first.FieldValues)
				return true
			})
			recovered := p.awaitLogged(t, "records recovered")
			t.Logf("from the start of the process to its first commit: %v; replay alone: %v",
				update.id.ms.Time().Sub(p.started), time.Duration(recovered.number("took")))
			if update.action() != last.action() || update.ends() || update.referenceTime() <= last.referenceTime() {
				t.Errorf("the first commit is %v at %v, want an update of %v", update.action(), update.referenceTime(), last.action())
			}
			if n := recovered.number("active"); n != records {
				t.Errorf("%d records were recovered, want %d", n, records)
			}
			p.stop(t)
		})
	}
}

// pairTarget is the target of the n-th pair in the journal.
func pairTarget(n int) den.StationID { return den.StationID(1000 + n) }

// writeJournal publishes the first DENM of many events, as an earlier producer
// did, and returns the last one.
func writeJournal(t *testing.T, client rueidis.Client, cfg config.Config, records int) denmEntry {
	t.Helper()
	const page = 500
	var last denmEntry
	for n := 0; n < records; n += page {
		commands := make(rueidis.Commands, 0, page)
		for i := n; i < min(n+page, records); i++ {
			last.denm = journalDENM(cfg, i)
			event := den.Event{Source: "test", DENM: last.denm}
			commands = append(commands, client.B().Xadd().Key(cfg.Redis.Streams.Outputs[0].StreamID).Id("*").
				FieldValue().FieldValue("message", string(event.AppendJSON(nil))).Build())
		}
		for _, answer := range client.DoMulti(t.Context(), commands...) {
			id, err := answer.ToString()
			if err != nil {
				t.Fatal(err)
			}
			last.id = parseEntryID(t, id)
		}
	}
	return last
}

func journalDENM(cfg config.Config, n int) *den.DENM {
	now := dentest.Now()
	array := dentest.Collisions(now, 1, pairTarget(n))
	array.Stations[1].TimeToCollision = den.Some[uint16](10_000)
	p := den.Prediction{
		StationID: den.StationID(cfg.StationID), Template: new(den.DefaultTemplate()),
		Linger:        cfg.TimeAfterCollision.Duration() + cfg.DENMLastUpdateMaxDelay.Duration(),
		DetectionTime: now, Reference: &array.Stations[0], Target: &array.Stations[1],
	}
	return p.DENM(den.ActionID{OriginatingStationID: p.StationID, SequenceNumber: uint16(n)}, now)
}

// sendArray sends an array.
func sendArray(t testing.TB, client rueidis.Client, cfg config.Config, array *den.StationCollisions) {
	event := den.Event{Source: "test", Collisions: array}
	add := client.B().Xadd().Key(cfg.Redis.Streams.Inputs[0].StreamID).Id("*").
		FieldValue().FieldValue("message", string(event.AppendJSON(nil))).Build()
	if err := client.Do(context.Background(), add).Error(); err != nil {
		t.Error(err)
	}
}
