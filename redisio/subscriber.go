package redisio

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// Subscriber reads the input streams through their consumer groups. After the
// start, after every failed read and after a released batch it first reads again
// what was delivered to it and not acknowledged; only then what is new.
//
// Receive must be called from one goroutine at a time. Batches may be settled
// from any goroutine.
type Subscriber struct {
	client *Client
	groups []*readGroup
	next   int // the group whose turn it is

	mu sync.Mutex // guards the cursors and what follows
	// taken holds the entries of batches that are not settled. Reading again
	// what is pending must not deliver them a second time.
	taken map[entryKey]bool
	// settlements counts the batches that were settled, and restarts how often
	// the cursors were set back.
	settlements, restarts int
}

// readGroup is the inputs that share a consumer group, and so a read.
type readGroup struct {
	name    string
	streams []string
	inputs  []int // their indexes into Options.Inputs
	// cursors are where the next read of each stream goes on: an id while it
	// reads again what is pending, ">" when it reads what is new.
	cursors []string
	first   int // the stream that comes first in the next batch
	// lookedAgain is when the group last began to read what is pending.
	lookedAgain time.Time
}

type entryKey struct {
	stream, id string
}

var _ den.Subscriber = (*Subscriber)(nil)

const newEntries = ">"

// lookAgain is how often a group reads again what is pending, even if nothing
// failed. An answer can be lost without an error: when a connection breaks and the
// request comes through after all, over a path that was only slow.
const lookAgain = time.Second

// blockTogether is how long a read waits when other groups wait for their turn.
const blockTogether = 50 * time.Millisecond

func newSubscriber(c *Client) *Subscriber {
	s := &Subscriber{client: c, taken: make(map[entryKey]bool)}
	byName := make(map[string]*readGroup)
	for i, in := range c.opts.Inputs {
		group := byName[in.Group]
		if group == nil {
			group = &readGroup{name: in.Group}
			byName[in.Group] = group
			s.groups = append(s.groups, group)
		}
		group.streams = append(group.streams, in.Stream)
		group.inputs = append(group.inputs, i)
		group.cursors = append(group.cursors, "0")
	}
	return s
}

// Receive implements [den.Subscriber]. It looks at ctx only before it asks the
// server: a blocked read that is cancelled can take entries with it, which then
// wait as pending although nobody has them. Where several streams share a group,
// it asks each of them for an equal part of most.
func (s *Subscriber) Receive(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
	if len(s.groups) == 0 {
		return nil, fmt.Errorf("redisio: there are no inputs to receive from: %w", den.ErrPermanent)
	}
	if err := s.client.Setup(ctx); err != nil {
		return nil, err
	}
	for range s.groups {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		group := s.groups[s.next]
		s.next = (s.next + 1) % len(s.groups)
		b, err := s.read(ctx, group, most, wait)
		if err != nil {
			return nil, s.failed(group, err)
		}
		if len(b.inputs) > 0 {
			return b, nil
		}
	}
	return nil, nil
}

// position is where a read begins, and what was so when it began.
type position struct {
	cursors               []string
	settlements, restarts int
}

func (s *Subscriber) position(group *readGroup) position {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(group.lookedAgain) > lookAgain {
		group.restart()
	}
	return position{slices.Clone(group.cursors), s.settlements, s.restarts}
}

// rereads reports whether some stream is read again from its pending entries.
func (p position) rereads() bool {
	return slices.ContainsFunc(p.cursors, func(cursor string) bool { return cursor != newEntries })
}

// read reads once from a group. The batch may be empty.
func (s *Subscriber) read(ctx context.Context, group *readGroup, most int, wait time.Duration) (*batch, error) {
	block := max(min(wait, s.client.opts.Block), time.Millisecond)
	if len(s.groups) > 1 {
		block = min(block, blockTogether)
	}
	from := s.position(group)
	// A server that hangs keeps the connection; only the deadline notices.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), block+s.client.opts.Timeout)
	defer cancel()
	answer, err := s.client.reader.do(ctx, func(b rueidis.Builder) rueidis.Completed {
		return b.Xreadgroup().Group(group.name, s.client.opts.Name).
			Count(int64(max(most/len(group.streams), 1))). // of each stream
			Block(block.Milliseconds()).
			Streams().Key(group.streams...).Id(from.cursors...).Build()
	}).ToMessage()
	if rueidis.IsRedisNil(err) {
		return &batch{}, nil
	}
	if err != nil {
		return nil, err
	}
	streams, err := readStreams(answer)
	if err != nil {
		return nil, err
	}
	return s.batch(group, from, streams, most), nil
}

// batch makes a batch of what was read and moves the cursors on.
func (s *Subscriber) batch(group *readGroup, from position, streams map[string][]entry, most int) *batch {
	b := &batch{subscriber: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.restarts != from.restarts || from.rereads() && s.settlements != from.settlements {
		// A batch was given back while this was read, and comes first; or one was
		// committed, and these may be its entries. What of them is pending, new
		// entries of other streams too, will be read again.
		group.restart()
		return b
	}
	first := group.first
	for k := range group.streams {
		i := (first + k) % len(group.streams)
		entries, ok := streams[group.streams[i]]
		if !ok {
			continue
		}
		again := from.cursors[i] != newEntries
		if again {
			group.cursors[i] = newEntries
			if len(entries) > 0 {
				group.cursors[i] = entries[len(entries)-1].id
			}
		}
		for _, e := range entries {
			key := entryKey{group.streams[i], e.id}
			if s.taken[key] {
				continue
			}
			if len(b.inputs) == most { // there are more streams than that
				group.cursors[i], group.first = "0", i
				break
			}
			s.taken[key] = true
			b.add(group.inputs[i], key.stream, e, again)
		}
	}
	s.client.counts.received.Add(uint64(len(b.inputs)))
	return b
}

// failed makes the group begin again with what is pending: after an error
// nobody knows what the server has delivered.
func (s *Subscriber) failed(group *readGroup, err error) error {
	s.client.counts.readErrors.Add(1)
	if isGroupLost(err) {
		s.client.setupAgain()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	group.restart()
	return wrap("read", err)
}

// restart makes the group begin again with what is pending.
func (g *readGroup) restart() {
	g.lookedAgain = time.Now()
	for i := range g.cursors {
		g.cursors[i] = "0"
	}
}

// settled forgets the entries of a batch. Where some may be pending still, they
// are read again.
func (s *Subscriber) settled(b *batch, pending bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range b.entries {
		delete(s.taken, entryKey{s.client.opts.Inputs[e.input].Stream, e.id})
	}
	s.settlements++
	if pending {
		s.restarts++
		for _, group := range s.groups {
			group.restart()
		}
	}
}
