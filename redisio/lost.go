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
		index, wrong := in.tally.differs(inputs[i], lost)
		s.mu.Unlock()
		if setBack {
			c.log.Warn("the consumer group of an input was set back", "stream", in.stream, "group", in.group,
				"to", inputs[i].delivered.String())
		}
		if lost.count > 0 {
			s.tellLost(in, lost)
		}
		if wrong {
			s.correct(ctx, in, inputs[i].delivered, index)
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
		in.restart() // what was taken from us may be pending
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

// correct sets the server's own count right, which leaves out what was trimmed, and
// does not begin before something is read. From it the next process knows what was
// lost in between, and what was told already.
func (s *Subscriber) correct(ctx context.Context, in *inputState, position entryID, index int64) {
	_, err := s.client.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return s.client.reader.run(ctx, correctScript, []string{in.stream},
			[]string{in.group, position.String(), strconv.FormatInt(index, 10)})
	})
	if err != nil {
		s.client.log.Warn("the server's count of what was read stays wrong", "stream", in.stream, "error", err)
	}
}
