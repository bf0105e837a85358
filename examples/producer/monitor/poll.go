package monitor

import (
	"context"
	"log/slog"
	"time"

	"github.com/step-its/producer/redisio"
)

const (
	// pollInterval is how often the server is asked what waits in the inputs.
	pollInterval = time.Second
	// outdated is how old an answer may be that still says something.
	outdated = 5 * time.Second
)

// poll is what the server said last.
type poll struct {
	at      time.Time
	backlog []redisio.Backlog
	err     error // instead of an answer
}

// Run asks the server once a second what waits in the inputs, until ctx ends. By that it
// is known whether the server can be reached. It is not done for a scrape, which must not
// wait for a server that is busy or gone.
func (m *Monitor) Run(ctx context.Context, log *slog.Logger) {
	failing := false
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		backlog, err := m.sources.Client.Backlog(ctx)
		if ctx.Err() != nil {
			return
		}
		m.polled.Store(&poll{at: time.Now(), backlog: backlog, err: err})
		if failing != (err != nil) {
			if failing = err != nil; failing {
				log.Warn("what waits in the inputs cannot be told", "error", err)
			} else {
				log.Info("what waits in the inputs can be told again")
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// backlog returns what waits in the inputs, if it is known.
func (m *Monitor) backlog() []redisio.Backlog {
	if p := m.polled.Load(); p != nil && p.err == nil && time.Since(p.at) < outdated {
		return p.backlog
	}
	return nil
}

// state is how fit the producer is for work.
type state struct {
	Ready bool `json:"ready"`
	// Role is "owner", "standby", "lapsed", "disconnected" or "starting".
	Role  string `json:"role"`
	Epoch uint64 `json:"epoch,omitempty"` // of the owner
	Error string `json:"error,omitempty"`
}

// state says whether the producer works, or could as soon as the one that does ends.
func (m *Monitor) state() state {
	stats := m.sources.Client.Stats()
	epoch := stats.Epoch
	switch p := m.polled.Load(); {
	case p == nil:
		return state{Role: "starting"}
	case p.err != nil:
		return state{Role: "disconnected", Error: p.err.Error()}
	case time.Since(p.at) >= outdated:
		return state{Role: "disconnected", Error: "the server has not answered for " + time.Since(p.at).Truncate(time.Second).String()}
	case epoch > 0 && !stats.Owner:
		return state{Role: "lapsed", Epoch: epoch, Error: "the lease cannot be renewed"}
	case epoch > 0:
		return state{Ready: true, Role: "owner", Epoch: epoch}
	}
	return state{Ready: true, Role: "standby"}
}
