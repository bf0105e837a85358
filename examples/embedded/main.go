// Embedded shows the DEN service inside another program, with no Redis: a
// store, a service, and a function that gets the DENMs.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/denstore"
)

func main() {
	if err := warn(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// warn predicts a collision twice, lets it pass, and writes what the service
// publishes: a DENM that opens the event, one that updates it, one that cancels.
func warn(ctx context.Context, out io.Writer) error {
	publish := func(_ context.Context, denms []*den.DENM) error {
		for _, d := range denms {
			key, _ := d.Key()
			fmt.Fprintln(out, d.Management.ActionID, key, "termination:", d.Management.Termination)
		}
		return nil
	}
	service, err := den.New(den.Config{
		StationID: 3000001, Store: denstore.New(denstore.AsSent), Publisher: den.PublisherFunc(publish),
	})
	for i := 0; i < 2 && err == nil; i++ {
		err = service.HandleCollisions(ctx, prediction())
	}
	for err == nil && service.Stats().Active > 0 {
		var next time.Duration
		if next, err = service.Cleanup(ctx); service.Stats().Active > 0 {
			time.Sleep(next)
		}
	}
	return err
}

// prediction is what your own code knows: 1001 and 1002 meet in 2.4 s.
func prediction() *den.StationCollisions {
	here := den.PositionAt(den.LatitudeFromDegrees(45.0703), den.LongitudeFromDegrees(7.6868))
	a := den.StationCollision{StationID: 1001, StationType: den.TypePassengerCar, Position: here}
	a.Speed, a.Heading = den.Speed{Value: 1389}, den.Heading{Value: 900} // 13.89 m/s, to the east
	b := den.StationCollision{StationID: 1002, StationType: den.TypeCyclist, Position: here}
	b.Speed, b.Heading = den.UnknownSpeed(), den.UnknownHeading()
	b.TimeToCollision = den.Some[uint16](2400)
	b.CollisionLatitude, b.CollisionLongitude = den.Some(here.Latitude), den.Some(here.Longitude)
	return &den.StationCollisions{DetectionTime: den.TimestampOf(time.Now()), Stations: []den.StationCollision{a, b}}
}
