package redisio_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
	"github.com/step-its/producer/redisio"
)

// service is a DenService that runs over a client.
type service struct {
	*den.DenService
	stop func() error // ends Run and returns what it returned
	done <-chan struct{}
}

// run starts a service, which ends with the test at the latest. Nothing is
// cancelled for 10 s unless an edit says so.
func run(t testing.TB, client *redisio.Client, edits ...func(c *den.Config)) service {
	t.Helper()
	cfg := den.Config{
		StationID:          ourStation,
		Store:              denstore.New(denstore.AsSent),
		Publisher:          client.Publisher(),
		LastUpdateMaxDelay: 10 * time.Second,
		TimeAfterCollision: 10 * time.Second, // a slow machine must not make a warning pass
		RetryInterval:      50 * time.Millisecond,
	}
	for _, edit := range edits {
		edit(&cfg)
	}
	s, err := den.New(cfg)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = s.Run(ctx, client.Subscriber())
	}()
	stop := sync.OnceValue(func() error {
		cancel()
		<-done
		return err
	})
	t.Cleanup(func() { _ = stop() })
	return service{s, stop, done}
}

// A collision array becomes DENMs, what is no message is put aside, and
// predictions that stop are cancelled.
func TestService(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		client, server := open(t, o), openProbe(t, o)
		array := dentest.Event(dentest.Collisions(dentest.Now(), 1, 2, 3), nil)
		server.send("collisions", array, []byte("{nonsense"))
		s := run(t, client, func(c *den.Config) { c.LastUpdateMaxDelay = 100 * time.Millisecond })
		eventually(t, "both pairs are cancelled", func() bool { return s.Stats().Cancelled == 2 })
		_ = s.stop()

		var got []string
		for _, d := range server.published("denms") {
			got = append(got, fmt.Sprint(d.Management.ActionID.SequenceNumber, d.Is(den.IsCancellation)))
		}
		want(t, "DENMs", fmt.Sprint(got), "[0 false 1 false 0 true 1 true]")
		want(t, "dead letters", len(server.entries("dead")), 1)
		want(t, "pending", server.pending("collisions"), 0)
		stats := client.Stats()
		want(t, "Received", stats.Received, 2)
		want(t, "Published", stats.Published, 4)
		want(t, "DeadLetters", stats.DeadLetters, 1)
		want(t, "GroupsCreated", stats.GroupsCreated, 3)
		want(t, "Repeated", stats.Repeated, 0)
	})
}

// A negation on another stream removes the record: nothing is left to cancel.
func TestServiceNegation(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		client, server := open(t, o), openProbe(t, o)
		s := run(t, client)
		server.send("collisions", arrays(1, 1)...)
		eventually(t, "the DENM is published", func() bool { return server.number("XLEN", "denms") == 1 })
		server.send("negations", dentest.Event(nil, dentest.Negation(server.published("denms")[0], 1000)))
		eventually(t, "the record is gone", func() bool { return s.Stats().Negated == 1 && s.Stats().Active == 0 })
		eventually(t, "it is acknowledged", func() bool { return server.pending("negations") == 0 })
	})
}
