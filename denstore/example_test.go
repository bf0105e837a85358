package denstore_test

import (
	"fmt"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

// The store is usually given to a den.DenService. Used alone, it is told the
// time by its caller.
func ExampleDenStore() {
	store := denstore.New(denstore.AsSent)
	now := den.TimestampOf(time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC))

	template := den.DefaultTemplate()
	array := dentest.Collisions(now, 1001, 1002)
	prediction := den.Prediction{
		StationID: 3000001, Template: &template, DetectionTime: now,
		Reference: &array.Stations[0], Target: &array.Stations[1],
	}
	for range 2 {
		denm, change, err := store.Upsert(prediction, now)
		fmt.Println(change, denm.Management.ActionID, denm.Management.ReferenceTime, err)
	}

	const delay, most = time.Second, time.Minute
	fmt.Println("check in", store.NextCheck(now, delay, most))
	for _, record := range store.Expired(now.Add(2*time.Second), delay, 10) {
		fmt.Println("expired", record)
		store.Remove(record.DENM.Management.ActionID)
	}
	fmt.Println(store.Len(), "left")
	// Output:
	// created 3000001/0 2026-03-02T09:15:00.000Z <nil>
	// updated 3000001/0 2026-03-02T09:15:00.001Z <nil>
	// check in 1.002s
	// expired 3000001/0 1001:0-1002:0 2026-03-02T09:15:00.001Z
	// 0 left
}
