package redisio_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// clusterOptions are those of a producer whose streams lie on one node of a
// cluster.
func clusterOptions(nodes []*redistest.Server) redisio.Options {
	o := options("")
	for _, node := range nodes {
		o.Cluster = append(o.Cluster, node.Addr)
	}
	for i := range o.Inputs {
		o.Inputs[i].Stream = clusterTag + o.Inputs[i].Stream
	}
	o.Outputs[0].Stream = clusterTag + o.Outputs[0].Stream
	o.DeadLetter.Stream = clusterTag + o.DeadLetter.Stream
	return o
}

// nodeOfStreams returns the node on which these streams lie: {north} has slot 1043.
func nodeOfStreams(nodes []*redistest.Server) *redistest.Server { return nodes[0] }

// The whole service works in a cluster, and goes on when the node of its streams
// was away. One node is enough to find the others.
func TestCluster(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartCluster(t)
	o := clusterOptions(nodes)
	server := openProbe(t, o)
	o.Cluster = o.Cluster[2:]
	x := newTraffic()
	server.send("collisions", x.messages...)
	s := run(t, open(t, o), func(c *den.Config) { c.BatchSize = 32 })
	awaitDENMs(t, server, denmsOfTraffic/2)
	failed := time.Now()
	nodeOfStreams(nodes).Restart(t)
	settled(t, server)
	t.Logf("all was answered %v after the restart began", time.Since(failed))
	_ = s.stop()
	x.wantAnswered(t, server)
}

// All that a client does with the keys of its own works in a cluster, too: what
// needs two of them, and what no input caused.
func TestClusterKeys(t *testing.T) {
	t.Parallel()
	o := clusterOptions(redistest.StartCluster(t))
	server, client := openProbe(t, o), open(t, o)
	server.send("collisions", mixed()...)
	must(t, client.Publisher().Own(t.Context(), func(ctx context.Context) error {
		must(t, client.Publisher().Publish(ctx, warnings(1, 1)))
		ackAll(t, receive(t, client.Subscriber(), 2)...)
		return nil
	}))
	replayed := 0
	must(t, client.Publisher().Replay(t.Context(), time.Hour, func(*den.DENM) { replayed++ }, func(*den.DENM) {}))
	want(t, "replayed", replayed, 1)
	want(t, "DeadLetters", client.Stats().DeadLetters, 1)
	reading := o
	reading.Outputs, reading.Event, reading.Name = nil, den.Event{}, "reader"
	server.send("collisions", mixed()...)
	ackAll(t, receive(t, open(t, reading).Subscriber(), 2)...)
}

// A client that was told the wrong kind of server says so.
func TestClusterOrNot(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartCluster(t)
	inCluster := options(nodes[2].Addr)
	inCluster.Inputs = []redisio.InputStream{{Stream: clusterTag + "collisions", Group: "producer"}}
	one, two := clusterOptions(nodes), clusterOptions(nodes)
	one.Cluster = []string{redistest.Start(t).Addr}
	two.Cluster = []string{one.Cluster[0], redistest.Start(t).Addr}
	for _, test := range []struct {
		name, want string
		options    redisio.Options
	}{
		{"cluster_not_expected", "the server is part of a cluster, and Options.Cluster is empty", inCluster},
		{"cluster_expected", "the server of Options.Cluster is no part of a cluster", one},
		{"cluster_of_several_expected", "the server is no part of a cluster", two},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := open(t, test.options).Setup(t.Context())
			if !errors.Is(err, den.ErrPermanent) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v; want ErrPermanent and %q", err, test.want)
			}
		})
	}
}

// A cluster that is not there yet is waited for.
func TestClusterIsLate(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartCluster(t)
	o := clusterOptions(nodes)
	server := openProbe(t, o)
	server.send("collisions", arrays(1, 3)...)
	for _, node := range nodes {
		node.Kill()
	}
	client := open(t, o)
	s := run(t, client)
	err := client.Setup(t.Context())
	wantTransient(t, err, "connection refused")
	for _, node := range nodes {
		node.Restart(t)
	}
	awaitDENMs(t, server, 3)
	_ = s.stop()
}
