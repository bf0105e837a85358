package redisio_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
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

// slowWrites is a connection that takes bytes slowly, once it is told to.
type slowWrites struct {
	net.Conn
	perSecond *atomic.Int64 // 0 is no bound
}

func (c slowWrites) Write(b []byte) (written int, err error) {
	for written < len(b) && err == nil {
		part := b[written:]
		if rate := c.perSecond.Load(); rate > 0 {
			part = part[:min(len(part), int(rate/50))]
			time.Sleep(time.Duration(len(part)) * time.Second / time.Duration(rate))
		}
		var n int
		n, err = c.Conn.Write(part)
		written += n
	}
	return written, err
}

// slowWriting makes the clients of these options write as slowly as is said later.
func slowWriting(o *redisio.Options) (perSecond *atomic.Int64) {
	perSecond = new(atomic.Int64)
	o.Dial = func(ctx context.Context, address string) (net.Conn, error) {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address)
		return slowWrites{conn, perSecond}, err
	}
	return perSecond
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

// A batch of many calls comes through over a line that takes one of them within Timeout,
// but not three, and the owner stays the owner meanwhile.
func TestManyCallsOnASlowLine(t *testing.T) {
	const (
		many = 600     // five calls
		slow = 500_000 // bytes a second; a call has 256 KiB
	)
	for _, test := range []struct {
		name     string
		before   int // inputs that came while it was fast
		failures int // at most, before it is known to be slow
	}{
		{"always", 1, 0}, // the first call is sent twice, since the server does not know the script
		{"since_then", many, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := startRedis(t)
			oneInput(&o)
			o.Timeout, o.LeaseTime = time.Second, 3*time.Second
			perSecond := slowWriting(&o)
			server, client := openProbe(t, o), open(t, o)
			setUp(t, client)
			must(t, client.Publisher().Own(t.Context(), func(ctx context.Context) error {
				sub := client.Subscriber()
				commit := func(n int) (failures int) {
					server.send("collisions", arrays(1, n)...)
					b := receiveBatch(t, sub, n)
					want(t, "inputs", len(b.Inputs()), n)
					for client.Publisher().Commit(ctx, b, answers(b, 1)) != nil {
						if failures++; failures > 5 {
							t.Fatal("the batch does not come through")
						}
					}
					return failures
				}
				want(t, "failed commits before", commit(test.before), 0)
				perSecond.Store(slow)
				if failures := commit(many); failures > test.failures {
					t.Errorf("%d commits failed; want %d at most", failures, test.failures)
				}
				want(t, "DENMs", numbers(server.published("denms")), upTo(1, test.before)+" "+upTo(1, many))
				want(t, "pending", server.pending("collisions"), 0)
				return ctx.Err() // it is still the owner
			}))
		})
	}
}

// A call with a large dead letter is longer than others. Several of them are not on a line at a
// time that takes one within Timeout, but not two, whatever went over it before.
func TestLargeDeadLettersOnASlowLine(t *testing.T) {
	const giants, slow = 4, 1_000_000 // one a call, of 1 MiB
	for name, usual := range map[string]int{"alone": 0, "behind_others": 140} {
		t.Run(name, func(t *testing.T) {
			o := startRedis(t)
			oneInput(&o)
			o.Timeout = 1500 * time.Millisecond
			perSecond := slowWriting(&o)
			server, client := openProbe(t, o), open(t, o)
			setUp(t, client)
			must(t, client.Publisher().Publish(t.Context(), warnings(9, 1))) // the server knows the script then
			server.send("collisions", arrays(1, usual)...)
			giant := strings.Repeat("x", 1<<20+1000)
			for range giants {
				server.do("XADD", "collisions", "*", "message", giant)
			}
			b := receiveBatch(t, client.Subscriber(), usual+giants)
			want(t, "inputs", len(b.Inputs()), usual+giants)
			outputs := answers(b, 1)
			perSecond.Store(slow)
			must(t, client.Publisher().Commit(t.Context(), b, outputs[:usual]))
			want(t, "dead letters", len(server.entries("dead")), giants)
			want(t, "pending", server.pending("collisions"), 0)
		})
	}
}

// The line is judged by when the answers came, and not by when they were looked at, which
// is later if the next call took long to make.
func TestLineIsJudgedByWhenTheAnswersCame(t *testing.T) {
	const first, n = 40, 305 // of which two calls leave a few for a third one, which is too small to tell
	o := startRedis(t)
	oneInput(&o)
	o.Timeout = time.Minute
	server := openProbe(t, o)
	encoded, answered := 0, false
	o.Outputs = append(o.Outputs, redisio.OutputStream{Stream: "encoded", Field: "message", Encoding: &redisio.Encoding{
		ContentType: "text/plain",
		Append: func(b []byte, _ *den.DENM) ([]byte, error) {
			encoded++
			// A call that was refused as early is sent again only behind this one: then
			// there is nothing to wait for.
			for end := time.Now().Add(2 * time.Second); encoded == first+n && !answered && time.Now().Before(end); {
				answered = server.number("XLEN", "denms") > first+n*9/10
			}
			return append(b, 'x'), nil
		},
	}})
	perSecond := slowWriting(&o)
	client := open(t, o)
	sub := client.Subscriber()
	for !answered {
		encoded = 0
		perSecond.Store(0)
		server.do("DEL", "denms")
		server.send("collisions", arrays(1, first+n)...)
		b := receiveBatch(t, sub, first)
		must(t, client.Publisher().Commit(t.Context(), b, answers(b, 1))) // the line is fast
		b = receiveBatch(t, sub, n)
		perSecond.Store(1 << 20)
		must(t, client.Publisher().Commit(t.Context(), b, answers(b, 1)))
	}
	if took := client.TimeOfFullCall(); took < 100*time.Millisecond {
		t.Errorf("a full call of 256 KiB is believed to take %v at 1 MiB/s", took)
	}
}
