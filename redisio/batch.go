package redisio

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/step-its/producer/den"
)

// batch is a den.Batch of entries that were read together.
type batch struct {
	subscriber *Subscriber
	inputs     []den.Input
	// What follows stands at the same indexes as the inputs.
	entries   []entryRef
	keys      []entryKey
	originals []entry

	most     int // inputs that it may have
	restarts int // of the subscriber, when it was begun
	settled  atomic.Bool
	out      chan struct{} // closed when it is out of hand

	// The subscriber guards what follows. Done are the entries of which the server has said
	// that they are, at the indexes of the inputs; it is nil before the first one. A group
	// that is created again may deliver them once more. Orphans are the entries whose stream
	// was deleted while they were in hand: nobody will ever deliver them again. Doubtful are
	// those that may have been settled by a commit that has failed.
	done              []bool
	orphans, doubtful map[entryKey]bool
	hasOrphans        atomic.Bool // which is all that nearly every commit has to know
}

// entryRef names an entry: the index of its stream in Options.Inputs and its id.
type entryRef struct {
	input int
	id    string
}

// room returns how many inputs the batch may still take.
func (b *batch) room() int { return b.most - len(b.inputs) }

// close lets the batch take no more.
func (b *batch) close() { b.most = len(b.inputs) }

// add takes an entry in, which the server delivered so often, and leaves it to decode. What
// cannot be decoded becomes an input all the same: it has to be counted, kept and
// acknowledged.
func (b *batch) add(key entryKey, e entry, attempt, delivery int) {
	opts := &b.subscriber.client.opts
	in := den.Input{ID: opts.Inputs[key.input].Stream + "/" + e.id, Time: key.id.time(), Attempt: attempt}
	switch {
	case e.fields == nil:
		in.Err = &Error{Meaning: "the entry was trimmed while it was pending", Kind: den.ErrInputLost}
	case delivery > opts.MaxDeliveries:
		// It is not even decoded: who knows what ended the others.
		in.Err = &Error{Meaning: fmt.Sprintf("delivered %d times and never settled", delivery), Kind: ErrMaxDeliveries}
	}
	b.inputs = append(b.inputs, in)
	b.entries = append(b.entries, entryRef{key.input, e.id})
	b.keys = append(b.keys, key)
	b.originals = append(b.originals, e)
}

// grow makes room for so many more entries.
func (b *batch) grow(n int) {
	b.inputs = slices.Grow(b.inputs, n)
	b.entries = slices.Grow(b.entries, n)
	b.keys = slices.Grow(b.keys, n)
	b.originals = slices.Grow(b.originals, n)
}

// decode reads the messages. It takes most of the time of a Receive, so it must not hold the
// subscriber's lock, for which commits wait.
func (b *batch) decode() {
	for i := range b.inputs {
		in := &b.inputs[i]
		if in.Err != nil {
			continue
		}
		var message []byte
		if message, in.Err = b.originals[i].message(); in.Err == nil {
			in.Event, in.Err = den.ParseEvent(message)
		}
	}
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
		b.subscriber.settled(b, true, false)
		close(b.out)
	}
}

// settle marks the batch as committed. Where some of its entries were not pending
// any more, somebody else has settled them, or their group was lost and they may
// have been delivered again meanwhile; the subscriber then looks for them.
func (b *batch) settle(lookAgain bool) {
	if b.settled.CompareAndSwap(false, true) {
		b.subscriber.settled(b, false, lookAgain)
		close(b.out)
	}
}

// entryOf names an entry of the batch in a call: by its index, or where it is an orphan by
// one below zero.
func entryOf(i int, orphan bool) int {
	if orphan {
		return ^i
	}
	return i
}

// note notes which entries of a call are done: all but the others, which are counted from 1
// and in order.
func (b *batch) note(entries []int, others []int64) {
	b.subscriber.mu.Lock()
	defer b.subscriber.mu.Unlock()
	if b.done == nil {
		b.done = make([]bool, len(b.entries))
	}
	for j, i := range entries {
		if len(others) > 0 && others[0] == int64(j+1) {
			others = others[1:]
		} else {
			b.done[max(i, ^i)] = true
		}
	}
}

// whatIsDone returns for each entry whether it is done.
func (b *batch) whatIsDone() []bool {
	b.subscriber.mu.Lock()
	defer b.subscriber.mu.Unlock()
	if b.done == nil {
		return make([]bool, len(b.entries))
	}
	return slices.Clone(b.done)
}

// orphan notes that the stream of an entry is gone. The caller holds the subscriber's
// lock.
func (b *batch) orphan(key entryKey) {
	if b.orphans == nil {
		b.orphans = make(map[entryKey]bool)
	}
	b.orphans[key] = true
	b.hasOrphans.Store(true)
}

// doubt notes that entries of a call may have been settled, or not. Of orphans the server
// knows it when it is asked again.
func (b *batch) doubt(entries []int) {
	b.subscriber.mu.Lock()
	defer b.subscriber.mu.Unlock()
	if b.doubtful == nil {
		b.doubtful = make(map[entryKey]bool)
	}
	for _, i := range entries {
		if i >= 0 {
			b.doubtful[b.keys[i]] = true
		}
	}
}

// isOrphan reports whether an entry is to be committed although it cannot be
// acknowledged any more. Such a commit may be repeated: the server knows it again.
func (b *batch) isOrphan(i int) bool {
	if !b.hasOrphans.Load() {
		return false
	}
	b.subscriber.mu.Lock()
	defer b.subscriber.mu.Unlock()
	return b.orphans[b.keys[i]] && !b.doubtful[b.keys[i]]
}
