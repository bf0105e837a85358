package redisio

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/step-its/producer/den"
)

// Own implements [den.Owner]. All clients with the same first input and group
// compete for one ownership, which lasts for a lease of nearly LeaseTime and is
// renewed at a third of it. Who stands by takes over when the lease is over, or
// at once when it was given up. From then on the server refuses what the earlier
// owner commits.
//
// A server that is away ends nothing, as long as nobody has taken over when it
// comes back. When ctx ends, the lease is renewed until work returns.
//
// A second Own of the same client waits for the first.
func (p *Publisher) Own(ctx context.Context, work func(ctx context.Context) error) error {
	c := p.client
	if work == nil {
		return misuse("there is no work to own the streams for")
	}
	select {
	case c.lease.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-c.lease.turn }()
	if err := c.standBy(ctx); err != nil {
		return err
	}
	owned, stop := context.WithCancelCause(ctx)
	c.beginOwning(stop)
	inOrder := false // and not by a panic
	defer func() { c.endOwning(ctx, inOrder) }()

	renewing, stopRenewing := context.WithCancel(context.WithoutCancel(ctx))
	var renewer sync.WaitGroup
	renewer.Go(func() { c.keepRenewing(renewing) })
	defer renewer.Wait()
	defer stopRenewing()
	defer stop(nil)
	err := work(owned)
	inOrder = true
	return err
}

// standBy returns nil when we are the owner, and an error when ctx has ended or
// the server cannot be asked.
func (c *Client) standBy(ctx context.Context) error {
	for ctx.Err() == nil {
		answer, err := c.acquire(ctx, c.mayBeginAnew())
		if err != nil {
			if ctx.Err() == nil {
				return err
			}
			// Nobody knows whether the server got to it.
			last, cancel := c.lastCalls(ctx)
			defer cancel()
			_ = c.release(last, c.lease.token)
			break
		}
		switch answer[0] {
		case "owner":
			c.acquired(answer[1], answer[2])
			return nil
		case "held":
			c.held(answer[1])
		case "unknown":
			if c.lease.missing.IsZero() {
				c.lease.missing = time.Now()
			}
		}
		sleep(ctx, c.pollPause())
	}
	return context.Cause(ctx)
}

// mayBeginAnew reports whether we may become the owner where none is on record.
// If there was one a moment ago, the server has lost its data; then the owner,
// if it lives, has the time of a lease to put itself on record again.
func (c *Client) mayBeginAnew() bool {
	l := &c.lease
	return l.rival == "" || !l.missing.IsZero() && time.Since(l.missing) > c.opts.leaseDuration()
}

// held notes that another client has the lease.
func (c *Client) held(value string) {
	l := &c.lease
	if l.rival != value {
		epoch, name := epochAndName(value)
		c.log.Info("standing by", "owner", name, "epoch", epoch)
	}
	l.rival, l.missing = value, time.Time{}
}

// acquired notes that we have become the owner after another one, or after none.
func (c *Client) acquired(value, before string) {
	l := &c.lease
	l.rival, l.missing = "", time.Time{}
	epoch, _ := epochAndName(value)
	_, name := epochAndName(before)
	c.counts.acquired.Add(1)
	c.log.Info("owner of the streams", "epoch", epoch, "before", name)
}

// beginOwning notes that work begins, and how to end it.
func (c *Client) beginOwning(stop context.CancelCauseFunc) {
	l := &c.lease
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owning, l.stop = true, stop
}

// endOwning notes that work has ended, and lets the next owner in. The value is
// not forgotten: what is committed late must be refused if somebody took over.
func (c *Client) endOwning(ctx context.Context, inOrder bool) {
	l := &c.lease
	l.mu.Lock()
	value, fenced := l.value, l.fenced
	l.owning, l.stop = false, nil
	l.mu.Unlock()
	if fenced {
		return
	}
	ctx, cancel := c.lastCalls(ctx)
	defer cancel()
	if sub := c.subscriber.Load(); sub != nil && inOrder {
		if err := sub.giveBack(ctx); err != nil {
			c.log.Warn("what is not settled counts as one delivery more", "error", wrap("give back", err))
		}
	}
	_, token, _ := strings.Cut(value, ":")
	if err := c.release(ctx, token); err != nil {
		c.log.Warn("the lease was not released; it ends by itself", "duration", c.opts.leaseDuration(), "error", err)
	}
}

// keepRenewing renews the lease until ctx ends or another client has taken over.
func (c *Client) keepRenewing(ctx context.Context) {
	lapsed := false
	for pause := c.untilRenewal(); sleep(ctx, pause); {
		err := c.renew(ctx)
		switch {
		case err == nil:
			if lapsed {
				c.log.Info("the lease is renewed")
			}
			lapsed = false
			pause = c.untilRenewal()
		case ctx.Err() != nil:
			return
		case errors.Is(err, den.ErrFenced):
			value, _ := c.lease.claim()
			c.lease.refused(value)
			return
		default:
			if !lapsed && c.leaseLapsed() {
				lapsed = true
				c.log.Warn("the server does not answer: the lease has lapsed, and nothing is read until it is renewed", "error", err)
			}
			pause = c.pollPause()
		}
	}
}

// untilRenewal is how long to wait until a third of LeaseTime is over.
func (c *Client) untilRenewal() time.Duration {
	l := &c.lease
	l.mu.Lock()
	defer l.mu.Unlock()
	return c.opts.LeaseTime/3 - time.Since(l.renewed)
}

// pollPause is how long to wait before the server is asked again, which is
// different each time, so that not all clients ask in the same instant.
func (c *Client) pollPause() time.Duration {
	most := max(c.opts.LeaseTime/30, 10*time.Millisecond)
	return most/2 + rand.N(most/2)
}

// sleep waits, and reports whether ctx has not ended.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
