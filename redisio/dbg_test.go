package redisio_test

import (
	"testing"
	"time"
	"go.uber.org/goleak"
	"github.com/step-its/producer/redisio"
)

func TestDbg(t *testing.T) {
	o := startRedis(t)
	p := openProbe(t, o)
	before := goleak.IgnoreCurrent()
	o.Block = time.Second
	client, err := redisio.Open(o)
	must(t, err)
	must(t, client.Setup(t.Context()))
	ended := make(chan time.Time, 1)
	go func() {
		_, err := client.Subscriber().Receive(t.Context(), 1)
		t.Log(err)
		_, err = client.Subscriber().Receive(t.Context(), 1)
		t.Log(err)
		ended <- time.Now()
	}()
	p.awaitBlocked()
	s := time.Now()
	client.Close()
	t.Log("close", time.Since(s))
	t.Log("goleak", goleak.Find(before)!=nil, time.Since(s))
	t.Log("ended", (<-ended).Sub(s))
}
