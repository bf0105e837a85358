package redisio

import (
	"context"
	_ "embed"

	"github.com/redis/rueidis"
)

//go:embed claim.lua
var claimSource string

// pendingPage is how many pending entries are asked for at once.
const pendingPage = 500

// addPending adds to the batch what is pending for us and in nobody's hands, of each
// stream the oldest first.
//
// What is pending is found with XPENDING, which counts no delivery: what a batch has
// in hand during a long outage must not seem to come back again and again. What is
// put into a batch is counted when it comes into the hands of this process, once.
func (s *Subscriber) addPending(ctx context.Context, b *batch) error {
	for open := s.inputs; len(open) > 0 && b.room() > 0; {
		fair := max(b.room()/len(open), 1) // of each stream
		var more []*inputState
		for _, in := range open {
			complete, err := s.addSomePending(ctx, b, in, min(fair, b.room()))
			if err != nil {
				return err
			}
			if !complete {
				more = append(more, in)
			}
		}
		open = more
	}
	return nil
}

// addSomePending goes on with the look at what is pending of a stream, and reports
// whether it is complete. It adds at most the given number of entries.
func (s *Subscriber) addSomePending(ctx context.Context, b *batch, in *inputState, most int) (complete bool, err error) {
	s.mu.Lock()
	from, round, complete := in.cursor, in.rounds, in.complete
	s.mu.Unlock()
	if complete || most == 0 {
		return complete, nil
	}
	page, err := s.pending(ctx, in, from, pendingPage)
	if err != nil {
		return false, err
	}
	last := len(page) < pendingPage
	if free := s.notInHand(in, page); len(free) > 0 {
		some, alone := s.apart(free[:min(len(free), s.pace.bound(most))])
		if alone && len(b.inputs) > 0 {
			b.close()
			return false, nil
		}
		taken, err := s.claim(ctx, in, some)
		if err != nil {
			return false, err
		}
		s.addClaimed(b, in, taken)
		if alone && len(b.inputs) > 0 { // it was not settled meanwhile
			s.holdAlone(b)
		}
		last = last && len(taken) == len(free)
		page = some[:len(taken)]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case in.rounds != round: // it has begun anew
	case last:
		s.lookedThrough(in)
	default:
		in.cursor = page[len(page)-1].id.next()
	}
	return in.complete, nil
}

// lookedThrough ends the look at what is pending of a stream. The caller holds the
// lock.
func (s *Subscriber) lookedThrough(in *inputState) {
	in.complete = true
	if !in.isKnown {
		in.known, in.isKnown = later(in.known, in.start), true
	}
	for key, h := range s.held {
		if key.input == in.index && !h.inHand {
			delete(s.held, key) // it was given back, but is not pending any more
		}
	}
}

// pendingEntry is an entry that is pending for us, and how often it was delivered as
// the server counts.
type pendingEntry struct {
	id         entryID
	deliveries int
}

// pending returns up to count entries that are pending for us, beginning with from.
func (s *Subscriber) pending(ctx context.Context, in *inputState, from entryID, count int64) ([]pendingEntry, error) {
	return readPending(s.client.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return s.client.reader.do(ctx, func(b rueidis.Builder) rueidis.Completed { return s.askPending(b, in, from, count) })
	}))
}

// askPending asks for what pending returns.
func (s *Subscriber) askPending(b rueidis.Builder, in *inputState, from entryID, count int64) rueidis.Completed {
	return b.Xpending().Key(in.stream).Group(in.group).Start(from.String()).End("+").Count(count).Consumer(s.client.opts.Name).Build()
}

// readPending takes the entries out of the answer to askPending.
func readPending(answer rueidis.RedisMessage, err error) ([]pendingEntry, error) {
	if rueidis.IsRedisNil(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := answer.ToArray()
	if err != nil {
		return nil, err
	}
	entries := make([]pendingEntry, len(rows))
	for i := range rows {
		row, err := rows[i].ToArray()
		if err != nil || len(row) != 4 {
			return nil, errUnexpectedPending
		}
		r := reply{list: row}
		if entries[i] = (pendingEntry{r.id(0), int(r.number(3))}); r.err != nil {
			return nil, r.err
		}
	}
	return entries, nil
}

// notInHand returns the entries that no batch has in hand.
func (s *Subscriber) notInHand(in *inputState, entries []pendingEntry) []pendingEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var free []pendingEntry
	for _, e := range entries {
		if !s.held[entryKey{in.index, e.id}].inHand {
			free = append(free, e)
		}
	}
	return free
}

// claimed is an entry that was pending and is delivered again, unless it was settled
// in the meantime.
type claimed struct {
	id       entryID
	settled  bool
	delivery int
	entry    entry
}

// claim takes entries that are pending for us in hand again. It may return fewer
// than were asked for, but one at least.
func (s *Subscriber) claim(ctx context.Context, in *inputState, entries []pendingEntry) ([]claimed, error) {
	arguments := []string{in.group, s.client.opts.Name}
	s.mu.Lock()
	for _, e := range entries {
		counts := "1"
		if _, hadInHand := s.held[entryKey{in.index, e.id}]; hadInHand {
			counts = "0"
		}
		arguments = append(arguments, e.id.String(), counts)
	}
	s.mu.Unlock()
	// It goes over a connection of its own, as other reads do: its answer may be large.
	answers, err := s.read(ctx, 0, len(entries), func(b rueidis.Builder) rueidis.Commands {
		return rueidis.Commands{b.Arbitrary("EVAL").Args(claimSource, "1").Keys(in.stream).Args(arguments...).Blocking()}
	})
	if err != nil {
		s.counted(in, entries)
		return nil, err
	}
	rows, err := answers[0].ToArray()
	if err != nil || len(rows) == 0 || len(rows) > len(entries) {
		return nil, errUnexpected
	}
	taken := make([]claimed, len(rows))
	for i := range rows {
		if taken[i], err = readClaimed(rows[i]); err != nil {
			return nil, err
		}
		if taken[i].id != entries[i].id {
			return nil, errUnexpected
		}
	}
	return taken, nil
}

// counted notes that the server may have counted a delivery of these entries, although
// they did not get here. It counts them once for each process.
func (s *Subscriber) counted(in *inputState, entries []pendingEntry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		if key := (entryKey{in.index, e.id}); s.held[key] == (holding{}) {
			s.held[key] = holding{attempt: e.deliveries}
		}
	}
}

// readClaimed takes a row out of the answer of claim.lua.
func readClaimed(answer rueidis.RedisMessage) (e claimed, err error) {
	row, err := answer.ToArray()
	if err != nil || len(row) == 0 {
		return claimed{}, errUnexpected
	}
	if e.entry.id, err = row[0].ToString(); err != nil {
		return claimed{}, err
	}
	if e.id, err = parseID(e.entry.id); err != nil || len(row) == 1 {
		e.settled = true
		return e, err
	}
	delivery, err := row[1].ToInt64()
	if err != nil {
		return claimed{}, errUnexpected
	}
	e.delivery = int(delivery)
	if len(row) > 2 {
		e.entry.fields, err = row[2].ToArray()
	}
	return e, err
}

// addClaimed puts entries that are delivered again into the batch.
func (s *Subscriber) addClaimed(b *batch, in *inputState, taken []claimed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.grow(min(len(taken), b.room()))
	for _, e := range taken {
		if e.settled {
			continue
		}
		key := entryKey{in.index, e.id}
		attempt := e.delivery
		if before, hadInHand := s.held[key]; hadInHand {
			attempt = max(before.attempt+1, e.delivery)
		}
		s.held[key] = holding{inHand: true, batch: b, attempt: attempt}
		in.known = later(in.known, e.id)
		b.add(key, e.entry, attempt, e.delivery)
	}
}
