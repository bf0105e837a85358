package redisio

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

// addNew adds to the batch what was never delivered. If there is nothing, it waits for
// the first entry until the given time. It asks once at least, however late it is: who
// is told of nothing believes that nothing was waiting.
func (s *Subscriber) addNew(ctx context.Context, b *batch, until time.Time) error {
	// Whoever has something already, or was away, wants to know at once whether
	// there is more.
	paused := time.Since(s.asked) > lookAgain
	defer func() { s.asked = time.Now() }()
	atOnce := len(b.inputs) > 0 || paused
	asked := atOnce || len(s.groups) > 1 || b.most < len(s.inputs)
	if asked {
		for range s.groups {
			if err := s.addNewOf(ctx, b, s.nextGroup(), 0); err != nil {
				return err
			}
		}
	}
	for !atOnce && len(b.inputs) == 0 && (!asked || ctx.Err() == nil) {
		wait := time.Until(until)
		if wait < leastBlock {
			if asked {
				return nil
			}
			wait = 0
		}
		if len(s.groups) > 1 {
			wait = min(wait, blockTogether)
		}
		if err := s.addNewOf(ctx, b, s.nextGroup(), wait); err != nil {
			return err
		}
		asked = true
	}
	return nil
}

// leastBlock is the shortest time for which a server can be asked to wait.
const leastBlock = time.Millisecond

func (s *Subscriber) nextGroup() *readGroup {
	group := s.groups[s.next]
	s.next = (s.next + 1) % len(s.groups)
	return group
}

// addNewOf adds what the streams of a group have for us. If block is not 0 and they
// have nothing, it waits so long for the first entry.
func (s *Subscriber) addNewOf(ctx context.Context, b *batch, group *readGroup, block time.Duration) error {
	open := append(group.inputs[group.first:len(group.inputs):len(group.inputs)], group.inputs[:group.first]...)
	group.first = (group.first + 1) % len(group.inputs)
	for ; len(open) > 0 && b.room() > 0; block = 0 {
		asked := open
		if block == 0 {
			asked = open[:s.pace.bound(min(len(open), b.room()))]
		}
		count := s.pace.bound(b.room() / len(asked)) // of each stream
		streams, oldest, err := s.readNew(ctx, group, asked, count, block)
		if err != nil {
			return err
		}
		open = open[len(asked):]
		for i, in := range asked {
			entries := streams[in.stream]
			if len(entries) == 0 {
				continue
			}
			passed := s.passedOver(in, oldest[i], entries[0])
			if err := s.addDelivered(b, in, entries); err != nil {
				return err
			}
			if passed {
				s.beginAgain()
			}
			if len(entries) == count { // there may be more
				open = append(open, in)
			}
		}
	}
	return nil
}

// readNew asks each of the streams for up to count new entries. It also returns the answers
// to what is the oldest entry of each stream that is pending then, behind those that were
// known before.
func (s *Subscriber) readNew(ctx context.Context, group *readGroup, inputs []*inputState, count int, block time.Duration) (streams map[string][]entry, oldest []rueidis.RedisResult, err error) {
	answers, err := s.read(ctx, block, count*len(inputs), func(b rueidis.Builder) rueidis.Commands {
		commands := rueidis.Commands{s.askNew(b, group, inputs, count, block)}
		for _, in := range inputs {
			commands = append(commands, s.askPending(b, in, s.behindKnown(in), 1))
		}
		return commands
	})
	if rueidis.IsRedisNil(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	answer, err := answers[0].ToMessage()
	if err != nil {
		return nil, nil, err
	}
	for _, a := range answers[1:] {
		if err := a.NonRedisError(); err != nil { // whether something comes first, nobody can tell now
			return nil, nil, err
		}
	}
	streams, err = readStreams(answer)
	return streams, answers[1:], err
}

// askNew asks for what readNew returns.
func (s *Subscriber) askNew(b rueidis.Builder, group *readGroup, inputs []*inputState, count int, block time.Duration) rueidis.Completed {
	command := b.Arbitrary("XREADGROUP").Args("GROUP", group.name, s.client.opts.Name, "COUNT", strconv.Itoa(count))
	if block > 0 {
		command = command.Args("BLOCK", strconv.FormatInt(block.Milliseconds(), 10))
	}
	command = command.Args("STREAMS")
	for _, in := range inputs {
		command = command.Keys(in.stream)
	}
	for range inputs {
		command = command.Args(newEntries)
	}
	return command.Blocking()
}

// behindKnown returns where what is not known of a stream begins.
func (s *Subscriber) behindKnown(in *inputState) entryID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return in.known.next()
}

// passedOver reports whether an entry waits before a new one, pending for us and in
// nobody's hands. A request that came through late has taken it, such as that of an
// owner who was cut off, and nobody has got the answer. When that cannot be found out
// the entries are not held up: the next look finds what was left.
func (s *Subscriber) passedOver(in *inputState, oldest rueidis.RedisResult, first entry) bool {
	pending, err := readPending(oldest.ToMessage())
	if err != nil || len(pending) == 0 || pending[0].id.String() == first.id {
		return false
	}
	return len(s.notInHand(in, pending)) > 0
}

// newEntries asks for what was never delivered to the group.
const newEntries = ">"

// addDelivered puts new entries into the batch.
func (s *Subscriber) addDelivered(b *batch, in *inputState, entries []entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.grow(min(len(entries), b.room()))
	for _, e := range entries {
		if b.room() == 0 { // there are more streams than that
			in.restart()
			return nil
		}
		id, err := parseID(e.id)
		if err != nil {
			return err
		}
		key := entryKey{in.index, id}
		in.known = later(in.known, id)
		if s.held[key].inHand {
			continue // its group was lost and created again: whoever has it in hand settles it
		}
		s.held[key] = holding{inHand: true, batch: b, attempt: 1}
		b.add(key, e, 1, 1)
	}
	return nil
}
