package redisio_test

import (
	"errors"
	"testing"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// What the documentation names is all that finding the servers needs, and it is
// needed.
func TestLeastRightsToFindServers(t *testing.T) {
	const rights = "ACL SETUSER den on >" + password + " ~* nocommands +xgroup|create " +
		"+eval +evalsha +type +xinfo|groups +xinfo|stream +xrange +hmget +hset +del +xack "
	wantNeeded := func(t *testing.T, o redisio.Options, servers []*redistest.Server, right string) {
		t.Helper()
		o.Username, o.Password = "den", password
		for _, server := range servers {
			operator(rights+"+"+right)(t, server)
		}
		must(t, open(t, o).Setup(t.Context()))
		for _, server := range servers {
			operator(rights)(t, server)
		}
		if err := open(t, o).Setup(t.Context()); !errors.Is(err, den.ErrPermanent) {
			t.Errorf("without %s, Setup returned %v; want ErrPermanent", right, err)
		}
	}
	t.Run("sentinel", func(t *testing.T) {
		servers := startReplicated(t)
		o := servers.options
		o.Sentinel.Username, o.Sentinel.Password = "finder", password
		operator(
			"ACL SETUSER finder on >"+password+" &* nocommands "+
				"+sentinel|sentinels +sentinel|get-master-addr-by-name +subscribe +unsubscribe +ping",
			"ACL SETUSER default nocommands",
		)(t, servers.sentinel)
		wantNeeded(t, o, []*redistest.Server{servers.master}, "role")
	})
	t.Run("cluster", func(t *testing.T) {
		nodes := redistest.StartCluster(t)
		wantNeeded(t, clusterOptions(nodes), nodes, "cluster|slots")
	})
}

// A commit that lacks any right has written nothing when it notices.
func TestCommitWithoutARight(t *testing.T) {
	o := startRedis(t)
	server := openProbe(t, o)
	o.Username, o.Password = "den", password
	server.do("ACL", "SETUSER", "den", "on", ">"+password, "~*", "&*", "+@all")
	client := open(t, o)
	sub := client.Subscriber()
	server.send("collisions", arrays(1, 2)...)
	server.send("negations", negations(1, 2)...)
	b := receiveBatch(t, sub, 4)
	commit := func() error { return client.Publisher().Commit(t.Context(), b, answers(b, 1)) }
	for _, right := range []string{
		"xack", "xadd", "xpending", "xinfo|groups", "hget", "hset", "hincrby", "type", "get",
	} {
		server.do("ACL", "SETUSER", "den", "-"+right)
		if err := commit(); !errors.Is(err, den.ErrPermanent) {
			t.Errorf("without %s, Commit returned %v; want ErrPermanent", right, err)
		}
		want(t, "DENMs without "+right, server.number("XLEN", "denms"), 0)
		want(t, "pending without "+right, server.pending("collisions")+server.pending("negations"), 4)
		server.do("ACL", "SETUSER", "den", "+"+right)
	}
	must(t, commit())
	want(t, "DENMs", server.number("XLEN", "denms"), 4)
}
