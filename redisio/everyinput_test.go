package redisio_test

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/step-its/producer/den"
)

// Whatever happens to a reader and its stream, every input that was sent is settled
// once, or it is reported as lost, and then once and by its right number.
func TestEveryInputIsAccountedFor(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			a := startAccount(t, rand.New(rand.NewPCG(seed, 0)))
			for range 150 {
				a.step()
			}
			a.close()
			if t.Failed() {
				t.Logf("%s", a.log)
			}
		})
	}
}

// account is a reader to which things happen, and what became of its inputs.
type account struct {
	*reader
	random  *rand.Rand
	faults  *faults
	inHand  []den.Batch
	settled map[string]bool // inputs that were acknowledged as messages
	gone    map[string]bool // inputs that were trimmed while they were pending
	lost    int             // that readers of the past have told
}

func startAccount(t *testing.T, random *rand.Rand) *account {
	o, faults := startRedis(t), new(faults)
	faults.attach(&o)
	o.MaxDeliveries = 1000
	return &account{
		reader: startReader(t, o), random: random, faults: faults,
		settled: make(map[string]bool), gone: make(map[string]bool),
	}
}

// step does one thing or another.
func (a *account) step() {
	switch a.random.IntN(12) {
	case 0, 1:
		a.send(1 + a.random.IntN(20))
	case 2:
		a.send(1+a.random.IntN(20), "MAXLEN", strconv.Itoa(1+a.random.IntN(30)))
	case 3:
		a.server.do("XTRIM", "collisions", "MAXLEN", strconv.Itoa(a.random.IntN(30)))
	case 4, 5, 6:
		a.receive(1 + a.random.IntN(20))
	case 7, 8:
		a.ack()
	case 9:
		if len(a.inHand) > 0 {
			a.take().Release()
		}
	case 10:
		a.disturb()
	case 11:
		a.pause()
	}
}

func (a *account) disturb() {
	switch a.random.IntN(5) {
	case 4:
		if a.server.pending("collisions") == 0 { // else some might come twice
			a.server.do("XGROUP", "DESTROY", "collisions", "producer")
		}
	case 0:
		a.faults.onReads(fate{loseReply: true})
	case 1:
		a.faults.onReads(fate{loseCall: true})
	case 2:
		a.faults.cut()
	case 3:
		a.lost += int(a.client.Stats().Lost)
		a.inHand = nil
		a.client.Close()
		a.restart()
	}
}

// receive receives something, or fails to.
func (a *account) receive(most int) {
	b, err := a.sub.Receive(a.t.Context(), most, time.Second)
	if errors.Is(err, den.ErrPermanent) {
		a.t.Fatal(err)
	}
	if b != nil {
		a.inHand = append(a.inHand, b)
	}
}

// take takes a batch out of the hand.
func (a *account) take() den.Batch {
	i := a.random.IntN(len(a.inHand))
	b := a.inHand[i]
	a.inHand = append(a.inHand[:i:i], a.inHand[i+1:]...)
	return b
}

// ack acknowledges a batch.
func (a *account) ack() {
	if len(a.inHand) == 0 {
		return
	}
	b := a.take()
	for b.Ack(a.t.Context()) != nil {
		continue // the connection was cut
	}
	for _, in := range b.Inputs() {
		if a.settled[in.ID] || a.gone[in.ID] {
			a.t.Errorf("%s was settled twice", in.ID)
		}
		if errors.Is(in.Err, den.ErrInputLost) {
			a.gone[in.ID] = true
		} else {
			a.settled[in.ID] = true
		}
	}
}

// close settles everything and compares.
func (a *account) close() {
	for empty := 0; empty < 5; {
		before := len(a.inHand)
		a.pause()
		a.receive(100)
		if len(a.inHand) == before {
			empty++
		}
		a.ack()
	}
	for len(a.inHand) > 0 {
		a.ack()
	}
	a.lost += int(a.client.Stats().Lost)
	want(a.t, "pending", a.server.pending("collisions"), 0)
	want(a.t, "inputs that are accounted for", len(a.settled)+len(a.gone)+a.lost, a.sent)
	a.t.Logf("of %d inputs, %d were settled, %d trimmed while they were pending, %d before they were read",
		a.sent, len(a.settled), len(a.gone), a.lost)
}
