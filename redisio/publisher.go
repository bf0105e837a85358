package redisio

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// Publisher writes DENMs to all output streams. It is a den.Committer: one
// script on the server publishes the outputs of a batch and acknowledges its
// inputs. It is a den.Owner, which keeps other processes in the same role out, and
// a den.Replayer, to which the first output stream is the journal.
//
// All methods may be called concurrently; only calls that follow each other keep
// their order.
type Publisher struct {
	client *Client
}

var (
	_ den.Committer = (*Publisher)(nil)
	_ den.Owner     = (*Publisher)(nil)
	_ den.Replayer  = (*Publisher)(nil)
)

//go:embed commit.lua
var commitSource string

var commitScript = ledgerScript(commitSource)

// Publish implements [den.Publisher]. Repeated after an error, it writes nothing
// a second time; so a DENM can be repeated on purpose with Commit only.
func (p *Publisher) Publish(ctx context.Context, denms []*den.DENM) error {
	outputs := make([]den.Output, len(denms))
	for i, d := range denms {
		outputs[i].DENM = d
	}
	return p.Commit(ctx, nil, outputs)
}

// Commit implements [den.Committer]. The batch must come from the Subscriber of
// the same client, or be nil.
//
// A large batch takes several scripts; each of them settles some of its inputs with all
// their outputs. Up to three are under way at a time, and the server runs each only if the
// one ahead of it has succeeded; over a slow line there are fewer. Many outputs without
// inputs take several scripts, too, one after the other. Inputs with an Err go to the
// dead-letter stream.
//
// Every script first checks who owns the streams. A client that never was the
// owner may commit while there is none.
func (p *Publisher) Commit(ctx context.Context, in den.Batch, outputs []den.Output) error {
	c := p.client
	if err := c.Setup(ctx); err != nil {
		return err
	}
	claim, _ := c.lease.claim()
	generations := c.generations() // before anything is asked about the entries
	if in == nil {
		if err := checkOutputs(outputs, 0); err != nil {
			return err
		}
		return p.commitAlone(ctx, claim, outputs)
	}
	b, ok := in.(*batch)
	if !ok || b.subscriber.client != c {
		return misuse("the batch is not from this client")
	}
	if err := checkOutputs(outputs, len(b.inputs)); err != nil {
		return err
	}
	done := b.whatIsDone()
	calls := newPipeline(ctx, p, b)
	defer calls.giveUp() // of what is under way when something has failed
	var call *scriptCall
	var entries []int // of the call, see callUnderWay
	for i := range b.entries {
		n := 0
		for n < len(outputs) && outputs[n].Input == i {
			n++
		}
		of := outputs[:n]
		outputs = outputs[n:]
		orphan := b.isOrphan(i)
		if !orphan || !done[i] { // else nothing on the server could tell that it is done
			if call == nil {
				call, entries = newScriptCall(c, claim, generations, false), nil
			}
			if done[i] {
				call.addDone(b, i)
			} else {
				call.addEntry(b, i, orphan, of)
			}
			entries = append(entries, entryOf(i, orphan))
		}
		if last := i == len(b.entries)-1; call != nil && (last || call.full()) {
			if err := calls.run(call, entries, last); err != nil {
				call.recycle()
				return err
			}
			call = nil
		}
	}
	if err := calls.wait(); err != nil {
		return err
	}
	b.settle(calls.repeated)
	return nil
}

// checkOutputs refuses what no caller that keeps the contract asks for, before
// anything of it is done. Without inputs it does not matter which input an output names.
func checkOutputs(outputs []den.Output, inputs int) error {
	least := 0
	for i, o := range outputs {
		if o.DENM == nil {
			return misuse(fmt.Sprintf("output %d has no DENM", i))
		}
		if inputs == 0 {
			continue
		}
		if o.Input < least || o.Input >= inputs {
			return misuse(fmt.Sprintf("an output of input %d follows one of input %d in a batch of %d", o.Input, least, inputs))
		}
		least = o.Input
	}
	return nil
}

func (p *Publisher) commitAlone(ctx context.Context, claim string, outputs []den.Output) error {
	var call *scriptCall
	for i := range outputs {
		repetition := outputs[i].Repetition != 0
		if call == nil {
			call = newScriptCall(p.client, claim, p.client.generations(), repetition)
		}
		call.addAlone(outputs[i : i+1])
		last := i == len(outputs)-1 || (outputs[i+1].Repetition != 0) != repetition
		if call.full() || last {
			if _, _, err := p.send(ctx, call).await(); err != nil {
				p.client.counts.failed(err)
				return err
			}
			call = nil
		}
	}
	return nil
}

// sentCall is a call of the script that is under way.
type sentCall struct {
	publisher *Publisher
	call      *scriptCall
	question  question
}

// send has the script run for what the call has gathered.
func (p *Publisher) send(ctx context.Context, call *scriptCall) sentCall {
	keys, args := call.build()
	return sentCall{p, call, p.client.begin(ctx, func(ctx context.Context) rueidis.RedisResult {
		return p.client.writer.run(ctx, commitScript, keys, args)
	})}
}

// errEarly is the error of a call that was refused because it would have overtaken another.
var errEarly = errors.New("refused as early")

// await waits for the end of the call. It returns the indexes of its entries that it has not
// done, since they were done before or were not to be done, or whether it is clear after an
// error that nothing was done.
func (s sentCall) await() (others []int64, clear bool, err error) {
	c, call := s.publisher.client, s.call
	reply, err := s.question.await()
	if err != nil && hasPrefix(err, refusedAsEarly) {
		return nil, true, errEarly
	}
	var done outcome
	if err == nil {
		done, err = readOutcome(reply)
	}
	if err != nil {
		// The call is not recycled: after a deadline it may still be on its way
		// to the server.
		var unsent noConnection
		refused := answerText(err) != "" // which the script does before it writes
		clear = refused || errors.As(err, &unsent)
		if isGroupLost(err) {
			c.setupAgain()
		}
		err = wrap("commit", err)
		if errors.Is(err, den.ErrFenced) {
			c.lease.refused(call.claim)
		}
		return nil, clear, err
	}
	c.counts.commits.Add(1)
	c.counts.repeated.Add(uint64(len(done.others)))
	c.counts.published.Add(uint64(done.messages))
	c.counts.deadLetters.Add(uint64(done.deadLetters))
	call.recycle()
	return done.others, true, nil
}

// outcome is the answer of the commit script.
type outcome struct {
	messages, deadLetters int64   // that were written
	others                []int64 // the entries, counted from 1, for which nothing was done
}

func readOutcome(answer rueidis.RedisMessage) (o outcome, err error) {
	list, err := answer.ToArray()
	if err != nil || len(list) != 4 {
		return o, errUnexpected
	}
	r := reply{list: list}
	o.messages, o.deadLetters = r.number(1), r.number(2)
	if o.others, err = list[3].AsIntSlice(); err != nil {
		return o, errUnexpected
	}
	return o, r.err
}
