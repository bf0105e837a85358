package redisio_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// One client owns the streams. Another one waits, tells once for whom, and takes
// over at once when they are given up. The server's keys tell people who it is.
func TestOwn(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		log := new(syncBuffer)
		o.Logger = slog.New(slog.NewTextHandler(log, nil))
		server := openProbe(t, o)
		first := own(t, open(t, o))
		first.working()
		first.publish(1)
		want(t, "Epoch", first.Stats().Epoch, 1)
		value := server.text("GET", ownerKey)
		want(t, "lease", server.text("GET", leaseKey), value)
		if !strings.HasPrefix(value, "1:") || !strings.Contains(value, ":producer_1@") {
			t.Errorf("the owner is recorded as %q; want epoch 1 and the name", value)
		}

		o.Name = "producer 2:\n"
		second := own(t, open(t, o))
		second.wantStandby(500 * time.Millisecond)
		want(t, "Epoch", second.Stats().Epoch, 0)
		start := time.Now()
		first.end()
		second.working()
		within(t, "taking over what was given up", start, o.LeaseTime+time.Second)
		must(t, first.err)
		second.publish(2)
		want(t, "Epoch", second.Stats().Epoch, 2)
		want(t, "Acquired", second.Stats().Acquired, 1)
		want(t, "Epoch", first.Stats().Epoch, 0)
		second.end()
		want(t, "lease", server.number("EXISTS", leaseKey), 0)
		want(t, "DENMs", numbers(server.published("denms")), "1 2")

		for line, n := range map[string]int{
			`"owner of the streams" epoch=1 before=""`:          1,
			`"standing by" owner=producer_1@`:                   1,
			`"owner of the streams" epoch=2 before=producer_1@`: 1,
			"WARN": 0,
		} {
			if got := strings.Count(log.String(), line); got != n {
				t.Errorf("%d lines have %s; want %d:\n%s", got, line, n, log)
			}
		}
		if value := server.text("GET", ownerKey); !strings.Contains(value, ":producer_2__@") {
			t.Errorf("the owner is recorded as %q; want a name of plain characters", value)
		}
	})
}

// An owner whose connections hold everything back, or whose process is gone, is
// succeeded within LeaseTime. When it comes back, it is told so, and nothing that
// it sends or has sent before is written.
func TestTakeover(t *testing.T) {
	o := startRedis(t)
	oneInput(&o)
	o.LeaseTime, o.Timeout = time.Second, 300*time.Millisecond
	server := openProbe(t, o)
	server.send("collisions", arrays(1, 2)...)
	proxy := redistest.StartProxy(t, o.Address)
	behind := o
	behind.Address = proxy.Addr
	log := new(syncBuffer)
	behind.Logger = slog.New(slog.NewTextHandler(log, nil))
	first, second := own(t, open(t, behind)), open(t, o)
	work := first.working()
	first.publish(1)
	inHand := receiveBatch(t, first.Subscriber(), 2)
	standby := own(t, second)
	standby.wantStandby(2 * o.LeaseTime) // for it is renewed

	start := time.Now()
	proxy.Stall()
	if err := first.Publisher().Commit(t.Context(), inHand, answers(inHand, 100)); err == nil {
		t.Error("a commit succeeded although the connection was stalled")
	}
	if err := first.Publisher().Publish(t.Context(), warnings(102, 1)); err == nil {
		t.Error("Publish succeeded although the connection was stalled")
	}
	standby.working()
	within(t, "taking over from a stalled owner", start, o.LeaseTime+300*time.Millisecond)
	eventually(t, "the owner notices that its lease has lapsed", first.LeaseLapsed)
	eventually(t, "that is logged", func() bool { return strings.Contains(log.String(), "the lease has lapsed") })
	want(t, "lapsed of the standby", second.LeaseLapsed(), false)
	if work.Err() != nil {
		t.Error("work was ended before it was known that another client has taken over")
	}
	standby.publish(2)
	proxy.Resume()
	wantFenced(t, work)
	wantRefused(t, first.Client, inHand)
	want(t, "lapsed", first.LeaseLapsed(), true)
	first.end()
	wantRefused(t, first.Client, inHand)
	want(t, "lapsed", first.LeaseLapsed(), false)

	again := own(t, first.Client)
	again.wantStandby(o.LeaseTime)
	standby.publish(3)
	start = time.Now()
	second.Close()
	again.working()
	within(t, "taking over from an owner that is gone", start, o.LeaseTime+300*time.Millisecond)
	again.publish(4)
	want(t, "DENMs", numbers(server.published("denms")), "1 2 3 4")
	want(t, "pending", server.pending("collisions"), 2)
	want(t, "Epoch", again.Stats().Epoch, 3)
	if again.Stats().Fenced < 8 {
		t.Errorf("%d calls were refused; want at least 8", again.Stats().Fenced)
	}
	want(t, "lines of the lapse", strings.Count(log.String(), "the lease has lapsed"), 1)
}

// A server that hung executes what it was sent before it answers anybody, even if
// the sender has given it up and is not the owner any more.
func TestHungServerWakesUp(t *testing.T) {
	server := redistest.Start(t)
	o := options(server.Addr)
	oneInput(&o)
	o.Timeout = 200 * time.Millisecond
	probe := openProbe(t, o)
	client := own(t, open(t, o))
	work := client.working()
	client.publish(1)
	b := batchInHand(t, probe, client.Client, 3)
	late := func(commit func() error) {
		t.Helper()
		server.Pause(t)
		if err := commit(); err == nil || errors.Is(err, den.ErrPermanent) {
			t.Errorf("on a hung server a commit returned %v; want an error that passes", err)
		}
		server.Resume(t)
		for range 3 { // rounds of the server, in each of which it looks at all connections
			probe.do("PING")
		}
	}
	// Still the owner, and so the repetition finds that it happened.
	late(func() error { return client.Publisher().Commit(t.Context(), b, answers(b, 2)) })
	eventually(t, "the commit has happened", func() bool { return probe.number("XLEN", "denms") == 4 })
	must(t, client.Publisher().Commit(t.Context(), b, answers(b, 2)))
	want(t, "DENMs", numbers(probe.published("denms")), "1 2 3 4")
	if work.Err() != nil {
		t.Error("work was ended although nobody has taken over")
	}

	b = batchInHand(t, probe, client.Client, 3)
	probe.do("SET", ownerKey, "1000:token:another")
	late(func() error { return client.Publisher().Commit(t.Context(), b, answers(b, 5)) })
	late(func() error { return client.Publisher().Publish(t.Context(), warnings(8, 1)) })
	late(func() error { return b.Ack(t.Context()) })
	wantRefused(t, client.Client, b)
	wantFenced(t, work)
	want(t, "DENMs", numbers(probe.published("denms")), "1 2 3 4")
	want(t, "pending", probe.pending("collisions"), 3)
}

// Who never was the owner may write while there is none, and who was it once,
// until another one takes over.
func TestWriteWithoutOwning(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		server, stranger := openProbe(t, o), open(t, o)
		must(t, stranger.Publisher().Publish(t.Context(), warnings(1, 1)))
		inHand := batchInHand(t, server, stranger, 2)

		first := own(t, open(t, o))
		first.working()
		wantRefused(t, stranger, inHand)
		first.end()
		must(t, first.err)
		first.publish(2)
		must(t, stranger.Publisher().Publish(t.Context(), warnings(3, 1)))

		second := own(t, open(t, o))
		second.working()
		wantRefused(t, first.Client)
		wantRefused(t, stranger, inHand)
		second.end()
		wantRefused(t, first.Client)
		ackAll(t, inHand)
		want(t, "DENMs", numbers(server.published("denms")), "1 2 3")

		server.do("FLUSHALL") // and nobody knows who was the last one
		must(t, first.Setup(t.Context()))
		wantRefused(t, first.Client)
	})
}

// A write that is refused ends work at once: the next renewal may be far away.
func TestRefusedWriteEndsWork(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		o.LeaseTime = time.Minute
		server := openProbe(t, o)
		client := own(t, open(t, o))
		work := client.working()
		server.do("SET", ownerKey, "1000:token:another")
		start := time.Now()
		wantRefused(t, client.Client)
		wantFenced(t, work)
		within(t, "ending work", start, 5*time.Second)
		want(t, "Epoch", client.Stats().Epoch, 0)
		want(t, "Fenced", client.Stats().Fenced, 2)
	})
}

// When the context ends, the streams are ours until work returns, and then they
// are given up all the same.
func TestOwnToTheEnd(t *testing.T) {
	o := startRedis(t)
	o.LeaseTime = 500 * time.Millisecond
	first := own(t, open(t, o))
	work := first.working()
	second := own(t, open(t, o))
	first.cancel()
	<-work.Done()
	second.wantStandby(3 * o.LeaseTime)
	first.publish(1)
	first.end()
	start := time.Now()
	second.working()
	within(t, "taking over what was given up", start, o.LeaseTime/2)
}

// The server loses its data while a client owns the streams: it goes on, and who
// stands by does not get in, whether something is committed or not. Should the
// owner be gone too, it does.
func TestDataLostWhileOwning(t *testing.T) {
	for _, lost := range [][]string{{"FLUSHALL"}, {"DEL", ownerKey}} {
		t.Run(lost[0], func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				o.LeaseTime = 500 * time.Millisecond
				server := openProbe(t, o)
				first := own(t, open(t, o))
				work := first.working()
				second := own(t, open(t, o))
				second.wantStandby(100 * time.Millisecond)
				server.do(lost...)
				second.wantStandby(2 * o.LeaseTime)
				first.publish(1)
				server.do(lost...)
				must(t, first.Setup(t.Context()))
				first.publish(2)
				second.wantStandby(2 * o.LeaseTime)
				first.publish(3)
				if work.Err() != nil {
					t.Errorf("work was ended: %v", context.Cause(work))
				}
				want(t, "Epoch", first.Stats().Epoch, 1)
				first.end()
				second.working()
				wantRefused(t, first.Client)

				third := own(t, open(t, o))
				third.wantStandby(100 * time.Millisecond)
				second.Close()
				server.do("FLUSHALL")
				start := time.Now()
				third.working()
				within(t, "taking over where nobody is on record", start, 2*o.LeaseTime)
			})
		})
	}
}

// The server crashes and comes back with its data, and the owner goes on, if it
// took longer than the lease too.
func TestServerRestartsWhileOwning(t *testing.T) {
	server := redistest.Start(t)
	o := options(server.Addr)
	o.LeaseTime = 300 * time.Millisecond
	log := new(syncBuffer)
	o.Logger = slog.New(slog.NewTextHandler(log, nil))
	client := own(t, open(t, o))
	work := client.working()
	client.publish(1)
	logged := func(line string, n int) func() bool {
		return func() bool { return strings.Count(log.String(), line) == n }
	}
	for i := range 2 {
		server.Kill()
		eventually(t, "the lease lapses", client.LeaseLapsed)
		eventually(t, "that is logged", logged("the lease has lapsed", i+1))
		server.Restart(t)
		eventually(t, "it is renewed", logged("the lease is renewed", i+1))
		want(t, "lapsed", client.LeaseLapsed(), false)
		client.publish(uint16(2 + i))
	}
	if work.Err() != nil {
		t.Errorf("work was ended: %v", context.Cause(work))
	}
	want(t, "DENMs", numbers(openProbe(t, o).published("denms")), "1 2 3")
	want(t, "lapses logged", logged("the lease has lapsed", 2)(), true)
}

// Who gets no answer to the question for the ownership may have it. Asked again,
// the server knows the client.
func TestAcquireReplyLost(t *testing.T) {
	o := startRedis(t)
	o.LeaseTime = time.Minute // so that nobody waits for the end of it
	server, proxy := openProbe(t, o), redistest.StartProxy(t, o.Address)
	behind := o
	behind.Address = proxy.Addr
	client := open(t, behind)
	must(t, client.Setup(t.Context()))
	before := own(t, open(t, o)) // and the server knows the script
	before.working()
	before.end()
	proxy.CutReplies()
	err := client.Publisher().Own(t.Context(), func(context.Context) error { return nil })
	if err == nil || errors.Is(err, den.ErrPermanent) {
		t.Errorf("Own returned %v; want an error that passes", err)
	}
	want(t, "lease", server.number("EXISTS", leaseKey), 1)
	wantRefused(t, client)
	server.do("PEXPIRE", leaseKey, "20000")
	again := own(t, client)
	again.working()
	if left := server.number("PTTL", leaseKey); left < 30000 {
		t.Errorf("the lease lasts for %d ms; want a new one", left)
	}
	again.publish(1)
	want(t, "Epoch", again.Stats().Epoch, 2)
	again.end()
	want(t, "lease", server.number("EXISTS", leaseKey), 0)
}

// A second Own of the same client waits for the first, and not for ever.
func TestOwnTwice(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		client := open(t, o)
		first := own(t, client)
		first.working()
		second := own(t, client)
		second.wantStandby(200 * time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if err := client.Publisher().Own(ctx, func(context.Context) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Own returned %v; want that its time is over", err)
		}
		first.end()
		second.working()
		second.publish(1)
	})
}

// What keeps Own from finding out whether there is an owner is its error.
func TestOwnFails(t *testing.T) {
	server := redistest.Start(t)
	o := options(server.Addr)
	probe, client := openProbe(t, o), open(t, o)
	attempt := func(permanent bool) {
		t.Helper()
		err := client.Publisher().Own(t.Context(), func(context.Context) error {
			t.Error("work was called")
			return nil
		})
		if err == nil || errors.Is(err, den.ErrPermanent) != permanent || errors.Is(err, den.ErrFenced) {
			t.Errorf("Own returned %v; want an error, permanent: %t", err, permanent)
		}
	}
	for _, key := range []string{leaseKey, ownerKey} {
		probe.do("RPUSH", key, "a list")
		attempt(true)
		probe.do("DEL", key)
	}
	server.Kill()
	attempt(false)
	server.Restart(t)
	own(t, client).working()
	closed := open(t, o)
	closed.Close()
	client = closed
	attempt(true)
}

// A record that no client has written is no reason to give up.
func TestOwnerUnreadable(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server := openProbe(t, o)
		for i, record := range []string{"", "nonsense", "x:y:z", "99999999999999999999999:t:n", "7"} {
			server.do("SET", ownerKey, record)
			o := own(t, open(t, o))
			o.working()
			o.publish(uint16(i))
			o.end()
		}
		want(t, "DENMs", numbers(server.published("denms")), "0 1 2 3 4")
	})
}
