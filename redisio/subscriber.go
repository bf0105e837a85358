package redisio

import (
	"context"
	"fmt"
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
}

// readGroup is the inputs that share a consumer group, and so a read.
type readGroup struct {
	name    string
	streams []string
	inputs  []int // their indexes into Options.Inputs
	// cursors are where the next read of each stream goes on: an id while it
	// reads again what is pending, ">" when it reads what is new.
	cursors []string
}

type entryKey struct {
	stream, id string
}

var _ den.Subscriber = (*Subscriber)(nil)

const newEntries = ">"

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
// wait as pending although nobody has them.
func (s *Subscriber) Receive(ctx context.Context, max int) (den.Batch, error) {
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
		b, err := s.read(ctx, group, max)
		if err != nil {
			return nil, s.failed(group, err)
		}
		if len(b.inputs) > 0 {
			return b, nil
		}
	}
	return nil, nil
}

// read reads once from a group. The batch may be empty.
func (s *Subscriber) read(ctx context.Context, group *readGroup, max int) (*batch, error) {
	block := s.client.opts.Block
	if len(s.groups) > 1 {
		block = min(block, blockTogether)
	}
	command := s.client.reader.B().Xreadgroup().Group(group.name, s.client.opts.Name).
		Count(int64(max)).Block(block.Milliseconds()).
		Streams().Key(group.streams...).Id(s.cursorsOf(group)...).Build()
	// A server that hangs keeps the connection; only the deadline notices.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), block+s.client.opts.Timeout)
	defer cancel()
	answer, err := s.client.reader.Do(ctx, command).ToMessage()
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
	return s.batch(group, streams)
}

// readStreams takes the streams out of an answer, which is a map in one version
// of the protocol and a list of pairs in the other.
func readStreams(answer rueidis.RedisMessage) (map[string]rueidis.RedisMessage, error) {
	if answer.IsMap() {
		return answer.ToMap()
	}
	pairs, err := answer.ToArray()
	if err != nil {
		return nil, err
	}
	streams := make(map[string]rueidis.RedisMessage, len(pairs))
	for i := range pairs {
		pair, err := pairs[i].AsMap()
		if err != nil {
			return nil, err
		}
		for stream, entries := range pair {
			streams[stream] = entries
		}
	}
	return streams, nil
}

// batch makes a batch of what was read and moves the cursors on.
func (s *Subscriber) batch(group *readGroup, streams map[string]rueidis.RedisMessage) (*batch, error) {
	b := &batch{subscriber: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, stream := range group.streams {
		answer, ok := streams[stream]
		if !ok {
			continue
		}
		entries, err := readEntries(answer)
		if err != nil {
			return nil, err
		}
		again := group.cursors[i] != newEntries
		for _, e := range entries {
			if s.taken[entryKey{stream, e.id}] {
				continue
			}
			s.taken[entryKey{stream, e.id}] = true
			b.add(group.inputs[i], stream, e, again)
		}
		if again {
			group.cursors[i] = newEntries
			if len(entries) > 0 {
				group.cursors[i] = entries[len(entries)-1].id
			}
		}
	}
	s.client.counts.received.Add(uint64(len(b.inputs)))
	return b, nil
}

func (s *Subscriber) cursorsOf(group *readGroup) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), group.cursors...)
}

// failed makes the group begin again with what is pending: after an error
// nobody knows what the server has delivered.
func (s *Subscriber) failed(group *readGroup, err error) error {
	s.client.counts.readErrors.Add(1)
	if isGroupLost(err) {
		s.client.setupAgain()
	}
	s.readAgain(group)
	return wrap("read", err)
}

func (s *Subscriber) readAgain(group *readGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range group.cursors {
		group.cursors[i] = "0"
	}
}

// settled forgets the entries of a batch. Those that stay pending will be read
// again.
func (s *Subscriber) settled(b *batch, pending bool) {
	s.mu.Lock()
	for _, e := range b.entries {
		delete(s.taken, entryKey{s.client.opts.Inputs[e.input].Stream, e.id})
	}
	s.mu.Unlock()
	if pending {
		for _, group := range s.groups {
			s.readAgain(group)
		}
	}
}
