package redisio_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio/redistest"
)

// When the node of the streams is lost, its replica takes over.
func TestClusterFailover(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartCluster(t)
	master := nodeOfStreams(nodes)
	replica := joinAsReplica(t, nodes, master)
	o := clusterOptions(nodes)
	server, x := openProbe(t, o), newTraffic()
	server.send("collisions", x.messages...)
	s := run(t, open(t, o), func(c *den.Config) { c.BatchSize = 32 })
	awaitDENMs(t, server, denmsOfTraffic/3)
	master.Kill()
	failed := time.Now()
	awaitInfo(t, replica, "role:master")
	promoted := time.Since(failed)
	settledAfterFailover(t, x, server, s)
	t.Logf("new master after %v, all answered after %v", promoted, time.Since(failed))
}

// joinAsReplica starts a replica of a node and makes it part of the cluster. All nodes
// know it then: who does not know a replica does not vote for it.
func joinAsReplica(t *testing.T, nodes []*redistest.Server, of *redistest.Server) *redistest.Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, busPort, err := net.SplitHostPort(listener.Addr().String())
	must(t, err)
	must(t, listener.Close())
	replica := redistest.Start(t, "--cluster-enabled", "yes", "--cluster-port", busPort, "--cluster-node-timeout", "1000")
	id, err := of.Command("CLUSTER MYID")
	must(t, err)
	known, err := of.Command("CLUSTER NODES") // each line: id host:port@port …
	must(t, err)
	_, after, _ := strings.Cut(known, id+" "+of.Addr+"@")
	ofBusPort, _, _ := strings.Cut(after, " ")
	operator("CLUSTER MEET "+strings.Replace(of.Addr, ":", " ", 1)+" "+ofBusPort)(t, replica)
	eventually(t, "the replica knows its master", func() bool {
		_, err := replica.Command("CLUSTER REPLICATE " + id)
		return err == nil
	})
	awaitInfo(t, replica, "master_link_status:up")
	for _, node := range nodes {
		eventually(t, "every node knows the replica", func() bool {
			known, err := node.Command("CLUSTER NODES")
			return err == nil && strings.Contains(known, " "+replica.Addr+"@") && strings.Contains(known, " slave "+id+" ")
		})
	}
	return replica
}

// The slot of the streams is moved to another node under traffic.
func TestClusterResharding(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartCluster(t)
	o := clusterOptions(nodes)
	server, x := openProbe(t, o), newTraffic()
	half := len(x.messages) / 2
	server.send("collisions", x.messages[:half]...)
	s := run(t, open(t, o), func(c *den.Config) { c.BatchSize = 32 })
	awaitDENMs(t, server, denmsOfTraffic/10)
	moveSlot(t, nodeOfStreams(nodes), nodes[1], func() {})
	server.send("collisions", x.messages[half:]...)
	settled(t, server)
	_ = s.stop()
	x.wantAnswered(t, server)
	t.Logf("%+v", s.Stats())
}

// A read is told that its stream is moved, and goes after it.
func TestReadWhileTheSlotMoves(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartCluster(t)
	o := clusterOptions(nodes)
	server, sub := openProbe(t, o), open(t, o).Subscriber()
	sub.LookEvery(time.Hour) // for that takes a script
	receiveNothing(t, sub)
	server.send("collisions", arrays(1, 2)...)
	var b den.Batch
	moveSlot(t, nodeOfStreams(nodes), nodes[1], func() { b = receiveBatch(t, sub, 2) })
	want(t, "inputs", references(b), "1 2")
	ackAll(t, b)
	want(t, "inputs that come again", references(receiveAll(t, sub)...), "")
	want(t, "pending", server.pending("collisions"), 0)
}

// moveSlot moves the slot of the streams from one node to another. Meanwhile is called when
// its keys are there already, and the cluster does not know it yet.
func moveSlot(t *testing.T, from, to *redistest.Server, meanwhile func()) {
	t.Helper()
	id := func(node *redistest.Server) string {
		id, err := node.Command("CLUSTER MYID")
		must(t, err)
		return id
	}
	const slot = "CLUSTER SETSLOT 1043 "
	operator(slot+"IMPORTING "+id(from))(t, to)
	operator(slot+"MIGRATING "+id(to))(t, from)
	keys := []string{
		"collisions", "negations", "denms", "dead", "denms:commits",
		"collisions:producer:lease", "collisions:producer:owner",
		"collisions:producer:ledger", "negations:producer:ledger",
	}
	eventually(t, "all keys are moved", func() bool {
		for _, key := range keys {
			operator("MIGRATE "+strings.Replace(to.Addr, ":", " ", 1)+" "+clusterTag+key+" 0 5000")(t, from)
		}
		left, err := from.Command("CLUSTER COUNTKEYSINSLOT 1043")
		must(t, err)
		return left == "0"
	})
	meanwhile()
	for _, node := range []*redistest.Server{to, from} {
		operator(slot+"NODE "+id(to))(t, node)
	}
}

// When a part of the cluster is missing, all of it refuses to work, until it is
// back.
func TestClusterIncomplete(t *testing.T) {
	t.Parallel()
	nodes := redistest.StartCluster(t)
	client := open(t, clusterOptions(nodes))
	must(t, client.Setup(t.Context()))
	nodes[1].Kill()
	var err error
	eventually(t, "the cluster refuses", func() bool {
		err = client.Publisher().Publish(t.Context(), warnings(1, 1))
		return err != nil
	})
	wantTransient(t, err, "a part of the cluster is missing: CLUSTERDOWN")
	nodes[1].Restart(t)
	eventually(t, "the cluster works", func() bool {
		return client.Publisher().Publish(t.Context(), warnings(1, 1)) == nil
	})
}
