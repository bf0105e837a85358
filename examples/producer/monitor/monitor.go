package monitor

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// Sources are the parts of the producer that a Monitor looks at. All of them may be used
// concurrently with the producer's work, and none waits for it.
type Sources struct {
	Version string
	Service interface{ Stats() den.Stats }
	Client  interface {
		Stats() redisio.Stats
		Backlog(ctx context.Context) ([]redisio.Backlog, error)
	}
	Records interface {
		All() iter.Seq[den.Record]
		Len() int
	}
	Log interface {
		Dropped() uint64
		Failures() uint64
	}
}

// Monitor gathers what there is to tell of a producer. Make it with New, give its hooks to
// the service, and then tell it the sources with Watch.
type Monitor struct {
	sources Sources
	started time.Time

	latency, age, batches, commits *histogram
	lag                            atomic.Int64 // of the input that was settled last, in ms
	rejected                       [rejectReasons]atomic.Uint64
	polled                         atomic.Pointer[poll]
}

// New returns a monitor that knows nothing yet.
func New() *Monitor {
	return &Monitor{
		started: time.Now(),
		latency: newHistogram(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
		age:     newHistogram(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20),
		batches: newHistogram(0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
		commits: newHistogram(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
	}
}

// Watch tells the monitor what to look at. It must be called once, before Run and before
// the Handler serves.
func (m *Monitor) Watch(s Sources) { m.sources = s }

// Hooks returns what the service has to call.
func (m *Monitor) Hooks() den.Hooks {
	return den.Hooks{Settled: m.settled, Rejected: m.reject}
}

func (m *Monitor) settled(s den.Settled) {
	m.commits.observe(s.Duration.Seconds())
	if len(s.Inputs) == 0 {
		return
	}
	m.batches.observe(float64(len(s.Inputs)))
	now := den.TimestampOf(time.Now())
	for _, o := range s.Outputs {
		if at := s.Inputs[o.Input].Time; at != 0 {
			m.latency.observe(max(now.Sub(at), 0).Seconds())
		}
		m.age.observe(max(now.Sub(o.DENM.Management.DetectionTime), 0).Seconds())
	}
	if at := s.Inputs[len(s.Inputs)-1].Time; at != 0 {
		m.lag.Store(max(now.Sub(at), 0).Milliseconds())
	}
}

// rejectReason is why an input was put aside.
type rejectReason int

const (
	invalid    rejectReason = iota // it is no message, or one with a wrong value
	noMessage                      // the entry has no field with a message
	deliveries                     // it was delivered too often
	store                          // the store kept failing on it
	lost                           // it was gone before it could be handled

	rejectReasons = int(lost) + 1
)

func (r rejectReason) String() string {
	return [...]string{"invalid", "no_message", "deliveries", "store", "lost"}[r]
}

func (m *Monitor) reject(_ *den.Input, reason error) { m.rejected[reasonOf(reason)].Add(1) }

func reasonOf(err error) rejectReason {
	switch {
	case errors.Is(err, den.ErrInputLost):
		return lost
	case errors.Is(err, redisio.ErrMaxDeliveries):
		return deliveries
	case errors.As(err, new(*den.FieldError)):
		return invalid
	case errors.As(err, new(*redisio.Error)):
		return noMessage
	}
	return store
}
