package redisio

import (
	"context"
	_ "embed"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

//go:embed lease_acquire.lua
var acquireSource string

//go:embed lease_renew.lua
var renewSource string

//go:embed lease_release.lua
var releaseSource string

var (
	acquireScript = rueidis.NewLuaScript(acquireSource)
	renewScript   = rueidis.NewLuaScript(renewSource)
	releaseScript = rueidis.NewLuaScript(releaseSource)
)

// leaseDuration is how long the lease lasts when it is not renewed. The rest of
// LeaseTime is for those who wait to notice.
func (o *Options) leaseDuration() time.Duration { return o.LeaseTime / 10 * 9 }

func (o *Options) leaseMilliseconds() string {
	return strconv.FormatInt(o.leaseDuration().Milliseconds(), 10)
}

// leaseTimeout bounds one call for the lease, so that another one can follow
// before it is over.
func (o *Options) leaseTimeout() time.Duration { return min(o.Timeout, o.LeaseTime/4) }

// acquire asks for the ownership. An answer is what the script says.
func (c *Client) acquire(ctx context.Context, evenUnknown bool) (answer []string, err error) {
	l := &c.lease
	if l.token == "" {
		l.token = newToken(c.opts.Name)
	}
	value, _ := l.claim()
	args := []string{c.opts.leaseMilliseconds(), l.token, value, ""}
	if evenUnknown {
		args[3] = "yes"
	}
	sent := time.Now()
	reply, err := c.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return c.writer.run(ctx, acquireScript, []string{c.key("lease"), c.key("owner")}, args)
	})
	if err == nil {
		answer, err = reply.AsStrSlice()
	}
	switch {
	case err != nil:
		return nil, wrap("acquire the lease", err)
	case len(answer) == 3 && answer[0] == "owner":
		l.token = ""
		l.mu.Lock()
		defer l.mu.Unlock()
		l.value, l.fenced, l.renewed = answer[1], false, sent
	case len(answer) == 2 && answer[0] == "held", len(answer) == 1 && answer[0] == "unknown":
	default:
		return nil, errUnexpected
	}
	return answer, nil
}

// renew lets the lease last on. An error that wraps den.ErrFenced says that
// another client has taken over.
func (c *Client) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.opts.leaseTimeout())
	defer cancel()
	l := &c.lease
	value, _ := l.claim()
	sent := time.Now()
	args := []string{c.opts.leaseMilliseconds(), value}
	_, err := c.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return c.writer.run(ctx, renewScript, []string{c.key("lease"), c.key("owner")}, args)
	})
	if err != nil {
		return wrap("renew the lease", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewed = sent
	return nil
}

// mostAtTheEnd bounds what is done for others at the end, who get on without it.
const mostAtTheEnd = 500 * time.Millisecond

// lastCalls returns a context for that.
func (c *Client) lastCalls(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), min(c.opts.Timeout, mostAtTheEnd))
}

// release lets the next owner in at once: token is that of our ownership. What
// fails is not tried again, since the lease ends by itself.
func (c *Client) release(ctx context.Context, token string) error {
	_, err := c.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return c.writer.run(ctx, releaseScript, []string{c.key("lease")}, []string{token})
	})
	if err != nil {
		return wrap("release the lease", err)
	}
	return nil
}
