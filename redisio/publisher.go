package redisio

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// Publisher writes DENMs to all output streams. It is a den.Committer: one
// script on the server publishes the outputs of a batch and acknowledges its
// inputs.
//
// All methods may be called concurrently; only calls that follow each other keep
// their order.
type Publisher struct {
	client *Client
}

var _ den.Committer = (*Publisher)(nil)

//go:embed commit.lua
var commitSource string

var commitScript = rueidis.NewLuaScript(commitSource)

// Publish implements [den.Publisher]. Repeated after an error, it writes nothing
// a second time.
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
// A large batch takes several scripts, one after the other; each of them settles
// some of its inputs with all their outputs. Inputs with an Err go to the
// dead-letter stream.
func (p *Publisher) Commit(ctx context.Context, in den.Batch, outputs []den.Output) error {
	c := p.client
	if err := c.Setup(ctx); err != nil {
		return err
	}
	if in == nil {
		return p.commitAlone(ctx, outputs)
	}
	b, ok := in.(*batch)
	if !ok || b.subscriber.client != c {
		return fmt.Errorf("redisio: the batch is not from this client: %w", den.ErrPermanent)
	}
	for _, o := range outputs {
		if o.Input < 0 || o.Input >= len(b.inputs) {
			return fmt.Errorf("redisio: output of input %d in a batch of %d: %w", o.Input, len(b.inputs), den.ErrPermanent)
		}
	}
	call := newScriptCall(c)
	for i := range b.entries {
		n := 0
		for n < len(outputs) && outputs[n].Input == i {
			n++
		}
		call.addEntry(b, i, outputs[:n])
		outputs = outputs[n:]
		if call.full() || i == len(b.entries)-1 {
			if err := p.run(ctx, call); err != nil {
				return err
			}
			call = newScriptCall(c)
		}
	}
	if len(outputs) > 0 {
		return fmt.Errorf("redisio: outputs are not in the order of their inputs: %w", den.ErrPermanent)
	}
	b.done()
	return nil
}

func (p *Publisher) commitAlone(ctx context.Context, outputs []den.Output) error {
	if len(outputs) == 0 {
		return nil
	}
	call := newScriptCall(p.client)
	call.addOutputs(outputs)
	return p.run(ctx, call)
}

// run executes the script for what the call has gathered.
func (p *Publisher) run(ctx context.Context, call *scriptCall) error {
	c := p.client
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	keys, args := call.build()
	written, err := commitScript.Exec(ctx, c.writer, keys, args).AsInt64()
	if err != nil {
		// The call is not recycled: after a deadline it may still be on its way
		// to the server.
		c.counts.commitErrors.Add(1)
		if isGroupLost(err) {
			c.setupAgain()
		}
		return wrap("commit", err)
	}
	c.counts.commits.Add(1)
	c.counts.repeated.Add(uint64(call.entries) - uint64(written))
	if int(written) == call.entries {
		c.counts.published.Add(uint64(call.messages))
		c.counts.deadLetters.Add(uint64(call.deadLetters))
	}
	call.recycle()
	return nil
}
