package den

import "time"

// alarm is a timer that knows when it rings.
type alarm struct {
	timer *time.Timer
	at    time.Time
}

// newAlarm returns an alarm that rings at once.
func newAlarm() *alarm { return &alarm{timer: time.NewTimer(0), at: time.Now()} }

func (a *alarm) rings() <-chan time.Time { return a.timer.C }

func (a *alarm) stop() { a.timer.Stop() }

// set has the alarm ring after the pause, and not before.
func (a *alarm) set(pause time.Duration) {
	a.timer.Reset(pause)
	a.at = time.Now().Add(pause)
}

// within has the alarm ring after the pause at the latest.
func (a *alarm) within(pause time.Duration) {
	if time.Until(a.at) > pause {
		a.set(pause)
	}
}
