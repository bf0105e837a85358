package redisio

import (
	"context"
	"crypto/rand"
	_ "embed"
	"slices"

	"github.com/redis/rueidis"
)

//go:embed outputgroup.lua
var outputGroupSource string

var outputGroupScript = ledgerScript(outputGroupSource)

// Setup makes sure that the consumer groups of inputs and outputs exist, and
// creates those that do not, together with their streams. Receive and Commit do
// this themselves when it was not done yet or a group was lost; call it to do it
// early.
//
// The group of an input that was there before begins again where everything before
// was settled, whichever process settled it, or at the beginning of its stream where
// that is not known: inputs may come again, but none is missed.
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
	if err := c.createGroups(ctx, done > 0); err != nil {
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

// createGroups creates the groups that are missing; again says that all of them had
// been there.
func (c *Client) createGroups(ctx context.Context, again bool) error {
	for i, in := range c.opts.Inputs {
		start := in.StartID
		if again {
			start = "0"
		}
		if c.nextGroups[i] == "" {
			c.nextGroups[i] = rand.Text()
		}
		g, err := c.createInputGroup(ctx, in, start, c.nextGroups[i], c.generations()[i])
		if err != nil {
			return err
		}
		c.nextGroups[i] = ""
		if g.found != groupThere {
			c.tellCreated(i, g, again)
		}
		c.setGeneration(i, g.generation)
	}
	for _, out := range c.opts.Outputs {
		if out.Group == "" {
			continue
		}
		created, err := c.createOutputGroup(ctx, out)
		if err != nil {
			return err
		}
		if created && again {
			c.log.Warn("the consumer group of an output was lost", "stream", out.Stream, "group", out.Group)
		}
	}
	return nil
}

// generations returns the names of the groups of the inputs, by which a call of the commit
// script knows that none was created again: what the caller asks the Subscriber about them
// afterwards is as new as they are. An empty one is not known. They must not be changed.
func (c *Client) generations() []string {
	c.setupMu.Lock()
	defer c.setupMu.Unlock()
	return c.groups
}

// setGeneration notes the name of a group, when all that follows from its creation is done.
func (c *Client) setGeneration(input int, name string) {
	c.setupMu.Lock()
	defer c.setupMu.Unlock()
	if c.groups[input] != name {
		c.groups = slices.Clone(c.groups)
		c.groups[input] = name
	}
}

// tellCreated tells of the group of an input that was created, and of what was lost
// with its stream.
func (c *Client) tellCreated(input int, g created, again bool) {
	in := c.opts.Inputs[input]
	c.counts.groupsCreated.Add(1)
	details := []any{"stream", in.Stream, "group", in.Group, "start", g.start.String()}
	switch {
	case g.found == groupOfNothing && !again:
		c.log.Info("consumer group created", details...)
	case g.found == groupLost:
		if s := c.subscriber.Load(); s != nil {
			s.regroup(s.inputs[input], g)
		}
		c.log.Warn("the consumer group of an input was lost", details...)
	default:
		lost := g.lost()
		if s := c.subscriber.Load(); s != nil {
			lost = s.regroup(s.inputs[input], g)
		}
		c.tellDeleted(input, g, lost)
	}
}

// tellDeleted tells that the stream of an input was deleted, and what was lost with it.
func (c *Client) tellDeleted(input int, g created, lost loss) {
	in := c.opts.Inputs[input]
	// What came and went since somebody last looked, nobody can count.
	c.counts.streamsDeleted.Add(1)
	c.log.Error("an input stream was deleted: what was sent to it since it was last looked at is lost as well, and nobody knows how much that is",
		"stream", in.Stream, "group", in.Group, "start", g.start.String(), "from", lost.before.String())
	if lost.count > 0 {
		c.tellLost(in.Stream, lost)
	}
}

// createOutputGroup creates the group of an output, and reports whether it was
// missing.
func (c *Client) createOutputGroup(ctx context.Context, out OutputStream) (created bool, err error) {
	answer, err := c.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return c.writer.run(ctx, outputGroupScript, []string{out.Stream}, []string{out.Group})
	})
	if err != nil {
		return false, wrap("create group "+out.Group+" of "+out.Stream, err)
	}
	n, err := answer.AsInt64()
	if err != nil {
		return false, errUnexpected
	}
	if n == 1 {
		c.counts.groupsCreated.Add(1)
		c.log.Info("consumer group created", "stream", out.Stream, "group", out.Group, "start", "0-0")
	}
	return n == 1, nil
}
