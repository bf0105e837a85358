//go:build unix

package redistest

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// StartReplica runs a replica of a server, and waits until it has the data of the
// server.
func StartReplica(t testing.TB, of *Server, options ...string) *Server {
	t.Helper()
	replica := Start(t, append([]string{"--replicaof", "127.0.0.1 " + of.port()}, options...)...)
	replica.await(t, "INFO replication", "master_link_status:up")
	return replica
}

// StartSentinel runs a sentinel that watches a server under this name, alone: when
// the server does not answer for 500 ms, it makes a replica the master. It waits
// until the sentinel knows the given number of replicas.
func StartSentinel(t testing.TB, name string, master *Server, replicas int) *Server {
	t.Helper()
	s := newServer(t)
	s.ready = "+monitor master"
	file := filepath.Join(s.Dir, "sentinel.conf")
	s.arguments = func(port string) []string {
		return []string{file, "--sentinel", "--port", port, "--bind", "127.0.0.1", "--dir", s.Dir}
	}
	settings := "sentinel monitor " + name + " 127.0.0.1 " + master.port() + " 1\n" +
		"sentinel down-after-milliseconds " + name + " 500\n" +
		"sentinel failover-timeout " + name + " 5000\n"
	// The sentinel keeps there what it knows.
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	s.startSomewhere(t)
	s.await(t, "INFO sentinel", "status=ok", "slaves="+strconv.Itoa(replicas)+",")
	return s
}
