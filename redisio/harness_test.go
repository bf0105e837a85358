package redisio_test

import (
	"bytes"
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

func isScript(b []byte) bool   { return bytes.Contains(b, []byte("EVAL")) }
func isNoScript(b []byte) bool { return bytes.HasPrefix(b, []byte("-NOSCRIPT")) }

// servers are what the adapter is tested on.
var servers = []struct {
	name  string
	start func(t testing.TB) redisio.Options
}{
	{"miniredis", startMiniredis},
	{"redis", startRedis},
}

func startMiniredis(t testing.TB) redisio.Options {
	server := miniredis.RunT(t)
	return options(server.Addr(), true)
}

func startRedis(t testing.TB) redisio.Options {
	return options(redistest.Start(t).Addr, false)
}

// options are those of a producer with one stream for collisions, one for
// negations and one output.
func options(address string, resp2 bool) redisio.Options {
	return redisio.Options{
		Address: address,
		RESP2:   resp2,
		Name:    "producer_1",
		Inputs: []redisio.InputStream{
			{Stream: "collisions", Group: "producer"},
			{Stream: "negations", Group: "producer"},
		},
		Outputs:    []redisio.OutputStream{{Stream: "denms", Group: "client"}},
		DeadLetter: redisio.DeadLetter{Stream: "dead"},
		Block:      50 * time.Millisecond,
		Event:      den.Event{Source: "step_producer"},
	}
}

func open(t testing.TB, o redisio.Options) *redisio.Client {
	t.Helper()
	client, err := redisio.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// raw is a plain connection to look at what the adapter did.
type raw struct {
	t testing.TB
	rueidis.Client
}

func openRaw(t testing.TB, o redisio.Options) raw {
	t.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{o.Address}, AlwaysRESP2: o.RESP2, DisableCache: true, ForceSingleClient: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return raw{t, client}
}

func (r raw) do(words ...string) rueidis.RedisMessage {
	r.t.Helper()
	answer, err := r.Do(context.Background(), r.B().Arbitrary(words...).Build()).ToMessage()
	if err != nil && !rueidis.IsRedisNil(err) {
		r.t.Fatalf("%q: %v", words, err)
	}
	return answer
}

// send adds messages to a stream.
func (r raw) send(stream string, messages ...[]byte) {
	r.t.Helper()
	for _, m := range messages {
		r.do("XADD", stream, "*", "message", string(m))
	}
}

// entries returns what is in a stream.
func (r raw) entries(stream string) []rueidis.XRangeEntry {
	r.t.Helper()
	answer := r.do("XRANGE", stream, "-", "+")
	entries, err := answer.AsXRange()
	if err != nil {
		r.t.Fatal(err)
	}
	return entries
}

// published returns the DENMs in an output stream.
func (r raw) published(stream string) []*den.DENM {
	r.t.Helper()
	var denms []*den.DENM
	for _, e := range r.entries(stream) {
		event, err := den.ParseEvent([]byte(e.FieldValues["message"]))
		if err != nil {
			r.t.Fatalf("output %s: %v", e.ID, err)
		}
		denms = append(denms, event.DENM)
	}
	return denms
}

// pending returns the number of entries that are delivered and not acknowledged.
func (r raw) pending(stream, group string) int {
	r.t.Helper()
	answer := r.do("XPENDING", stream, group)
	values, err := answer.ToArray()
	if err != nil {
		r.t.Fatal(err)
	}
	if n, err := values[0].AsInt64(); err == nil {
		return int(n)
	}
	text, _ := values[0].ToString()
	n, err := strconv.Atoi(text)
	if err != nil {
		r.t.Fatal(err)
	}
	return n
}
