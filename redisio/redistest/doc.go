// Package redistest runs real redis-servers for the time of a test, and disturbs
// the connections to them.
//
// A server listens on a free port of 127.0.0.1, keeps its data in a temporary
// directory, and is gone when the test ends. It writes an append-only file, so
// it can be killed and started again with its data. It can also be paused, to be
// like a server whose machine hangs. A [Proxy] in front of it is a network that
// cuts, stalls and delays.
//
//	func TestSomething(t *testing.T) {
//		server := redistest.Start(t)
//		proxy := redistest.StartProxy(t, server.Addr)
//		client := connect(proxy.Addr)
//		…
//		proxy.CutReplies()
//		…
//		server.Kill()
//		…
//		server.Restart(t)
//	}
//
// StartTLS, StartReplica, StartSentinel and StartCluster start the servers of less
// simple set-ups.
//
// A test is skipped where no redis-server is installed. Set the environment
// variable REDISTEST_REQUIRE to have it fail instead, as a build that must not
// miss these tests does.
//
// The package is no client: it does not look into the data. Servers need a Unix
// system, as redis-server does, and version 7 for a cluster.
package redistest
