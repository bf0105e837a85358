package redisio

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/step-its/producer/den"
)

// Subscriber reads the input streams through their consumer groups. After the
// start, after every failed read and after a released batch it first delivers again
// what was delivered to it and not acknowledged; only then what is new.
//
// Receive must be called from one goroutine at a time. Batches may be settled
// from any goroutine.
type Subscriber struct {
	client *Client
	groups []*readGroup
	next   int           // the group whose turn it is
	asked  time.Time     // when something new was last asked for
	looked time.Time     // when it was last looked around, or zero
	owned  uint64        // how often the client had become the owner
	every  time.Duration // lookAgain, outside of tests
	pace   pace

	mu     sync.Mutex // guards what follows
	inputs []*inputState
	// held has every entry that was put into a batch and is not acknowledged.
	held map[entryKey]holding
	// restarts counts how often entries came back that are older than what a read
	// may hold that is going on.
	restarts int
	// suspect is the batch whose only entry is one that processes have died with.
	suspect *batch
}

// holding is what was done here with an entry.
type holding struct {
	inHand  bool   // it is in a batch that was not given back
	batch   *batch // that has it, or had it
	attempt int    // the number of its last delivery
}

// readGroup is the inputs that share a consumer group, and so a read.
type readGroup struct {
	name   string
	inputs []*inputState
	first  int // the stream that is asked first
}

var _ den.Subscriber = (*Subscriber)(nil)

// lookAgain is how often is looked at what is pending, even if nothing failed: a
// request may come through after all over a path that was only slow, and its answer
// reaches nobody. It is also how often is looked for what was lost.
const lookAgain = time.Second

// blockTogether is how long a read waits when other groups wait for their turn.
const blockTogether = 50 * time.Millisecond

func newSubscriber(c *Client) *Subscriber {
	s := &Subscriber{client: c, every: lookAgain, held: make(map[entryKey]holding)}
	byName := make(map[string]*readGroup)
	for i, in := range c.opts.Inputs {
		group := byName[in.Group]
		if group == nil {
			group = &readGroup{name: in.Group}
			byName[in.Group] = group
			s.groups = append(s.groups, group)
		}
		state := &inputState{index: i, stream: in.Stream, group: in.Group}
		group.inputs = append(group.inputs, state)
		s.inputs = append(s.inputs, state)
	}
	c.subscriber.Store(s)
	return s
}

// Receive implements [den.Subscriber]. A wait that is longer than Options.Block is
// cut to that, and what is asked for the first time or after a pause is not waited
// for. Where several streams share a group, each of them has an equal part of most,
// and what one leaves the others may fill.
//
// A read that has begun is not cancelled when ctx ends, for it can take entries with
// it, which then wait as pending although nobody has them. Receive gives up on a
// server that does not answer, however, 250 ms after the wait is over.
func (s *Subscriber) Receive(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
	if len(s.inputs) == 0 {
		return nil, misuse("there are no inputs to receive from")
	}
	until := time.Now().Add(min(wait, s.client.opts.Block))
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.client.Setup(ctx); err != nil {
			return nil, err
		}
		if err := s.awaitSuspect(ctx, until); err != nil {
			return nil, err
		}
		b := s.newBatch(max(most, 1))
		err := s.fill(ctx, b, until)
		for errors.Is(err, errTooSlow) { // what was asked for is pending now
			s.lookAgainAtPending()
			err = s.fill(ctx, b, until)
		}
		if err == nil {
			b.decode() // before it is seen whether something was given back meanwhile
		}
		switch {
		case err != nil:
			b.Release()
			if errors.Is(err, errLapsed) {
				sleep(ctx, time.Until(until))
			}
			return nil, s.failed(ctx, err)
		case s.overtaken(b):
			b.Release()
		case len(b.inputs) == 0:
			return nil, nil
		default:
			s.client.counts.received.Add(uint64(len(b.inputs)))
			return b, nil
		}
	}
}

// fill adds entries to the batch until it is full or nothing more waits. For the
// first one it waits until the given time.
func (s *Subscriber) fill(ctx context.Context, b *batch, until time.Time) error {
	if err := s.lookAround(ctx); err != nil {
		return err
	}
	if err := s.addPending(ctx, b); err != nil {
		return err
	}
	return s.addNew(ctx, b, until)
}

func (s *Subscriber) newBatch(most int) *batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	if owned := s.client.counts.acquired.Load(); owned != s.owned {
		s.owned = owned
		s.begin()
	}
	return &batch{
		subscriber: s, most: most, restarts: s.restarts, out: make(chan struct{}),
	}
}

// failed makes the next Receive begin with what is pending: after an error
// nobody knows what the server has delivered.
func (s *Subscriber) failed(ctx context.Context, err error) error {
	s.lookAgainAtPending()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.client.counts.readErrors.Add(1)
	if isGroupLost(err) {
		s.client.setupAgain()
	}
	return wrap("read", err)
}
