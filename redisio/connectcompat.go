package redisio

import (
	"context"

	"github.com/redis/rueidis"
)

// For the time of the change: connection as a rueidis.Client.
type anyClient interface{ rueidis.Client }

func (c *connection) B() rueidis.Builder {
	client, err := c.connected(context.Background())
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.client != nil {
			return c.client.B()
		}
		return rueidis.Builder{}
	}
	return client.B()
}

func (c *connection) Do(ctx context.Context, command rueidis.Completed) rueidis.RedisResult {
	return c.do(ctx, func(rueidis.Builder) rueidis.Completed { return command })
}
