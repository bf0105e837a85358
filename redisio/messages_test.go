package redisio_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio"
)

const ourStation = 3000001

// arrays returns n collision arrays with the reference stations first, first+1
// and so on.
func arrays(first den.StationID, n int) [][]byte {
	var messages [][]byte
	for i := range den.StationID(n) {
		messages = append(messages, dentest.Event(dentest.Collisions(dentest.Now(), first+i, 1000), nil))
	}
	return messages
}

// warnings returns n DENMs with the sequence numbers first, first+1 and so on.
func warnings(first uint16, n int) []*den.DENM {
	c := dentest.Collisions(dentest.Now(), 1, 2)
	template := den.DefaultTemplate()
	p := den.Prediction{
		StationID: ourStation, Template: &template, DetectionTime: c.DetectionTime,
		Reference: &c.Stations[0], Target: &c.Stations[1],
	}
	var denms []*den.DENM
	for i := range uint16(n) {
		id := den.ActionID{OriginatingStationID: ourStation, SequenceNumber: first + i}
		denms = append(denms, p.DENM(id, c.DetectionTime))
	}
	return denms
}

// alone makes outputs of DENMs that no input caused.
func alone(denms ...*den.DENM) []den.Output {
	var outputs []den.Output
	for _, d := range denms {
		outputs = append(outputs, den.Output{DENM: d})
	}
	return outputs
}

// answers makes a DENM for every input of the batch, with the sequence numbers
// first, first+1 and so on.
func answers(b den.Batch, first uint16) []den.Output {
	outputs := alone(warnings(first, len(b.Inputs()))...)
	for i := range outputs {
		outputs[i].Input = i
	}
	return outputs
}

// numbers returns the sequence numbers of DENMs, such as "1 2 3".
func numbers(denms []*den.DENM) string {
	var texts []string
	for _, d := range denms {
		texts = append(texts, fmt.Sprint(d.Management.ActionID.SequenceNumber))
	}
	return strings.Join(texts, " ")
}

// upTo returns the numbers from first to last, such as "1 2 3".
func upTo(first, last int) string {
	var texts []string
	for i := first; i <= last; i++ {
		texts = append(texts, fmt.Sprint(i))
	}
	return strings.Join(texts, " ")
}

// references returns what the inputs are: the reference stations of collision
// arrays, "!" for one that is none.
func references(batches ...den.Batch) string {
	var texts []string
	for _, b := range batches {
		for _, in := range b.Inputs() {
			if c := in.Event.Collisions; c != nil {
				texts = append(texts, fmt.Sprint(c.Stations[0].StationID))
			} else {
				texts = append(texts, "!")
			}
		}
	}
	return strings.Join(texts, " ")
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v; want %v", what, got, want)
	}
}

// must ends the test if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// receive returns the next n inputs, in as many batches as they come in.
func receive(t testing.TB, sub *redisio.Subscriber, n int) []den.Batch {
	t.Helper()
	var batches []den.Batch
	eventually(t, fmt.Sprintf("%d inputs are received", n), func() bool {
		b, err := sub.Receive(t.Context(), n, time.Second)
		must(t, err)
		if b != nil {
			batches = append(batches, b)
			n -= len(b.Inputs())
		}
		return n <= 0
	})
	return batches
}

// receiveBatch returns the next batch.
func receiveBatch(t testing.TB, sub *redisio.Subscriber, most int) den.Batch {
	t.Helper()
	var b den.Batch
	eventually(t, "something is received", func() bool {
		var err error
		b, err = sub.Receive(t.Context(), most, time.Second)
		must(t, err)
		return b != nil
	})
	return b
}

// receiveNothing fails if there is anything to receive.
func receiveNothing(t testing.TB, sub *redisio.Subscriber) {
	t.Helper()
	for range 3 { // some reads only look at what is pending
		b, err := sub.Receive(t.Context(), 100, time.Second)
		must(t, err)
		if b != nil {
			t.Fatalf("received %s; want nothing", references(b))
		}
	}
}

func ackAll(t testing.TB, batches ...den.Batch) {
	t.Helper()
	for _, b := range batches {
		must(t, b.Ack(t.Context()))
	}
}
