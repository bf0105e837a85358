package redisio_test

import (
	"context"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/denstore"
	"github.com/step-its/producer/redisio"
)

// A producer: collision arrays and negations come from one stream, DENMs go to
// another, until somebody presses Ctrl-C.
func Example() {
	client, err := redisio.Open(redisio.Options{
		Address:    "localhost:6379",
		Password:   os.Getenv("STEP_REDIS_PASSWORD"),
		Name:       "producer_1", // the same one at every start
		Inputs:     []redisio.InputStream{{Stream: "step_producer", Group: "step_producer_group"}},
		Outputs:    []redisio.OutputStream{{Stream: "step_client", Group: "step_client_group", MaxLength: 10000}},
		DeadLetter: redisio.DeadLetter{Stream: "step_producer_dead", MaxLength: 1000},
		Event:      den.Event{Source: "step_producer"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	service, err := den.New(den.Config{
		StationID:          3000001,
		Store:              denstore.New(denstore.AsSent),
		Publisher:          client.Publisher(),
		TimeAfterCollision: 3 * time.Second,
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	slog.Info("stopped", "why", service.Run(ctx, client.Subscriber()))
}
