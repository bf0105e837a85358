package redisio

import (
	"context"
	"errors"
	"time"

	"github.com/redis/rueidis"
)

// question is a command that is under way.
type question struct {
	ctx    context.Context
	cancel context.CancelFunc
	begun  <-chan struct{} // closed when the command is handed to the connection
	answer <-chan rueidis.RedisResult
	came   *time.Time // when the answer came, once it is taken
}

// begin sends a command that may be cancelled at any time. Its answer is waited for no
// longer than Timeout, and has to be taken.
func (c *Client) begin(ctx context.Context, command func(context.Context) rueidis.RedisResult) question {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	begun, came := make(chan struct{}), new(time.Time)
	return question{ctx, cancel, begun, inBackground(ctx, func(ctx context.Context) rueidis.RedisResult {
		close(begun)
		answer := command(ctx)
		*came = time.Now()
		return answer
	}), came}
}

// await waits for the answer.
func (q question) await() (rueidis.RedisMessage, error) {
	defer q.cancel()
	select {
	case a := <-q.answer:
		return a.ToMessage()
	case <-q.ctx.Done():
	}
	select {
	case a := <-q.answer: // it came in time, and it is only us who are late
		return a.ToMessage()
	default:
		return rueidis.RedisMessage{}, q.ctx.Err()
	}
}

// ask sends a command as begin does, and waits for the answer.
func (c *Client) ask(ctx context.Context, command func(context.Context) rueidis.RedisResult) (rueidis.RedisMessage, error) {
	return c.begin(ctx, command).await()
}

// inBackground sends a command, or several. rueidis does not look at ctx while it makes a
// connection, so whoever must not wait for that long waits here.
func inBackground[T any](ctx context.Context, command func(context.Context) T) <-chan T {
	answer := make(chan T, 1)
	go func() { answer <- command(ctx) }()
	return answer
}

const (
	// grace is how long a read may take after its context has ended, beyond the time
	// it was meant to block. An answer that is on its way then still arrives.
	grace = 250 * time.Millisecond
	// trickle is the least number of bytes that show, within Timeout, that an answer is
	// being received. The answers to a few PINGs are fewer.
	trickle = 1 << 10
)

// errLapsed keeps us from reading while another client may be the owner: it would
// be taken from him.
var errLapsed = errors.New("the lease has lapsed")

// errTooSlow says that a read asked for too much at once.
var errTooSlow = errors.New("the answer takes too long")

// read sends a command by which the server hands out entries, and may wait there for
// the time of block before it does. When ctx ends it goes on until the server must
// have answered: entries whose answer nobody awaits would be stranded for a
// moment. When the server does not answer even so, it gives up.
//
// A large answer may take longer than Timeout on a slow line. Then it returns
// errTooSlow, and the next command is to ask for one entry, which is waited for as
// long as some of it arrives.
//
// What build adds behind the command is run at once after it. There are as many results as
// commands.
func (s *Subscriber) read(ctx context.Context, block time.Duration, entries int, build func(rueidis.Builder) rueidis.Commands) ([]rueidis.RedisResult, error) {
	c := s.client
	if c.leaseLapsed() {
		return nil, errLapsed
	}
	reading, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	answered := time.Now().Add(block) // at the latest, by a server that works
	arrived := c.reader.arrived.Load()
	limit := time.NewTimer(block + c.opts.Timeout)
	defer limit.Stop()
	answer := inBackground(reading, func(ctx context.Context) []rueidis.RedisResult {
		return c.reader.doAll(ctx, build)
	})
	ended := ctx.Done()
	for {
		select {
		case a := <-answer:
			s.pace.arrived(time.Since(answered) < c.opts.Timeout/4)
			return a, a[0].Error()
		case <-ended:
			ended = nil
			limit.Reset(max(time.Until(answered), 0) + min(grace, c.opts.Timeout))
		case <-limit.C:
			now := c.reader.arrived.Load()
			if ctx.Err() != nil || now-arrived < trickle {
				return nil, context.DeadlineExceeded
			}
			s.pace.most = 1
			if entries > 1 {
				return nil, errTooSlow
			}
			arrived = now
			limit.Reset(c.opts.Timeout)
		}
	}
}

// pace is how many entries a read asks for at most: as many as the caller likes,
// unless the line proved too slow for so many.
type pace struct{ most int } // zero is no bound

// arrived raises the bound after an answer that came quickly.
func (p *pace) arrived(quickly bool) {
	if !quickly {
		return
	}
	if p.most *= 2; p.most > 1<<10 {
		p.most = 0
	}
}

func (p *pace) bound(n int) int {
	if p.most > 0 {
		n = min(n, p.most)
	}
	return max(n, 1)
}
