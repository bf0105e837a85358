package redisio_test

import (
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio/redistest"
)

// Scripts that the server forgets are told to it again, unnoticed.
func TestScriptsForgotten(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	o := options(server.Addr)
	probe, x := openProbe(t, o), newTraffic()
	probe.send("collisions", x.messages...)
	s := run(t, open(t, o), func(c *den.Config) { c.BatchSize = 32 })
	flushed := 0
	eventually(t, "there are DENMs for all arrays", func() bool {
		operator("SCRIPT FLUSH")(t, server)
		flushed++
		return probe.number("XLEN", "denms") >= denmsOfTraffic
	})
	settled(t, probe)
	_ = s.stop()
	x.wantAnswered(t, probe)
	want(t, "failures", s.Stats().PublishErrors+s.Stats().ReceiveErrors, 0)
	t.Logf("forgotten %d times", flushed)
}

// A network that stalls for longer than Timeout, loses replies and is slow.
func TestBadNetwork(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := redistest.StartProxy(t, server.Addr)
	o := options(proxy.Addr)
	o.Timeout = 300 * time.Millisecond
	probe, x := openProbe(t, options(server.Addr)), newTraffic()
	probe.send("collisions", x.messages...)
	client := open(t, o)
	s := run(t, client, func(c *den.Config) { c.BatchSize, c.RetryInterval = 32, 5*time.Millisecond })
	for i := 1; i <= 4; i++ {
		awaitDENMs(t, probe, i*denmsOfTraffic/10)
		proxy.CutReplies()
	}
	awaitDENMs(t, probe, denmsOfTraffic/2)
	proxy.Stall()
	failures := func() uint64 { return client.Stats().CommitErrors + client.Stats().ReadErrors }
	before := failures()
	eventually(t, "a call has failed", func() bool { return failures() > before })
	proxy.Resume()
	proxy.Delay(2 * time.Millisecond)
	settled(t, probe)
	_ = s.stop()
	x.wantAnswered(t, probe)
	t.Logf("%+v", client.Stats())
}
