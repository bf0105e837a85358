package redisio_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// throttledConn is a connection over which bytes arrive slowly.
type throttledConn struct {
	net.Conn
	perSecond int
}

func (c throttledConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b[:min(len(b), c.perSecond/50)])
	time.Sleep(time.Duration(n) * time.Second / time.Duration(c.perSecond))
	return n, err
}

func throttle(o *redisio.Options, perSecond int) {
	o.Dial = func(ctx context.Context, address string) (net.Conn, error) {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address)
		return throttledConn{conn, perSecond}, err
	}
}

// setUp creates the groups, also on a machine that has other things to do.
func setUp(t *testing.T, client *redisio.Client) {
	t.Helper()
	eventually(t, "the groups are there", func() bool { return client.Setup(t.Context()) == nil })
}

// Entries that take longer than Timeout on a slow line arrive all the same: they are
// asked for one by one, and one is waited for as long as some of it arrives.
func TestLargeEntriesOnASlowLine(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		o.Timeout = 500 * time.Millisecond
		throttle(&o, 1<<20)
		server := openProbe(t, o)
		giant := strings.Repeat("x", 1<<20) // takes a second
		for range 4 {
			server.do("XADD", "collisions", "*", "message", giant)
		}
		server.send("collisions", arrays(1, 3)...)
		client := open(t, o)
		setUp(t, client)
		sub := client.Subscriber()
		var got []den.Batch
		failures := 0
		for inputs := 0; inputs < 7; {
			b, err := sub.Receive(t.Context(), 5, time.Second)
			switch {
			case errors.Is(err, den.ErrPermanent) || failures > 20:
				t.Fatal(err)
			case err != nil:
				failures++
			case b != nil:
				got = append(got, b)
				inputs += len(b.Inputs())
			}
		}
		want(t, "inputs", references(got...), "! ! ! ! 1 2 3")
		want(t, "failed reads", failures, 0)
		ackAll(t, got...)
		letters := server.entries("dead")
		want(t, "dead letters", len(letters), 4)
		want(t, "deliveries", client.Stats().Received, 7)
	})
}

// A line over which nothing arrives is given up after Timeout, and what is asked for
// then is as much as before.
func TestLineThatIsDead(t *testing.T) {
	o := startRedis(t)
	oneInput(&o)
	o.Timeout = 500 * time.Millisecond
	reply := new(heldReply)
	reply.attach(&o)
	server, client := openProbe(t, o), open(t, o)
	setUp(t, client)
	sub := client.Subscriber()
	receiveNothing(t, sub)
	server.send("collisions", arrays(1, 3)...)
	release := reply.hold("XREADGROUP")
	start := time.Now()
	if _, err := sub.Receive(t.Context(), 10, time.Second); err == nil {
		t.Error("received from a line that is dead")
	}
	if took := time.Since(start); took < 500*time.Millisecond || took > 2*time.Second {
		t.Errorf("Receive took %v; want Block and Timeout, 550ms", took)
	}
	release()
	want(t, "inputs", references(receiveEventually(t, sub)), "1 2 3")
}
