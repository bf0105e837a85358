package main

import (
	"time"

	"github.com/step-its/producer/den"
)

// advice is what a vehicle would do.
type advice string

const (
	warn     advice = "warn"      // tell the driver
	slowDown advice = "slow down" // take the foot off the pedal
	brake    advice = "brake"     // as hard as it can
	goOn     advice = "go on"     // the danger is over
	ignore   advice = "ignore"    // it is too late, or no collision
)

// advise says what a vehicle does that gets the DENM at the time now.
func advise(d *den.DENM, now den.Timestamp) advice {
	switch {
	case d.Management.Termination.Valid:
		return goOn
	case !d.PreCrash.Or(den.PreCrash{}).TimeToCollision.Valid || now > d.ValidUntil():
		return ignore
	}
	left := leftOf(d, now)
	switch {
	case left < time.Second:
		return brake
	case left < 2*time.Second:
		return slowDown
	}
	return warn
}

// leftOf is the time to the collision as it is now, and not when the message was made.
func leftOf(d *den.DENM, now den.Timestamp) time.Duration {
	predicted := time.Duration(d.PreCrash.Value.TimeToCollision.Value) * time.Millisecond
	return max(predicted-now.Sub(d.Management.ReferenceTime), 0)
}
