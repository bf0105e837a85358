package redisio

import (
	"context"
	"strconv"

	"github.com/redis/rueidis"
)

// Limit is what a producer is measured against: a loop that reads the same batches
// and commits the same bytes, without understanding any of it. It reads one batch
// ahead, and has as many calls of the script under way, as the service does.
type Limit struct {
	client *Client
	sub    *Subscriber
	denms  []string // that it makes of each input
	script bool     // commit by the script, and not by a pipeline of XADD and XACK
}

// NewLimit returns a Limit that makes these messages of each input.
func NewLimit(c *Client, denms []string, script bool) *Limit {
	return &Limit{client: c, sub: newSubscriber(c), denms: denms, script: script}
}

// Run moves until ctx ends.
func (l *Limit) Run(ctx context.Context, most int) error {
	batches, failed := make(chan []entry), make(chan error, 1)
	go func() {
		defer close(batches)
		for ctx.Err() == nil {
			entries, err := l.read(ctx, most)
			if err != nil {
				failed <- err
				return
			}
			if len(entries) > 0 {
				batches <- entries
			}
		}
	}()
	for entries := range batches {
		commit := l.byPipeline
		if l.script {
			commit = l.byScript
		}
		if err := commit(context.WithoutCancel(ctx), entries); err != nil {
			return err
		}
	}
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

func (l *Limit) read(ctx context.Context, most int) ([]entry, error) {
	group, block := l.sub.groups[0], l.client.opts.Block
	answers, err := l.sub.read(ctx, block, most, func(b rueidis.Builder) rueidis.Commands {
		return rueidis.Commands{l.sub.askNew(b, group, group.inputs, most, block)}
	})
	if rueidis.IsRedisNil(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	answer, err := answers[0].ToMessage()
	if err != nil {
		return nil, err
	}
	streams, err := readStreams(answer)
	return streams[l.sub.inputs[0].stream], err
}

func (l *Limit) byScript(ctx context.Context, entries []entry) error {
	p := l.client.Publisher()
	calls := newPipeline(ctx, p, &batch{subscriber: l.sub})
	defer calls.giveUp()
	var call *scriptCall
	for i, e := range entries {
		if call == nil {
			call = newScriptCall(l.client, "", l.client.generations(), false)
		}
		call.args = append(call.args, "1", e.id, strconv.Itoa(len(l.denms)))
		call.args = append(call.args, l.denms...)
		call.args = append(call.args, "0")
		call.entries++
		call.messages += len(l.denms)
		for _, d := range l.denms {
			call.dead += len(d)
		}
		if last := i == len(entries)-1; last || call.full() {
			if err := calls.run(call, nil, last); err != nil {
				return err
			}
			call = nil
		}
	}
	return calls.wait()
}

func (l *Limit) byPipeline(ctx context.Context, entries []entry) error {
	client, err := l.client.writer.connected(ctx)
	if err != nil {
		return err
	}
	out, in := l.client.opts.Outputs[0], l.client.opts.Inputs[0]
	var commands rueidis.Commands
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.id
		for _, d := range l.denms {
			commands = append(commands, client.B().Xadd().Key(out.Stream).Maxlen().Almost().Threshold(strconv.FormatInt(out.MaxLength, 10)).
				Id("*").FieldValue().FieldValue(out.Field, d).Build())
		}
	}
	commands = append(commands, client.B().Xack().Key(in.Stream).Group(in.Group).Id(ids...).Build())
	for _, answer := range client.DoMulti(ctx, commands...) {
		if err := answer.Error(); err != nil {
			return err
		}
	}
	l.client.counts.published.Add(uint64(len(entries) * len(l.denms)))
	return nil
}
