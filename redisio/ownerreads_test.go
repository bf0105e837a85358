package redisio_test

import (
	"errors"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// Nothing is read by an owner whose lease has lapsed: it would be taken from the
// next one. What the next one has read and settled is neither delivered again nor
// taken for lost.
func TestOnlyTheOwnerReads(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		o.LeaseTime = 300 * time.Millisecond
		log := logged(&o)
		server := openProbe(t, o)
		first := own(t, open(t, o))
		work := first.working()
		sub := first.Subscriber()
		sub.LookEvery(time.Millisecond)
		server.send("collisions", arrays(1, 2)...)
		ackAll(t, receive(t, sub, 2)...)

		server.do("SET", "collisions:producer:owner", "1000000:token:another")
		server.do("DEL", "collisions:producer:lease")
		eventually(t, "the lease lapses", first.LeaseLapsed)
		server.send("collisions", arrays(3, 3)...)
		for range 3 {
			start := time.Now()
			b, err := sub.Receive(t.Context(), 10, time.Second)
			if err == nil || errors.Is(err, den.ErrPermanent) {
				t.Errorf("an owner whose lease has lapsed received %v and the error %v", b, err)
			}
			if took := time.Since(start); took < o.Block || took > o.Block+500*time.Millisecond {
				t.Errorf("Receive returned after %v; want %v", took, o.Block)
			}
		}
		want(t, "pending", server.pending("collisions"), 0)
		wantFenced(t, work)
		first.end()

		second := own(t, open(t, o))
		second.working()
		ackAll(t, receive(t, second.Subscriber(), 3)...)
		second.end()

		again := own(t, first.Client)
		again.working()
		server.send("collisions", arrays(6, 2)...)
		want(t, "inputs", references(receive(t, sub, 2)...), "6 7")
		for range 5 {
			receiveNothing(t, sub)
		}
		want(t, "errors", len(lines(log, "level=ERROR")), 0)
	})
}
