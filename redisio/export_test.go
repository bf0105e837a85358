package redisio

import (
	"context"
	"time"

	"github.com/redis/rueidis"
)

// LeaseLapsed is what the Subscriber asks before it reads.
func (c *Client) LeaseLapsed() bool { return c.leaseLapsed() }

// AskLate sends a command, and takes its answer only when the time for it is over.
func (c *Client) AskLate(ctx context.Context, command func(context.Context) rueidis.RedisResult) error {
	q := c.begin(ctx, command)
	time.Sleep(c.opts.Timeout + time.Second)
	_, err := q.await()
	return err
}
