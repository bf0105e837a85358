package redisio

import (
	"bytes"
	"context"
	_ "embed"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

//go:embed replay.lua
var replaySource string

var replayScript = rueidis.NewLuaScript(replaySource)

// Replay implements [den.Replayer]. What was published it reads from the first
// output stream, of which it takes the last 1000 entries at least, however old they
// are. What was received it reads from the input streams, as far as their groups
// have acknowledged it. Time is the server's.
//
// What was trimmed cannot be replayed. That is logged where the server can tell.
func (p *Publisher) Replay(ctx context.Context, span time.Duration, published, received func(*den.DENM)) error {
	c := p.client
	if len(c.opts.Outputs) > 0 {
		if err := c.replayJournal(ctx, span, published); err != nil {
			return err
		}
	}
	for _, in := range c.opts.Inputs {
		if err := c.replayInput(ctx, in, span, received); err != nil {
			return err
		}
	}
	return nil
}

// replayInput hands over the DENMs of an input stream that were acknowledged.
func (c *Client) replayInput(ctx context.Context, in InputStream, span time.Duration, received func(*den.DENM)) error {
	since, _, err := c.whereToBegin(ctx, in.Stream, span, 1)
	if err != nil {
		return err
	}
	delivered, err := c.lastDelivered(ctx, in)
	if err != nil || delivered == "" {
		return err
	}
	pending, err := c.pendingSince(ctx, in, firstID(since))
	if err != nil {
		return err
	}
	decode := func(e entry) *den.DENM {
		if pending[e.id] || !e.mayBeDENM() {
			return nil
		}
		denm, _ := e.denm()
		return denm
	}
	return c.readAgain(ctx, stretch{in.Stream, firstID(since), delivered}, decode, func(_ string, d *den.DENM) {
		if d != nil {
			received(d)
		}
	})
}

// denm decodes an entry that is expected to be a DENM.
func (e entry) denm() (*den.DENM, error) {
	message, err := e.message()
	if err != nil {
		return nil, err
	}
	event, err := den.ParseEvent(message)
	return event.DENM, err
}

// mayBeDENM looks for a key that every DENM has, which is much faster than to
// decode a collision array: most inputs are one.
func (e entry) mayBeDENM() bool {
	for i := range e.fields {
		if text, err := e.fields[i].AsBytes(); err == nil && bytes.Contains(text, []byte("managementContainer")) {
			return true
		}
	}
	return false
}

// whereToBegin returns the time that lies the span before the server's own, and
// the id with which so many last entries of the stream begin, "" if it is empty.
func (c *Client) whereToBegin(ctx context.Context, stream string, span time.Duration, entries int) (den.Timestamp, string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	answer, err := c.reader.run(ctx, replayScript, []string{stream}, []string{strconv.Itoa(entries)}).AsStrSlice()
	if err == nil && len(answer) != 3 {
		err = errUnexpected
	}
	if err != nil {
		return 0, "", wrap("replay "+stream, err)
	}
	seconds, err := strconv.ParseInt(answer[0], 10, 64)
	if err != nil {
		return 0, "", &Error{Op: "replay " + stream, Meaning: "unexpected time of the server", Err: err}
	}
	microseconds, err := strconv.ParseInt(answer[1], 10, 64)
	if err != nil {
		return 0, "", &Error{Op: "replay " + stream, Meaning: "unexpected time of the server", Err: err}
	}
	now := den.TimestampOf(time.Unix(seconds, microseconds*1000))
	return max(now.Add(-span), 0), answer[2], nil
}

// firstID is the least id that an entry of this time can have.
func firstID(at den.Timestamp) string { return strconv.FormatInt(int64(at), 10) + "-0" }
