package redisio

import (
	"context"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// Backlog is what waits in an input stream.
type Backlog struct {
	Stream string
	// Length is the number of entries in the stream, those that were settled included.
	Length int64
	// Unread is the number of entries that the group was not given yet, or -1 where the
	// server does not know it: before version 7, after entries were deleted one by one,
	// and where the group is not there.
	Unread int64
	// Pending is the number of entries that the group was given and that are not
	// settled.
	Pending int64
	// OldestPending is when the server took the oldest of those; 0 if there is none.
	OldestPending den.Timestamp
}

// Backlog asks the server what waits in the inputs, in their order. It is cheap, however
// much that is, but it waits for the server up to Timeout; ask in the background and not
// too often. It may be called whoever owns the streams.
func (c *Client) Backlog(ctx context.Context) ([]Backlog, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	all := make([]Backlog, len(c.opts.Inputs))
	for i, in := range c.opts.Inputs {
		all[i] = Backlog{Stream: in.Stream, Unread: -1}
		if err := c.readBacklog(ctx, in, &all[i]); err != nil && !isNoKey(err) && !isGroupLost(err) {
			return nil, wrap("look at the backlog", err)
		}
	}
	return all, nil
}

func (c *Client) readBacklog(ctx context.Context, in InputStream, to *Backlog) (err error) {
	stream, err := c.reader.do(ctx, func(b rueidis.Builder) rueidis.Completed {
		return b.XinfoStream().Key(in.Stream).Build()
	}).AsMap()
	if err != nil {
		return err
	}
	length := stream["length"]
	if to.Length, err = length.AsInt64(); err != nil {
		return err
	}
	group, err := c.groupOf(ctx, in)
	if err != nil || group == nil {
		return err
	}
	lag := group["lag"]
	if n, err := lag.AsInt64(); err == nil { // and not null
		to.Unread = min(n, to.Length) // it may count entries that were trimmed
	}
	summary, err := c.reader.do(ctx, func(b rueidis.Builder) rueidis.Completed {
		return b.Xpending().Key(in.Stream).Group(in.Group).Build()
	}).ToArray() // number, least id, greatest id, consumers
	if err != nil {
		return err
	}
	if len(summary) < 2 {
		return errUnexpectedPending
	}
	if to.Pending, err = summary[0].AsInt64(); err != nil || to.Pending == 0 {
		return err
	}
	oldest, err := summary[1].ToString()
	to.OldestPending = addedAt(oldest)
	return err
}
