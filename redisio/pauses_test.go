package redisio_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// Several clients with short leases compete, and what they send and get is held on
// its way at random, often for longer than a lease, or lost. Then the epochs of
// what is written never go back: no two clients were owners at once, and nothing
// that an earlier owner had sent was written later. Every input is answered once.
func TestRandomPauses(t *testing.T) {
	const clients, duration, least = 4, 5 * time.Second, 5
	o := startRedis(t)
	oneInput(&o)
	o.LeaseTime, o.Timeout, o.Block = 200*time.Millisecond, 100*time.Millisecond, 20*time.Millisecond
	server := openProbe(t, o)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var working sync.WaitGroup
	defer working.Wait()
	var competitors []*redisio.Client
	var proxies []*redistest.Proxy
	for range clients {
		proxy := redistest.StartProxy(t, o.Address)
		behind := o
		behind.Address = proxy.Addr
		client := open(t, behind)
		working.Go(func() { compete(t, ctx, client) })
		proxies, competitors = append(proxies, proxy), append(competitors, client)
	}
	const first = 2000
	sent := den.StationID(0)
	for start := time.Now(); time.Since(start) < duration; time.Sleep(time.Duration(random.IntN(80)) * time.Millisecond) {
		server.send("collisions", arrays(first+sent, 5)...)
		sent += 5
		switch proxy := proxies[random.IntN(clients)]; random.IntN(8) {
		case 0:
			proxy.Cut()
		case 1:
			proxy.CutReplies()
		case 2, 3, 4:
			proxy.Stall()
		default:
			proxy.Resume()
		}
	}
	for _, proxy := range proxies {
		proxy.Resume()
	}
	eventually(t, "every input is answered", func() bool {
		all := server.entries("collisions")
		return server.groups("collisions") == "producer@"+all[len(all)-1].ID && server.pending("collisions") == 0
	})
	cancel()
	working.Wait()

	epochs, last := 0, den.StationID(0)
	answers := make(map[uint16]int)
	for i, d := range server.published("denms") {
		id := d.Management.ActionID
		switch epoch := id.OriginatingStationID; {
		case epoch < last:
			t.Errorf("DENM %d is of epoch %d, and the one before it of %d", i, epoch, last)
		case epoch > last:
			epochs, last = epochs+1, epoch
		}
		if id.SequenceNumber != 0 {
			answers[id.SequenceNumber]++
		}
	}
	for number := range uint16(sent) {
		want(t, "answers to an input", answers[first+number], 1)
	}
	acquired := uint64(0)
	for _, client := range competitors {
		acquired += client.Stats().Acquired
	}
	_, refused, _ := strings.Cut(server.text("INFO", "errorstats"), "errorstat_FENCED:count=")
	refused, _, _ = strings.Cut(refused, "\r")
	t.Logf("%d inputs, %d ownerships up to epoch %d, %d of which wrote; refused: %q", sent, acquired, last, epochs, refused)
	if epochs < least || refused == "" {
		t.Error("too few clients wrote, or none was refused: the test proves nothing")
	}
}

// compete owns the streams again and again. The DENMs it writes have the epoch for
// a station, and of the inputs they answer the reference station for a number.
func compete(t *testing.T, ctx context.Context, client *redisio.Client) {
	for ctx.Err() == nil {
		_ = client.Publisher().Own(ctx, func(ctx context.Context) error {
			if epoch := den.StationID(client.Stats().Epoch); epoch != 0 {
				writeAs(t, ctx, client, epoch)
			}
			return nil
		})
	}
}

func writeAs(t *testing.T, ctx context.Context, client *redisio.Client, epoch den.StationID) {
	publisher, subscriber := client.Publisher(), client.Subscriber()
	at := den.TimestampOf(time.Now())
	for end := time.Now().Add(rand.N(time.Second)); ctx.Err() == nil && time.Now().Before(end); {
		at++ // so that no two are the same
		alone := warnings(0, 1)
		alone[0].Management.ActionID.OriginatingStationID = epoch
		alone[0].Management.ReferenceTime = at
		err := publisher.Publish(ctx, alone)
		if b, _ := subscriber.Receive(ctx, 3, time.Second); b != nil {
			outputs := answers(b, 0)
			for i, in := range b.Inputs() {
				if in.Err != nil {
					t.Errorf("input %s of attempt %d: %v", in.ID, in.Attempt, in.Err)
					continue
				}
				number := uint16(in.Event.Collisions.Stations[0].StationID)
				outputs[i].DENM.Management.ActionID = den.ActionID{OriginatingStationID: epoch, SequenceNumber: number}
			}
			err = errors.Join(err, publisher.Commit(ctx, b, outputs))
			b.Release()
		}
		if errors.Is(err, den.ErrPermanent) && !errors.Is(err, den.ErrFenced) {
			t.Error(err)
		}
	}
}
