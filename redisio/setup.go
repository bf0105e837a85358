package redisio

import (
	"context"

	"github.com/redis/rueidis"
)

// Setup makes sure that the consumer groups of inputs and outputs exist, and
// creates those that do not, together with their streams. Receive and Commit do
// this themselves when it was not done yet or a group was lost; call it to do it
// early. A group that was lost begins at the start of its stream, whatever its
// StartID: inputs may come again, but none is missed.
func (c *Client) Setup(ctx context.Context) error {
	c.setupMu.Lock()
	defer c.setupMu.Unlock()
	if c.ready {
		return nil
	}
	for _, in := range c.opts.Inputs {
		start := in.StartID
		if c.lost { // what came between the loss and now must not be skipped
			start = "0"
		}
		if err := c.createGroup(ctx, in.Stream, in.Group, start); err != nil {
			return err
		}
	}
	for _, out := range c.opts.Outputs {
		if out.Group == "" {
			continue
		}
		if err := c.createGroup(ctx, out.Stream, out.Group, "0"); err != nil {
			return err
		}
	}
	c.ready, c.lost = true, false
	return nil
}

func (c *Client) createGroup(ctx context.Context, stream, group, start string) error {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	err := c.writer.do(ctx, func(b rueidis.Builder) rueidis.Completed {
		return b.XgroupCreate().Key(stream).Group(group).Id(start).Mkstream().Build()
	}).Error()
	switch {
	case err == nil:
		c.counts.groupsCreated.Add(1)
		c.log.Info("consumer group created", "stream", stream, "group", group, "start", start)
	case !isBusyGroup(err):
		return wrap("create group "+group+" of "+stream, err)
	}
	return nil
}

// setupAgain has the next call look after the groups.
func (c *Client) setupAgain() {
	c.setupMu.Lock()
	defer c.setupMu.Unlock()
	if c.ready {
		c.ready, c.lost = false, true
	}
}
