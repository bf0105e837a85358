package den

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"
)

// retry decides how to go on after a failure: not at all after a permanent one,
// else after a pause that doubles from 10 ms up to the given most. It logs when
// a row of failures begins and when it ends, and in between once a minute, since the
// reason may be another one by then.
type retry struct {
	log      *slog.Logger
	what     string
	most     time.Duration
	failures int
	began    time.Time // of the first attempt, if the caller says so
	since    time.Time // the failures last
	told     time.Time
}

// attempt says that an attempt begins. An attempt may take long to fail, and then
// the outage began with it.
func (r *retry) attempt() {
	if r.failures == 0 {
		r.began = time.Now()
	}
}

// pause returns how long to wait after the failure err, or err itself when
// waiting is of no use.
func (r *retry) pause(err error) (time.Duration, error) {
	if errors.Is(err, ErrPermanent) {
		return 0, err
	}
	switch now := time.Now(); {
	case r.failures == 0:
		if r.since = r.began; r.since.IsZero() {
			r.since = now
		}
		r.told = now
		r.log.Warn(r.what+" failed; trying again", "error", err)
	case now.Sub(r.told) >= time.Minute:
		r.told = now
		r.log.Warn(r.what+" still fails; trying again", "failures", r.failures+1, "duration", now.Sub(r.since), "error", err)
	}
	pause := min(10*time.Millisecond<<min(r.failures, 20), r.most)
	r.failures++
	// Half of it is random, so that the clients of a server that comes back do
	// not all come back in the same instant.
	return pause/2 + rand.N(pause/2+1), nil
}

// failed waits out the pause. It returns an error when trying again is of no
// use: err if it is permanent, the context's cause when ctx ends.
func (r *retry) failed(ctx context.Context, err error) error {
	pause, err := r.pause(err)
	if err != nil {
		return err
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// succeeded ends the row of failures.
func (r *retry) succeeded() {
	if r.failures > 0 {
		r.log.Info(r.what+" works again", "failures", r.failures, "duration", time.Since(r.since))
		r.failures = 0
	}
}
