package den_test

import (
	"context"
	"fmt"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

// A service inside another program: the DENMs go to a function, the collision
// arrays come by method call, and no Redis is needed. A real program leaves
// Config.Now out.
func ExampleDenService() {
	now := time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	service, err := den.New(den.Config{
		StationID: 3000001,
		Store:     denstore.New(denstore.Canonical),
		Publisher: den.PublisherFunc(func(_ context.Context, denms []*den.DENM) error {
			for _, d := range denms {
				pair, _ := d.Key()
				fmt.Println("send", d.Management.ActionID, pair, d.Management.Termination)
			}
			return nil
		}),
		Now: func() time.Time { return now },
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	// Station 1001 is about to collide with 1002 and with 1003.
	err = service.HandleCollisions(ctx, dentest.Collisions(den.TimestampOf(now), 1001, 1002, 1003))
	fmt.Println("collisions:", err)

	// Nobody predicts the collisions any more. Run would do this on its own.
	now = now.Add(2 * time.Second)
	next, err := service.Cleanup(ctx)
	fmt.Println("next check in", next, err)
	// Output:
	// send 3000001/0 1001:0-1002:0 null
	// send 3000001/1 1001:0-1003:0 null
	// collisions: <nil>
	// send 3000001/0 1001:0-1002:0 isCancellation
	// send 3000001/1 1001:0-1003:0 isCancellation
	// next check in 5s <nil>
}

// Run serves a Subscriber until its context ends, or as here, its input. The
// transport here is in memory; that of package redisio is used in the same way.
func ExampleDenService_Run() {
	transport := dentest.NewTransport()
	service, err := den.New(den.Config{
		StationID: 3000001,
		Store:     denstore.New(denstore.AsSent),
		Publisher: transport, // also a Committer: each input is answered exactly once
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	now := dentest.Now()
	transport.SendCollisions(dentest.Collisions(now, 1001, 1002))
	transport.SendCollisions(dentest.Collisions(now, 1001, 1002))
	transport.Send([]byte("no message"))
	transport.End()

	err = service.Run(context.Background(), transport)
	stats := service.Stats()
	fmt.Println(err, "created", stats.Created, "updated", stats.Updated, "rejected", stats.Rejected)
	fmt.Println(len(transport.Published()), "DENMs published,", transport.Pending(), "inputs left")
	// Output:
	// <nil> created 1 updated 1 rejected 1
	// 2 DENMs published, 0 inputs left
}
