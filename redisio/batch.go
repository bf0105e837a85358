package redisio

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/step-its/producer/den"
)

// batch is a den.Batch of entries that were read together.
type batch struct {
	subscriber *Subscriber
	inputs     []den.Input
	entries    []entryRef // those of the inputs, at the same indexes
	// rejected holds the original fields of the inputs with an Err.
	rejected map[int][]string
	settled  atomic.Bool
}

// entryRef names an entry: the index of its stream in Options.Inputs and its id.
type entryRef struct {
	input int
	id    string
}

// add decodes an entry. What cannot be decoded becomes an input all the same: it
// has to be counted, kept and acknowledged.
func (b *batch) add(input int, stream string, e entry, again bool) {
	in := den.Input{ID: stream + "/" + e.id, Time: e.time(), Attempt: 1}
	if again {
		in.Attempt = 2
	}
	switch {
	case e.fields == nil:
		in.Err = fmt.Errorf("redisio: the entry was trimmed while it was pending: %w", den.ErrInputLost)
	default:
		message, err := e.message()
		if err == nil {
			in.Event, err = den.ParseEvent(message)
		}
		if in.Err = err; err != nil {
			if b.rejected == nil {
				b.rejected = make(map[int][]string)
			}
			b.rejected[len(b.inputs)] = e.strings()
		}
	}
	b.inputs = append(b.inputs, in)
	b.entries = append(b.entries, entryRef{input, e.id})
}

// Inputs implements den.Batch.
func (b *batch) Inputs() []den.Input { return b.inputs }

// Reject implements den.Batch.
func (b *batch) Reject(index int, reason error) { b.inputs[index].Err = reason }

// Ack implements den.Batch: it commits the batch without outputs.
func (b *batch) Ack(ctx context.Context) error {
	return b.subscriber.client.Publisher().Commit(ctx, b, nil)
}

// Release implements den.Batch.
func (b *batch) Release() {
	if b.settled.CompareAndSwap(false, true) {
		b.subscriber.settled(b, true)
	}
}

// done marks the batch as committed. Where some of its entries were not pending
// any more, somebody else has settled them, or their group was lost and they may
// have been delivered again meanwhile; the subscriber then looks for them.
func (b *batch) done(lookAgain bool) {
	if b.settled.CompareAndSwap(false, true) {
		b.subscriber.settled(b, lookAgain)
	}
}
