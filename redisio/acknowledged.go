package redisio

import (
	"context"

	"github.com/redis/rueidis"
)

// lastDelivered returns the id of the last entry of an input stream that was
// delivered to its group. Where the group is lost it is the last one before which all
// were settled, and "" where there never was one.
func (c *Client) lastDelivered(ctx context.Context, in InputStream) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	group, err := c.groupOf(ctx, in)
	if isNoKey(err) {
		return "", nil
	}
	if err != nil {
		return "", wrap("replay "+in.Stream, err)
	}
	if id, ok := group["last-delivered-id"]; ok {
		return id.ToString()
	}
	position, err := c.reader.do(ctx, func(b rueidis.Builder) rueidis.Completed {
		return b.Hget().Key(in.ledgerKey()).Field("position").Build()
	}).ToString()
	if rueidis.IsRedisNil(err) {
		return "", nil
	}
	if err != nil {
		return "", wrap("replay "+in.Stream, err)
	}
	return position, nil
}

// groupOf returns what the server says of the group of an input: nothing if it is not
// there.
func (c *Client) groupOf(ctx context.Context, in InputStream) (map[string]rueidis.RedisMessage, error) {
	groups, err := c.reader.do(ctx, func(b rueidis.Builder) rueidis.Completed {
		return b.XinfoGroups().Key(in.Stream).Build()
	}).ToArray()
	if err != nil {
		return nil, err
	}
	for i := range groups {
		group, err := groups[i].AsMap()
		if err != nil {
			return nil, err
		}
		name := group["name"]
		if text, _ := name.ToString(); text == in.Group {
			return group, nil
		}
	}
	return nil, nil
}

// pendingSince returns the entries of an input stream, from an id on, that were
// delivered to its group and are not acknowledged.
func (c *Client) pendingSince(ctx context.Context, in InputStream, from string) (map[string]bool, error) {
	const count = 1000
	pending := make(map[string]bool)
	for {
		rows, err := c.pendingPage(ctx, in, from, count)
		if isGroupLost(err) {
			return pending, nil // what was pending will be delivered anew
		}
		if err != nil {
			return nil, wrap("replay "+in.Stream, err)
		}
		for i := range rows {
			row, err := rows[i].ToArray()
			if err != nil || len(row) == 0 {
				return nil, errUnexpectedPending
			}
			id, err := row[0].ToString()
			if err != nil {
				return nil, err
			}
			pending[id] = true
			from = idAfter(id)
		}
		if len(rows) < count {
			return pending, nil
		}
	}
}

func (c *Client) pendingPage(ctx context.Context, in InputStream, from string, count int64) ([]rueidis.RedisMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	return c.reader.do(ctx, func(b rueidis.Builder) rueidis.Completed {
		return b.Xpending().Key(in.Stream).Group(in.Group).Start(from).End("+").Count(count).Build()
	}).ToArray()
}
