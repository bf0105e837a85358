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
		"+eval +evalsha +type +xinfo|groups +xinfo|stream +xrange +hmget +hset +del "
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
