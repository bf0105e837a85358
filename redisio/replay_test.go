package redisio_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio"
)

// replayed is what Replay gave.
type replayed struct {
	published, received []*den.DENM
}

func replay(t testing.TB, client *redisio.Client, span time.Duration) replayed {
	t.Helper()
	var r replayed
	must(t, client.Publisher().Replay(t.Context(), span,
		func(d *den.DENM) { r.published = append(r.published, d) },
		func(d *den.DENM) { r.received = append(r.received, d) }))
	return r
}

// sendAt adds messages to a stream as if they had been sent at that time.
func (p probe) sendAt(stream string, at time.Time, messages ...[]byte) {
	p.t.Helper()
	for i, m := range messages {
		p.do("XADD", stream, fmt.Sprintf("%d-%d", at.UnixMilli(), i+1), "message", string(m))
	}
}

// events returns DENMs as they are sent, with the sequence numbers first, first+1
// and so on.
func events(first uint16, n int) [][]byte {
	var messages [][]byte
	for _, d := range warnings(first, n) {
		messages = append(messages, dentest.Event(nil, d))
	}
	return messages
}

// negations returns n negations of other stations.
func negations(first uint16, n int) [][]byte {
	var messages [][]byte
	for _, d := range warnings(first, n) {
		messages = append(messages, dentest.Event(nil, dentest.Negation(d, 1000)))
	}
	return messages
}

// Everything of the span comes back in order, in however many pages, and of what
// is older as much as makes up the last 1000.
func TestReplaySpan(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, client := openProbe(t, o), open(t, o)
		want(t, "replayed of nothing", len(replay(t, client, time.Hour).published), 0)
		now := time.Now()
		server.sendAt("denms", now.Add(-48*time.Hour), events(0, 300)...)
		server.sendAt("denms", now.Add(-2*time.Hour), events(300, 600)...)
		server.sendAt("denms", now.Add(-30*time.Minute), events(900, 500)...)
		want(t, "of one hour", numbers(replay(t, client, time.Hour).published), upTo(400, 1399))
		want(t, "of one minute", numbers(replay(t, client, time.Minute).published), upTo(400, 1399))
		want(t, "of no time", numbers(replay(t, client, 0).published), upTo(400, 1399))
		want(t, "of three hours", numbers(replay(t, client, 3*time.Hour).published), upTo(300, 1399))
		want(t, "pending", server.pending("collisions"), -1) // for there is no group, and Replay makes none
		must(t, client.Publisher().Publish(t.Context(), warnings(1400, 1200)))
		want(t, "of one minute", numbers(replay(t, client, time.Minute).published), upTo(1400, 2599))
		want(t, "of all time", numbers(replay(t, client, 60*365*24*time.Hour).published), upTo(0, 2599))
	})
}

// What others write to the journal is left out, and so is what is older because of
// it: Replay does not know which station is ours. It is logged once.
func TestReplayLeavesOutWhatIsNoDENM(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		log := new(syncBuffer)
		o.Logger = slog.New(slog.NewTextHandler(log, nil))
		o.Outputs[0].Field = "denm"
		server, client := openProbe(t, o), open(t, o)
		must(t, client.Publisher().Publish(t.Context(), warnings(1, 2)))
		server.send("denms", mixed()...)
		server.do("XADD", "denms", "*", "one", "1", "two", "2")
		server.do("XADD", "denms", "*", "origin", "elsewhere", "message", string(events(3, 1)[0]))
		want(t, "replayed", numbers(replay(t, client, time.Minute).published), "1 2 3")
		if line := "no DENM"; strings.Count(log.String(), line) != 1 || !strings.Contains(log.String(), "count=3") {
			t.Errorf("want one line with %q and count=3:\n%s", line, log)
		}
	})
}

// Of the inputs those DENMs come back that were acknowledged: not those that are
// pending, whoever has them, and not those that nobody has read.
func TestReplayReceived(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		o.Inputs = append(o.Inputs, redisio.InputStream{Stream: "nobody", Group: "producer"})
		server, client := openProbe(t, o), open(t, o)
		want(t, "received where there are no groups", len(replay(t, client, time.Hour).received), 0)
		server.do("XGROUP", "CREATE", "collisions", "stranger", "0", "MKSTREAM")
		want(t, "received where our group is missing", len(replay(t, client, time.Hour).received), 0)

		must(t, client.Setup(t.Context()))
		server.sendAt("negations", time.Now().Add(-2*time.Minute), negations(10, 3)...)
		server.send("collisions", arrays(1, 50)...)
		server.send("collisions", negations(20, 2)...)
		server.send("negations", negations(30, 3)...)
		server.send("negations", []byte(`{"managementContainer":{}}`), []byte("{nonsense"))
		server.do("XADD", "negations", "*", "type", den.TypeDENM, "data", string(negationData(40)))
		sub := client.Subscriber()
		ackAll(t, receive(t, sub, 61)...)

		server.send("negations", negations(50, 5)...)
		receive(t, sub, 1) // 50 is pending
		server.do("XREADGROUP", "GROUP", "producer", "other", "COUNT", "1", "STREAMS", "negations", ">")
		receive(t, sub, 1) // 52 too
		ids := server.entries("negations")
		server.do("XACK", "negations", "producer", ids[len(ids)-3].ID) // 52 is not any more
		want(t, "received", numbers(replay(t, client, time.Minute).received), "20 21 30 31 32 40 52")
		want(t, "received", numbers(replay(t, client, time.Hour).received), "20 21 10 11 12 30 31 32 40 52")
	})
}

// Those also come back whose group is lost, which is where the next process begins
// that finds it so.
func TestReplayReceivedWithoutGroup(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, client := openProbe(t, o), open(t, o)
		must(t, client.Setup(t.Context()))
		server.send("negations", negations(1, 6)...)
		sub := client.Subscriber()
		ackAll(t, receiveBatch(t, sub, 3))
		receiveBatch(t, sub, 2) // is pending
		server.do("XGROUP", "DESTROY", "negations", "producer")
		want(t, "received", numbers(replay(t, client, time.Hour).received), "1 2 3")
		next := open(t, o)
		want(t, "received", numbers(replay(t, next, time.Hour).received), "1 2 3")
		want(t, "inputs", len(receiveBatch(t, next.Subscriber(), 10).Inputs()), 3)
	})
}

// negationData is a negation without an envelope.
func negationData(number uint16) []byte {
	return dentest.Negation(warnings(number, 1)[0], 1000).AppendJSON(nil)
}

// Pending entries are taken page by page.
func TestReplayManyPending(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		o.Inputs = o.Inputs[1:]
		server, client := openProbe(t, o), open(t, o)
		server.send("negations", negations(0, 3000)...)
		sub := client.Subscriber()
		for range 10 {
			receive(t, sub, 250)
		}
		ackAll(t, receive(t, sub, 250)...)
		want(t, "received", numbers(replay(t, client, time.Minute).received), upTo(2500, 2749))
	})
}

// A journal that was trimmed into the span is logged, where the server can tell,
// and only then.
func TestReplayTrimmed(t *testing.T) {
	o := startRedis(t)
	log := new(syncBuffer)
	o.Logger = slog.New(slog.NewTextHandler(log, nil))
	for _, test := range []struct {
		name string
		edit func(out *redisio.OutputStream)
		trim []string
		warn bool
	}{
		{"not_trimmed", nil, []string{"PING"}, false},
		{"trimmed_before_the_span", nil, []string{"XTRIM", "denms", "MAXLEN", "7"}, false},
		{"trimmed_into_the_span", nil, []string{"XTRIM", "denms", "MAXLEN", "3"}, true},
		{"emptied", nil, []string{"XTRIM", "denms", "MAXLEN", "0"}, true},
		{
			"by_age",
			func(out *redisio.OutputStream) { out.MaxAge, out.MaxLength = time.Hour, 100 },
			[]string{"XTRIM", "denms", "MAXLEN", "3"},
			false,
		},
		{
			"by_too_low_an_age",
			func(out *redisio.OutputStream) { out.MaxAge = time.Second },
			[]string{"XTRIM", "denms", "MAXLEN", "3"},
			true,
		},
		{
			"by_age_and_length",
			func(out *redisio.OutputStream) { out.MaxAge, out.MaxLength = time.Hour, 3 },
			[]string{"XTRIM", "denms", "MAXLEN", "3"},
			true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, before := openProbe(t, o), len(log.String())
			server.do("FLUSHALL")
			server.sendAt("denms", time.Now().Add(-time.Hour), events(0, 5)...)
			server.send("denms", events(5, 5)...)
			server.do(test.trim...)
			o := o
			o.Outputs = append([]redisio.OutputStream(nil), o.Outputs...)
			if test.edit != nil {
				test.edit(&o.Outputs[0])
			}
			replay(t, open(t, o), time.Minute)
			if lines := log.String()[before:]; strings.Contains(lines, "was trimmed") != test.warn {
				t.Errorf("a warning is wanted: %t; logged:\n%s", test.warn, lines)
			}
		})
	}
}

// A slow line, on which an entry alone takes longer than Timeout, makes it slow
// and nothing else.
func TestReplaySlowLine(t *testing.T) {
	o := startRedis(t)
	o.Timeout = 100 * time.Millisecond
	log := new(syncBuffer)
	o.Logger = slog.New(slog.NewTextHandler(log, nil))
	server := openProbe(t, o)
	small, large := events(1, 40), strings.Repeat("x", 600<<10)
	server.send("denms", small[:20]...)
	server.do("XADD", "denms", "*", "large", large)
	server.send("denms", small[20:]...)
	o.Dial = func(ctx context.Context, address string) (net.Conn, error) {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address)
		return slowConn{conn}, err
	}
	want(t, "replayed", numbers(replay(t, open(t, o), time.Minute).published), upTo(1, 40))
	if !strings.Contains(log.String(), "reading a stream again is slow") {
		t.Errorf("the line was not slow enough:\n%s", log)
	}
}

// slowConn is a connection with about 2 MB/s towards the client.
type slowConn struct{ net.Conn }

func (c slowConn) Read(b []byte) (int, error) {
	time.Sleep(2 * time.Millisecond)
	return c.Conn.Read(b[:min(len(b), 4<<10)])
}

// Replay ends with its context, also while it hands over, and has left nothing
// behind. The errors of the server are its errors.
func TestReplayFails(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, client := openProbe(t, o), open(t, o)
		server.send("denms", events(0, 3000)...)
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		err := client.Publisher().Replay(ctx, time.Hour, func(*den.DENM) {
			if n++; n == 10 {
				cancel()
			}
		}, func(*den.DENM) { t.Error("received was called") })
		if !errors.Is(err, context.Canceled) || n > 2500 {
			t.Errorf("Replay returned %v after %d DENMs; want that its context ended, soon", err, n)
		}
		for _, key := range []string{"negations", "denms"} {
			server.do("DEL", key)
			server.do("SET", key, "a string")
			err := client.Publisher().Replay(t.Context(), time.Hour, func(*den.DENM) {}, func(*den.DENM) {})
			if !errors.Is(err, den.ErrPermanent) {
				t.Errorf("Replay returned %v; want ErrPermanent", err)
			}
		}
	})
}

// A client without outputs has no journal, and one without inputs none of them.
func TestReplayNothing(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		o.Inputs, o.Outputs = nil, nil
		r := replay(t, open(t, o), time.Hour)
		want(t, "replayed", len(r.published)+len(r.received), 0)
	})
}

// A service goes on where another one was killed: with the same action ids, and
// without what was negated.
func TestServiceRecovers(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, crashed := openProbe(t, o), open(t, o)
		server.send("collisions", livePairs(dentest.Now(), 1, 20)...)
		s := run(t, crashed)
		awaitDENMs(t, server, 20)
		server.send("negations", dentest.Event(nil, dentest.Negation(server.published("denms")[3], 1000)))
		eventually(t, "the negation is acknowledged", func() bool {
			return s.Stats().Negated == 1 && server.pending("negations") == 0
		})
		crashed.Close()
		<-s.done
		server.do("DEL", leaseKey) // or else miniredis would keep it for ever

		next := run(t, open(t, o))
		eventually(t, "the records are recovered", func() bool { return next.Stats().Recovered == 19 })
		server.send("collisions", livePairs(dentest.Now(), 1, 20)...)
		awaitDENMs(t, server, 40)
		all := server.published("denms")
		for i := range 20 {
			before, after := all[i].Management.ActionID, all[20+i].Management.ActionID
			if same := before == after; same == (i == 3) {
				t.Errorf("pair %d had the action id %v and now has %v", i, before, after)
			}
		}
	})
}
