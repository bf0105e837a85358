package redisio_test

import (
	"context"
	"crypto/tls"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// needsHashTags is what is told about the streams of these tests in a cluster.
const needsHashTags = `redisio: Options.Inputs[0].Stream "collisions" needs a hash tag in a cluster, ` +
	`the same as the others, such as "{producer}collisions"
redisio: Options.Inputs[1].Stream "negations" needs a hash tag in a cluster, ` +
	`the same as the others, such as "{producer}negations"
redisio: Options.Outputs[0].Stream "denms" needs a hash tag in a cluster, ` +
	`the same as the others, such as "{producer}denms"
redisio: Options.DeadLetter.Stream "dead" needs a hash tag in a cluster, ` +
	`the same as the others, such as "{producer}dead"`

// Everything that is wrong is told at once, one problem a line.
func TestOptionsRefused(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(o *redisio.Options)
		want string
	}{
		{
			"zero", func(o *redisio.Options) { *o = redisio.Options{} },
			"redisio: Options.Address must be host:port, with a port from 1 to 65535\n" +
				"redisio: Options.Name is missing",
		},
		{
			"address", func(o *redisio.Options) { o.Address = "redis://:secret@host:6379" },
			"redisio: Options.Address must be host:port, with a port from 1 to 65535",
		},
		{
			"address_without_port", func(o *redisio.Options) { o.Address = "host:" },
			"redisio: Options.Address must be host:port, with a port from 1 to 65535",
		},
		{
			"two_ways", func(o *redisio.Options) { o.Cluster = []string{"host:1"} },
			"redisio: Options.Address, Sentinel and Cluster exclude each other\n" + needsHashTags,
		},
		{
			"sentinel_without_addresses", func(o *redisio.Options) {
				o.Address, o.Sentinel = "", redisio.Sentinel{MasterSet: "main"}
			},
			"redisio: Options.Sentinel.Addresses is missing",
		},
		{
			"sentinel_without_set", func(o *redisio.Options) {
				o.Address, o.Sentinel = "", redisio.Sentinel{Addresses: []string{"host:1", "redis://:secret@host"}}
			},
			"redisio: Options.Sentinel.MasterSet is missing\n" +
				"redisio: Options.Sentinel.Addresses[1] must be host:port, with a port from 1 to 65535",
		},
		{
			"cluster", func(o *redisio.Options) {
				o.Address, o.Cluster, o.DB = "", []string{"host:1", "host"}, 3
			},
			"redisio: Options.DB must be 0 in a cluster but is 3\n" +
				"redisio: Options.Cluster[1] must be host:port, with a port from 1 to 65535\n" + needsHashTags,
		},
		{
			"cluster_other_tag", func(o *redisio.Options) {
				o.Address, o.Cluster = "", []string{"host:1"}
				o.Inputs[0].Stream, o.Inputs[1].Stream = "{north}collisions", "negations{north}{south}"
				o.Outputs[0].Stream, o.DeadLetter.Stream = "{south}denms", "dead{}{north}"
			},
			`redisio: Options.Outputs[0].Stream "{south}denms" must have the same hash tag in a cluster as ` +
				`Inputs[0].Stream "{north}collisions"` + "\n" +
				`redisio: Options.DeadLetter.Stream "dead{}{north}" needs a hash tag in a cluster, the same as the others, ` +
				`such as "{producer}dead{}{north}"`,
		},
		{
			"tls", func(o *redisio.Options) {
				o.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
				o.Sentinel.TLS = &tls.Config{MaxVersion: tls.VersionTLS10}
			},
			"redisio: Options.TLS.MaxVersion must be TLS 1.2 at least but is TLS 1.1\n" +
				"redisio: Options.Sentinel.TLS.MaxVersion must be TLS 1.2 at least but is TLS 1.0",
		},
		{"db", func(o *redisio.Options) { o.DB = -1 }, "redisio: Options.DB must be at least 0 but is -1"},
		{
			"block_short", func(o *redisio.Options) { o.Block = time.Microsecond },
			"redisio: Options.Block must be 1ms..1s but is 1µs",
		},
		{
			"block_long", func(o *redisio.Options) { o.Block = 1001 * time.Millisecond },
			"redisio: Options.Block must be 1ms..1s but is 1.001s",
		},
		{
			"negative", func(o *redisio.Options) { o.Timeout = -1 },
			"redisio: Options.ConnectTimeout, Timeout and MaxConnections must not be negative",
		},
		{"source", func(o *redisio.Options) { o.Event = den.Event{} }, "redisio: Options.Event.Source is missing"},
		{
			"input", func(o *redisio.Options) { o.Inputs[1] = redisio.InputStream{StartID: "now"} },
			"redisio: Options.Inputs[1].Stream is missing\n" +
				"redisio: Options.Inputs[1].Group is missing\n" +
				`redisio: Options.Inputs[1].StartID must be 0, $ or an entry id but is "now"`,
		},
		{
			"output", func(o *redisio.Options) { o.Outputs[0] = redisio.OutputStream{MaxLength: -1} },
			"redisio: Options.Outputs[0].Stream is missing\n" +
				"redisio: Options.Outputs[0].MaxLength and MaxAge must not be negative",
		},
		{
			"dead_letter", func(o *redisio.Options) { o.DeadLetter.MaxLength = -1 },
			"redisio: Options.DeadLetter.MaxLength must not be negative",
		},
		{
			"twice", func(o *redisio.Options) {
				o.Outputs[0].Stream = "negations"
				o.DeadLetter.Stream = "collisions"
			},
			`redisio: Options.Outputs[0].Stream "negations" is the stream of Inputs[1] already` + "\n" +
				`redisio: Options.DeadLetter.Stream "collisions" is the stream of Inputs[0] already`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := options("127.0.0.1:1")
			test.edit(&o)
			client, err := redisio.Open(o)
			if err == nil {
				client.Close()
				t.Fatal("Open took it")
			}
			want(t, "error", err.Error(), test.want)
		})
	}
}

// Open copies the options, and does not change those of the caller.
func TestOptionsAreCopied(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		client := open(t, o)
		want(t, "StartID", o.Inputs[0].StartID, "")
		want(t, "Field", o.Outputs[0].Field, "")
		o.Inputs[0].Stream, o.Outputs[0].Stream = "other", "other"
		must(t, client.Setup(t.Context()))
		want(t, "EXISTS other", openProbe(t, o).number("EXISTS", "other"), 0)
	})
}

// A name may hold what the name of a connection may not.
func TestNameOfAnyCharacters(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		o.Name = "Producer №1\nTurin"
		server, client := openProbe(t, o), open(t, o)
		server.send("collisions", arrays(1, 1)...)
		ackAll(t, receive(t, client.Subscriber(), 1)...)
	})
}

func TestDatabase(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		other := openProbe(t, o)
		o.DB = 3
		server, client := openProbe(t, o), open(t, o)
		server.send("collisions", arrays(1, 2)...)
		s := run(t, client)
		awaitDENMs(t, server, 2)
		_ = s.stop()
		want(t, "keys of database 0", other.number("DBSIZE"), 0)
		want(t, "pending", server.pending("collisions"), 0)
	})
}

// A client without outputs reads, and one without inputs writes.
func TestOneWay(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		reading, writing := o, o
		reading.Outputs, reading.Event = nil, den.Event{}
		writing.Inputs = nil
		server, reader, writer := openProbe(t, o), open(t, reading), open(t, writing)
		server.send("collisions", arrays(1, 2)...)
		ackAll(t, receive(t, reader.Subscriber(), 2)...)
		want(t, "pending", server.pending("collisions"), 0)
		must(t, writer.Publisher().Publish(t.Context(), warnings(1, 2)))
		want(t, "DENMs", numbers(server.published("denms")), "1 2")
	})
}

// Close ends everything, also a read in progress, and may be called when there
// never was a server.
func TestClose(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server := openProbe(t, o)
		before := goleak.IgnoreCurrent()
		client, err := redisio.Open(o)
		must(t, err)
		sub := client.Subscriber()
		receiveNothing(t, sub) // from now on it waits
		ended := make(chan error, 1)
		go func() {
			for {
				if _, err := sub.Receive(context.Background(), 1, time.Second); err != nil {
					ended <- err
					return
				}
			}
		}()
		server.awaitBlocked()
		client.Close()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Error("Receive goes on after Close")
		}
		if err := client.Publisher().Publish(t.Context(), warnings(1, 1)); err == nil {
			t.Error("a closed client publishes")
		}
		goleak.VerifyNone(t, before)
	})
	t.Run("nobody", func(t *testing.T) {
		before := goleak.IgnoreCurrent()
		client, err := redisio.Open(options("127.0.0.1:1"))
		must(t, err)
		client.Close()
		goleak.VerifyNone(t, before)
	})
}
