//go:build unix

package redistest

import (
	"fmt"
	"net"
	"testing"
)

// StartCluster runs a Redis Cluster of three servers without replicas, which have
// a third of the hash slots each, in their order: 0..5460, 5461..10921 and
// 10922..16383. It waits until all of them know each other. When one does not
// answer for a second, the others refuse all commands until it is back.
func StartCluster(t testing.TB, options ...string) []*Server {
	t.Helper()
	nodes := make([]*Server, 3)
	for i := range nodes {
		nodes[i] = startNode(t, options)
	}
	for i, node := range nodes {
		first, last := i*16384/3, (i+1)*16384/3-1
		node.must(t, fmt.Sprintf("CLUSTER ADDSLOTSRANGE %d %d", first, last))
		node.must(t, fmt.Sprintf("CLUSTER SET-CONFIG-EPOCH %d", i+1))
	}
	for _, node := range nodes[1:] {
		node.must(t, fmt.Sprintf("CLUSTER MEET 127.0.0.1 %s %s", nodes[0].port(), nodes[0].busPort))
	}
	for _, node := range nodes {
		node.await(t, "CLUSTER INFO", "cluster_state:ok", "cluster_known_nodes:3", "cluster_slots_assigned:16384")
	}
	return nodes
}

func startNode(t testing.TB, options []string) *Server {
	t.Helper()
	s := newServer(t)
	s.arguments = func(port string) []string {
		return s.with(options, "--port", port, "--cluster-enabled", "yes", "--cluster-port", s.busPort,
			"--cluster-node-timeout", "1000")
	}
	_, s.busPort, _ = net.SplitHostPort(freeAddress(t))
	s.startSomewhere(t)
	return s
}
