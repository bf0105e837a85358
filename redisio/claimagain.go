package redisio

import (
	"context"
	"slices"

	"github.com/redis/rueidis"
)

// claimAgain has the entries of the batch pending in a group that was created again since
// they were delivered, so that a commit settles them: what is not pending counts as done. The
// group will deliver them once more; that, nobody can keep it from.
//
// No call may be under way for the batch. What is done already, or may be, is not claimed.
func (b *batch) claimAgain(ctx context.Context, generations []string) error {
	c := b.subscriber.client
	if claim, _ := c.lease.claim(); claim != "" && c.lease.epoch() == 0 {
		return nil // the commit will be refused, and these are for another owner
	}
	for input := range c.opts.Inputs {
		if b.generations[input] == generations[input] {
			continue
		}
		for ids := range slices.Chunk(b.undone(input), fullEntries) {
			if err := c.claimByForce(ctx, c.opts.Inputs[input], ids); err != nil {
				return err
			}
		}
	}
	if !slices.Equal(b.generations, generations) {
		b.generations, b.doneBefore = generations, int(b.committed.Load())
	}
	return nil
}

// undone returns the ids of an input's entries that are certainly not done, and that the
// stream still has, as far as we know.
func (b *batch) undone(input int) (ids []string) {
	b.subscriber.mu.Lock()
	defer b.subscriber.mu.Unlock()
	for i := int(b.committed.Load()); i < len(b.keys); i++ {
		if key := b.keys[i]; key.input == input && !b.orphans[key] && !b.doubtful[key] {
			ids = append(ids, b.entries[i].id)
		}
	}
	return ids
}

// claimByForce has entries pending that the group has not delivered.
func (c *Client) claimByForce(ctx context.Context, in InputStream, ids []string) error {
	_, err := c.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return c.writer.do(ctx, func(b rueidis.Builder) rueidis.Completed {
			return b.Xclaim().Key(in.Stream).Group(in.Group).Consumer(c.opts.Name).MinIdleTime("0").Id(ids...).Force().Justid().Build()
		})
	})
	if isGroupLost(err) {
		c.setupAgain()
	}
	if err != nil {
		return wrap("commit", err)
	}
	return nil
}
