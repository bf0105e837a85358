package den_test

import (
	"context"
	"fmt"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/den/uper"
	"github.com/step-its/producer/denstore"
)

// A station that hears the DENMs of others, in ETSI's binary form, and tells everybody
// that an event of theirs is over. What den.DENM has no place for, such as traces, stays in
// the uper.DENM.
func ExampleReceived() {
	ctx, now := context.Background(), den.TimestampOf(time.Now())
	received, err := den.NewReceived(den.ReceivedConfig{StationID: 3000001, MaxClockSkew: 5 * time.Second})
	if err != nil {
		panic(err)
	}
	service, err := den.New(den.Config{
		StationID: 3000001,
		Store:     denstore.New(denstore.AsSent),
		Publisher: den.PublisherFunc(func(_ context.Context, denms []*den.DENM) error {
			for _, d := range denms {
				bytes, err := uper.Profile{}.Append(nil, d)
				if err != nil {
					return err
				}
				fmt.Println("to the air:", len(bytes), "bytes,", d.Management.Termination, d.Management.ActionID)
			}
			return nil
		}),
		Received: received,
		Hooks: den.Hooks{Delivered: func(d *den.DENM) {
			fmt.Println("to the driver:", d.Situation.Value.EventType, d.Management.ActionID)
		}},
	})
	if err != nil {
		panic(err)
	}

	for range 2 { // what was repeated on the air is delivered once
		heard, err := uper.Unmarshal(onTheAir(now))
		if err != nil {
			panic(err)
		}
		d, err := heard.ToDENM(uper.Profile{})
		if err != nil {
			panic(err)
		}
		if err := service.HandleDENM(ctx, d); err != nil {
			fmt.Println("ignored:", err)
		}
	}
	if err := service.Negate(ctx, den.ActionID{OriginatingStationID: 4000001, SequenceNumber: 17}); err != nil {
		panic(err)
	}

	// Output:
	// to the driver: collisionRisk 4000001/17
	// ignored: den: the DENM is a repetition
	// to the air: 45 bytes, isNegation 4000001/17
}

// onTheAir returns a warning by another station.
func onTheAir(now den.Timestamp) []byte {
	other := denstore.New(denstore.AsSent)
	other.Restore(nil, 17)
	template, c := den.DefaultTemplate(), dentest.Collisions(now, 1001, 1002)
	d, _, err := other.Upsert(den.Prediction{
		StationID: 4000001, Template: &template, DetectionTime: now, Reference: &c.Stations[0], Target: &c.Stations[1],
	}, now)
	if err != nil {
		panic(err)
	}
	bytes, err := uper.Profile{}.Append(nil, d)
	if err != nil {
		panic(err)
	}
	return bytes
}
