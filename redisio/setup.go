package redisio

import (
	"context"

	"github.com/redis/rueidis"
)

// Setup makes sure that the consumer groups of inputs and outputs exist, and
// creates those that do not, together with their streams. Receive and Commit do
// this themselves when it was not done yet or a group was lost; call it to do it
// early.
//
// The group of an input that is lost while the client works begins again where we
// know that everything before was settled, or at the beginning of its stream:
// inputs may come again, but none is missed.
func (c *Client) Setup(ctx context.Context) error {
	select {
	case c.settingUp <- struct{}{}:
		defer func() { <-c.settingUp }()
	case <-ctx.Done():
		return ctx.Err()
	}
	wanted, done := c.setups()
	if done == wanted {
		return nil
	}
	create := c.createGroups
	if done > 0 {
		create = c.createLostGroups
	}
	if err := create(ctx); err != nil {
		return err
	}
	c.setupMu.Lock()
	defer c.setupMu.Unlock()
	c.setupsDone = wanted
	return nil
}

func (c *Client) setups() (wanted, done int) {
	c.setupMu.Lock()
	defer c.setupMu.Unlock()
	return c.setupsWanted, c.setupsDone
}

// setupAgain has the next call look after the groups.
func (c *Client) setupAgain() {
	c.setupMu.Lock()
	defer c.setupMu.Unlock()
	if c.setupsDone == c.setupsWanted {
		c.setupsWanted++
	}
}

// createGroups creates what was never there.
func (c *Client) createGroups(ctx context.Context) error {
	for _, in := range c.opts.Inputs {
		if err := c.createGroup(ctx, in.Stream, in.Group, in.StartID); err != nil {
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
	return nil
}

// createLostGroups creates again what was there.
func (c *Client) createLostGroups(ctx context.Context) error {
	inputs, outputs, err := c.look(ctx)
	if err != nil {
		return wrap("look at the groups", err)
	}
	for i, in := range c.opts.Inputs {
		if inputs[i].group {
			continue
		}
		start := "0"
		if s := c.subscriber.Load(); s != nil {
			start = s.groupLost(i, inputs[i]).String()
		}
		if err := c.createGroup(ctx, in.Stream, in.Group, start); err != nil {
			return err
		}
		c.log.Warn("the consumer group of an input was lost", "stream", in.Stream, "group", in.Group, "start", start)
	}
	for i, out := range c.opts.Outputs {
		if out.Group == "" || outputs[i].group {
			continue
		}
		if err := c.createGroup(ctx, out.Stream, out.Group, "0"); err != nil {
			return err
		}
		c.log.Warn("the consumer group of an output was lost", "stream", out.Stream, "group", out.Group)
	}
	return nil
}

func (c *Client) createGroup(ctx context.Context, stream, group, start string) error {
	_, err := c.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return c.writer.do(ctx, func(b rueidis.Builder) rueidis.Completed {
			return b.XgroupCreate().Key(stream).Group(group).Id(start).Mkstream().Build()
		})
	})
	switch {
	case err == nil:
		c.counts.groupsCreated.Add(1)
		c.log.Info("consumer group created", "stream", stream, "group", group, "start", start)
	case !isBusyGroup(err):
		return wrap("create group "+group+" of "+stream, err)
	}
	return nil
}
