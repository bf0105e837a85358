package redisio

import (
	"context"
	_ "embed"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

//go:embed correct.lua
var correctSource string

var correctScript = rueidis.NewLuaScript(correctSource)

// lookAround looks from time to time at what is pending, whether the groups are
// there, and for what was lost.
func (s *Subscriber) lookAround(ctx context.Context) error {
	if time.Since(s.looked) < s.every {
		return nil
	}
	if s.looked.IsZero() {
		if err := s.lookForOthers(ctx); err != nil {
			return err
		}
	}
	if err := s.lookForLost(ctx); err != nil {
		return err
	}
	s.looked = time.Now()
	s.lookAgainAtPending()
	return nil
}

// lookForLost tells of entries that were trimmed before they were delivered, and
// creates groups that are gone.
func (s *Subscriber) lookForLost(ctx context.Context) error {
	c := s.client
	inputs, outputs, err := c.look(ctx)
	if err != nil {
		return err
	}
	if groupIsMissing(inputs, outputs, c.opts.Outputs) {
		c.setupAgain()
		return c.Setup(ctx)
	}
	for i, in := range s.inputs {
		s.mu.Lock()
		lost, setBack := in.account(inputs[i])
		s.mu.Unlock()
		if setBack {
			c.log.Warn("the consumer group of an input was set back", "stream", in.stream, "group", in.group,
				"to", inputs[i].delivered.String())
		}
		if lost.count > 0 {
			s.tellLost(in, lost)
			s.correct(ctx, in)
		}
	}
	return nil
}

func groupIsMissing(inputs, outputs []view, options []OutputStream) bool {
	for _, v := range inputs {
		if !v.group {
			return true
		}
	}
	for i, v := range outputs {
		if !v.group && options[i].Group != "" {
			return true
		}
	}
	return false
}

// account compares what the server says with what was delivered to us. The caller
// holds the lock.
func (in *inputState) account(v view) (lost loss, setBack bool) {
	switch {
	case !in.met:
		in.met, in.start = true, v.delivered
		in.tally.begin(v)
	case !in.isKnown || !in.complete:
		return loss{}, false // something pending may not have been delivered to us yet
	case v.delivered != in.known:
		// Somebody has moved the group, or read from it.
		setBack = v.delivered.compare(in.known) < 0
		in.known = v.delivered
		in.tally.begin(v)
		return loss{}, setBack
	}
	return in.tally.missed(v), false
}

// somethingMissing reports whether the last look found entries missing, and what is
// pending was looked through since.
func (s *Subscriber) somethingMissing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, in := range s.inputs {
		if in.tally.missing > 0 && in.complete {
			return true
		}
	}
	return false
}

func (s *Subscriber) tellLost(in *inputState, lost loss) {
	details := []any{"stream", in.stream, "after", lost.after.String(), "before", lost.before.String(), "count", lost.count}
	if lost.deleted {
		s.client.log.Warn("inputs were deleted before they were delivered", details...)
		return
	}
	s.client.counts.lost.Add(uint64(lost.count))
	s.client.log.Error("input lost", details...)
}

// correct sets the server's own count right, which leaves out what was trimmed. So
// the next process does not tell of the same loss.
func (s *Subscriber) correct(ctx context.Context, in *inputState) {
	s.mu.Lock()
	position, index := in.known, in.tally.index+in.tally.count
	s.mu.Unlock()
	_, err := s.client.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return s.client.reader.run(ctx, correctScript, []string{in.stream},
			[]string{in.group, position.String(), strconv.FormatInt(index, 10)})
	})
	if err != nil {
		s.client.log.Warn("the loss may be told once more after a restart", "stream", in.stream, "error", err)
	}
}

// groupLost tells what of an input was lost together with its group, and returns
// where the group has to begin again: before all that was delivered to us and not
// settled, or at the beginning of a stream that is another one now.
func (s *Subscriber) groupLost(input int, v view) (start entryID) {
	s.mu.Lock()
	in := s.inputs[input]
	start, first, last, count := s.lostWith(in, v)
	s.mu.Unlock()
	if count > 0 {
		s.client.counts.lost.Add(uint64(count))
		s.client.log.Error("input lost", "stream", in.stream, "first", first.String(), "last", last.String(), "count", count)
	}
	return start
}

// lostWith returns where a group begins again, and what is lost with it. The caller
// holds the lock.
func (s *Subscriber) lostWith(in *inputState, v view) (start, first, last entryID, count int64) {
	outstanding := s.outstanding(in.index)
	if in.isKnown {
		start = in.known
		if len(outstanding) > 0 && outstanding[0].compare(start) <= 0 {
			start = outstanding[0].before()
		}
	}
	another := !v.exists || v.last.compare(start) < 0 || v.added >= 0 && v.added < in.tally.added
	for _, id := range outstanding {
		if !another && v.length > 0 && id.compare(v.first) >= 0 {
			break // it is still there, and so are those behind it
		}
		if count++; count == 1 {
			first = id
		}
		last = id
		delete(s.held, entryKey{in.index, id})
	}
	if unread := in.tally.unread(); another && unread > 0 {
		if count == 0 {
			first = in.known.next()
		}
		last = in.tally.last
		count += unread
	}
	if another {
		start = entryID{}
	}
	in.known, in.tally = start, tally{}
	s.restarts++ // a read that is going on was answered by the group that is gone
	s.restart()
	return start, first, last, count
}

// lookForOthers warns of inputs that are pending for another name: nobody here
// will ever ask for them.
func (s *Subscriber) lookForOthers(ctx context.Context) error {
	c := s.client
	for _, in := range s.inputs {
		answer, err := c.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
			return c.reader.do(ctx, func(b rueidis.Builder) rueidis.Completed {
				return b.Xpending().Key(in.stream).Group(in.group).Build()
			})
		})
		if err != nil {
			return err
		}
		summary, err := answer.ToArray()
		if err != nil || len(summary) != 4 || summary[3].IsNil() {
			continue // nothing is pending
		}
		consumers, err := summary[3].ToArray()
		if err != nil {
			return err
		}
		for i := range consumers {
			pair, err := consumers[i].AsStrSlice()
			if err == nil && len(pair) == 2 && pair[0] != c.opts.Name {
				c.log.Warn("inputs wait under another name", "stream", in.stream, "group", in.group,
					"name", pair[0], "count", pair[1])
			}
		}
	}
	return nil
}
