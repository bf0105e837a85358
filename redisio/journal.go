package redisio

import (
	"context"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// leastReplayed is how many entries of the journal are replayed at least, however
// old they are. Others may write to it too, so the last DENM of ours need not be
// the last one.
const leastReplayed = 1000

// replayJournal hands over the DENMs of the first output stream.
func (c *Client) replayJournal(ctx context.Context, span time.Duration, published func(*den.DENM)) error {
	out := c.opts.Outputs[0]
	c.reach.needed.Store(int64(span))
	since, last, err := c.whereToBegin(ctx, out.Stream, span, leastReplayed)
	if err != nil {
		return err
	}
	if err := c.warnOfTrimming(ctx, out, since, span); err != nil {
		return err
	}
	from := firstID(since)
	if last != "" && addedAt(last) < since {
		from = last
	}
	skipped, example := 0, ""
	decode := func(e entry) *den.DENM {
		denm, _ := e.denm()
		return denm
	}
	err = c.readAgain(ctx, stretch{out.Stream, from, "+"}, decode, func(id string, d *den.DENM) {
		if d == nil {
			skipped++
			example = id
			return
		}
		published(d)
	})
	if skipped > 0 {
		c.log.Warn("the journal has entries that are no DENM", "stream", out.Stream, "count", skipped, "last", example)
	}
	return err
}

// warnOfTrimming tells when the journal does not go back to the given time although
// it once did, so that some records cannot be recovered. Servers before version
// 7.0 do not know.
func (c *Client) warnOfTrimming(ctx context.Context, out OutputStream, since den.Timestamp, span time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	info, err := c.reader.do(ctx, func(b rueidis.Builder) rueidis.Completed {
		return b.XinfoStream().Key(out.Stream).Build()
	}).AsMap()
	if isNoKey(err) {
		return nil
	}
	if err != nil {
		return wrap("replay "+out.Stream, err)
	}
	number := func(name string) int64 {
		value := info[name]
		n, _ := value.AsInt64()
		return n
	}
	length := number("length")
	if number("entries-added") <= length {
		return nil
	}
	first := info["recorded-first-entry-id"]
	if length == 0 {
		first = info["last-generated-id"]
	}
	id, err := first.ToString()
	begins := addedAt(id)
	if err != nil || begins <= since {
		return nil
	}
	if out.onlyTooOld(length, span) {
		return nil
	}
	c.log.Warn("the journal was trimmed; events that were not updated since then cannot be recovered",
		"stream", out.Stream, "since", begins, "needed", span)
	return nil
}
