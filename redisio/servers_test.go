package redisio_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.uber.org/goleak"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// Whatever the tests open is closed when they end, and nothing of it goes on.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, sleeping...) }

// sleeping is what rueidis does in a cluster for some seconds after its end: it
// sleeps before it sees it.
var sleeping = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/redis/rueidis.(*call).DelayDo.func1"),
	goleak.IgnoreAnyFunction("github.com/redis/rueidis.(*clusterClient)._refresh.func2"),
}

// servers are what the package is tested on.
var servers = []struct {
	name  string
	start func(t testing.TB) redisio.Options
}{
	{"miniredis", startMiniredis},
	{"redis", startRedis},
}

// onEachServer runs a test on each kind of server, which is empty.
func onEachServer(t *testing.T, test func(t *testing.T, o redisio.Options)) {
	for _, server := range servers {
		t.Run(server.name, func(t *testing.T) { test(t, server.start(t)) })
	}
}

func startMiniredis(t testing.TB) redisio.Options {
	o := options(miniredis.RunT(t).Addr())
	o.RESP2 = true
	return o
}

func startRedis(t testing.TB) redisio.Options {
	return options(redistest.Start(t).Addr)
}

// options are those of a producer with one stream for collisions, one for
// negations and one output.
func options(address string) redisio.Options {
	return redisio.Options{
		Address: address,
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

// eventually waits until the condition holds.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	const patience = 2 * time.Minute
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v it is not so yet that %s", patience, what)
		}
	}
}
