package redisio

import (
	"context"
	"errors"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// LeaseLapsed is what the Subscriber asks before it reads.
func (c *Client) LeaseLapsed() bool { return c.leaseLapsed() }

// TimeOfFullCall is how long a full call of the commit script is believed to take.
func (c *Client) TimeOfFullCall() time.Duration { return time.Duration(c.line.perFull.Load()) }

// AskLate sends a command, and takes its answer only when the time for it is over.
func (c *Client) AskLate(ctx context.Context, command func(context.Context) rueidis.RedisResult) error {
	q := c.begin(ctx, command)
	time.Sleep(c.opts.Timeout + time.Second)
	_, err := q.await()
	return err
}

// CommitBehind commits one entry of a batch under a token, on the condition that the last
// commit had another one, and returns whether the server refused that.
func (p *Publisher) CommitBehind(ctx context.Context, b den.Batch, i int, outputs []den.Output, ahead, token string) (early bool, err error) {
	call := newScriptCall(p.client, "", p.client.generations(), false)
	call.addEntry(b.(*batch), i, false, outputs)
	call.args[aheadArg], call.args[tokenArg] = ahead, token
	_, _, err = p.send(ctx, call).await()
	if errors.Is(err, errEarly) {
		return true, nil
	}
	return false, err
}
