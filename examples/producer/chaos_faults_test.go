//go:build unix

package main

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den/dentest"
)

// fault does one fault, if what it needs is not in the hand of another one.
func (c *chaos) fault() {
	p := c.places[c.random.IntN(len(c.places))]
	var name string
	switch kind := c.random.IntN(100); {
	case kind < 30 && p.disturbed, kind >= 55 && c.serverOut:
		return
	case kind < 12:
		name = "producer killed"
		c.kill(p)
	case kind < 22:
		name = "producer stopped for a while"
		c.stopForAWhile(p)
	case kind < 30:
		name = "producer ended in order"
		c.terminate(p)
	case kind < 40:
		name = "replies to a producer cut"
		c.cutReplies(p)
	case kind < 48:
		name = "producer cut off for a while"
		c.stall(p)
	case kind < 55:
		name = "connections of a producer cut"
		p.proxy.Cut()
	case kind < 64:
		name = "server killed"
		c.killServer()
	case kind < 74:
		name = "server hangs for a while"
		c.pauseServer()
	case kind < 82:
		name = "all connections cut by the server"
		c.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")
	case kind < 91:
		name = "group destroyed"
		c.destroyGroup()
	default:
		name = "scripts flushed"
		c.command("SCRIPT", "FLUSH")
	}
	c.counts["fault: "+name]++
	c.t.Logf("%v %s %s", dentest.Now(), name, p.name)
}

func (c *chaos) kill(p *place) {
	p.disturbed = true
	p.process.signal(syscall.SIGKILL)
	c.later(c.between(0, 1500), func() bool { return c.startAgain(p) })
}

// startAgain starts a producer as soon as the one before has ended.
func (c *chaos) startAgain(p *place) bool {
	select {
	case <-p.process.ended:
	default:
		return false
	}
	c.start(p)
	p.disturbed = false
	return true
}

// stopForAWhile has the other producer take over, or not, and this one wake up.
func (c *chaos) stopForAWhile(p *place) {
	p.disturbed = true
	p.process.signal(syscall.SIGSTOP)
	c.later(c.between(100, 3000), func() bool {
		p.process.signal(syscall.SIGCONT)
		p.disturbed = false
		return true
	})
}

func (c *chaos) terminate(p *place) {
	p.disturbed = true
	p.process.signal(syscall.SIGTERM)
	asked := time.Now()
	reported := false
	c.later(0, func() bool {
		if time.Since(asked) > 30*time.Second && !reported {
			reported = true
			c.t.Errorf("%s does not end after SIGTERM", p.process.name)
			p.process.signal(syscall.SIGKILL)
		}
		return c.startAgain(p)
	})
}

// tooShort reports whether a producer could not end in order because the server
// was not there; it says so itself.
func (c *chaos) tooShort(p *process) bool {
	stopped, _ := p.logged(c.t, "stopped")
	cause := fmt.Sprint(stopped.fields["cause"]) // with what it has inside
	return p.asked == syscall.SIGTERM && strings.Contains(cause, "not finished within ShutdownTimeout")
}

// cutReplies cuts one reply, or some, so that one of a cancellation is among them.
func (c *chaos) cutReplies(p *place) {
	next, last := time.Now(), time.Now().Add(c.between(0, 1500))
	c.later(0, func() bool {
		if time.Now().Before(next) {
			return false
		}
		p.proxy.CutReplies()
		next = next.Add(c.between(20, 150))
		return next.After(last)
	})
}

func (c *chaos) stall(p *place) {
	p.proxy.Stall()
	c.later(c.between(100, 3000), func() bool {
		p.proxy.Resume()
		return true
	})
}

func (c *chaos) killServer() {
	c.serverOut = true
	c.server.Kill()
	c.later(c.between(0, 1500), func() bool {
		c.server.Restart(c.t)
		c.serverOut = false
		return true
	})
}

func (c *chaos) pauseServer() {
	c.serverOut = true
	c.server.Pause(c.t)
	c.later(c.between(100, 4000), func() bool {
		c.server.Resume(c.t)
		c.serverOut = false
		return true
	})
}

func (c *chaos) destroyGroup() {
	in := c.cfg.Redis.Streams.Inputs[c.random.IntN(len(c.cfg.Redis.Streams.Inputs))]
	began := dentest.Now()
	c.command("XGROUP", "DESTROY", in.StreamID, in.GroupID)
	c.losses = append(c.losses, groupLoss{in.StreamID, began, dentest.Now()})
}

// command sends a command to the server. That the reply is lost is part of it.
func (c *chaos) command(words ...string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := c.client.Do(ctx, c.client.B().Arbitrary(words...).Build()).Error()
	if _, refused := rueidis.IsRedisErr(err); refused {
		c.t.Fatalf("%q: %v", words, err)
	}
}
