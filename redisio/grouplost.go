package redisio

import (
	"context"
	_ "embed"
	"errors"
	"slices"

	"github.com/redis/rueidis"
)

//go:embed group.lua
var groupSource string

var groupScript = ledgerScript(groupSource)

// What group.lua found.
const (
	groupThere     = "there"
	groupOfNothing = "nothing" // there is no ledger that knew of it
	groupLost      = "lost"
	groupOfAnother = "another" // stream, for the one it had is gone
)

// created says what became of the group of an input, and what the ledger had said.
type created struct {
	found          string
	start          entryID
	settled, gone  int64
	added          int64
	position, last entryID
	generation     string // a name of the group as it is now
	// What the group has delivered to us already: some, if somebody else has created it and
	// we have read on.
	delivered map[entryID]bool
}

// createInputGroup creates the group of an input if it is not there: where it had
// come to, or at the given id if it never was there. Its generation is to be the same one
// until an answer has come. Before is the one that was known until now, "" if none.
func (c *Client) createInputGroup(ctx context.Context, in InputStream, start, generation, before string) (created, error) {
	answer, err := c.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return c.writer.run(ctx, groupScript, []string{in.Stream, in.ledgerKey()}, []string{in.Group, start, generation, before, c.opts.Name})
	})
	if err != nil {
		return created{}, wrap("create group "+in.Group+" of "+in.Stream, err)
	}
	list, err := answer.ToArray()
	if err != nil || len(list) != 9 {
		return created{}, errUnexpected
	}
	r := reply{list: list}
	g := created{
		found: r.text(0), start: r.id(1), settled: r.number(2), gone: r.number(3),
		added: r.number(4), position: r.id(5), last: r.id(6),
		generation: r.text(7), delivered: make(map[entryID]bool),
	}
	ids, err := list[8].ToArray()
	if err != nil {
		return created{}, errUnexpected
	}
	delivered := reply{list: ids}
	for i := range ids {
		g.delivered[delivered.id(i)] = true
	}
	return g, errors.Join(r.err, delivered.err)
}

// lost is what waited or was in hand when the stream was last looked at, of a stream that
// was deleted.
func (g created) lost() loss {
	return loss{count: g.added - g.settled - g.gone, after: g.position, before: g.last.next()}
}

// replaced goes on with an input whose stream somebody else has deleted and created again,
// with its group, which stands at an id. What is in hand may come from either stream: the
// server knows which of it is pending. What came from the one that is gone is lost.
func (s *Subscriber) replaced(in *inputState, delivered entryID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, h := range s.held {
		if key.input == in.index && !h.inHand {
			delete(s.held, key)
		}
	}
	in.known, in.start, in.found = delivered, delivered, finding{}
	s.restart()
}

// regroup goes on with an input whose group was created, and returns what is lost
// with the stream that it had, as far as that is known: what waited when the stream was
// last looked at, and what was given back. What is in hand still is answered, unless it
// may have been already. What the new group has delivered is not lost, whatever it is.
func (s *Subscriber) regroup(in *inputState, g created) (lost loss) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.found != groupLost {
		done := s.forgetDone(in.index)
		outstanding := slices.DeleteFunc(s.outstanding(in.index), func(id entryID) bool { return g.delivered[id] })
		if g.found == groupOfNothing && in.found.known { // the ledger is gone, too
			g.settled, g.gone = in.seen.ledger.settled+in.settled+done, in.found.gone
			g.added, g.position, g.last = in.seen.added, in.seen.ledger.position, in.seen.last
		}
		lost = loss{count: max(g.added-g.settled-g.gone, int64(len(outstanding))), after: g.position, before: g.last.next()}
		if n := len(outstanding); n > 0 {
			lost.before = later(g.last, outstanding[n-1]).next()
		}
		for _, id := range outstanding {
			key := entryKey{in.index, id}
			if h := s.held[key]; h.inHand && !h.batch.doubtful[key] {
				h.batch.orphan(key)
				lost.count--
			}
			delete(s.held, key)
		}
	}
	in.known, in.start, in.found = g.start, g.start, finding{}
	s.restarts++ // a read that is going on was answered by the group that is gone
	s.restart()
	return lost
}
