package redisio_test

import (
	"context"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
	"github.com/step-its/producer/redisio"
)

func onEachServer(t *testing.T, test func(t *testing.T, o redisio.Options)) {
	for _, server := range servers {
		t.Run(server.name, func(t *testing.T) { test(t, server.start(t)) })
	}
}

func TestServiceOverRedis(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		client, server := open(t, o), openRaw(t, o)
		service, err := den.New(den.Config{
			StationID: 3000001, Store: denstore.New(denstore.AsSent), Publisher: client.Publisher(),
			LastUpdateMaxDelay: 200 * time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		server.send("collisions", dentest.Event(dentest.Collisions(dentest.Now(), 1, 2, 3), nil), []byte("{nonsense"))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- service.Run(ctx, client.Subscriber()) }()
		deadline := time.Now().Add(10 * time.Second)
		for time.Now().Before(deadline) && service.Stats().Cancelled < 2 {
			time.Sleep(5 * time.Millisecond)
		}
		cancel()
		t.Log(<-done)
		t.Logf("%+v", service.Stats())
		t.Logf("%+v", client.Stats())
		for _, d := range server.published("denms") {
			t.Log(d.Management.ActionID, d.Management.Termination, d.Management.ReferenceTime)
		}
		t.Log(server.entries("dead"))
		if n := server.pending("collisions", "producer"); n != 0 {
			t.Fatal("pending", n)
		}
		if len(server.published("denms")) != 4 {
			t.Fatal("want 4")
		}
	})
}
