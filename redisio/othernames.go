package redisio

import (
	"context"

	"github.com/redis/rueidis"
)

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
