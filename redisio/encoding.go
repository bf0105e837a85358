package redisio

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// encodedPlace is where the first other form of a message stands among its values: behind
// the JSON text, the action id and the termination.
const encodedPlace = 4

// messageValues returns how many values the commit script gets for each message.
func (c *Client) messageValues() int {
	encodings := 0
	for _, out := range c.opts.Outputs {
		if out.Encoding != nil {
			encodings++
		}
	}
	if encodings == 0 {
		return 1
	}
	return encodedPlace - 1 + encodings
}

var errNothingEncoded = errors.New("redisio: the Encoding has appended nothing")

// addEncoded adds the other forms of a message, if there are any.
func (call *scriptCall) addEncoded(d *den.DENM) {
	first := true
	for i := range call.client.opts.Outputs {
		out := &call.client.opts.Outputs[i]
		if out.Encoding == nil {
			continue
		}
		if first {
			first = false
			termination := ""
			if t, ok := d.Management.Termination.Get(); ok {
				termination = t.String()
			}
			call.args = append(call.args, d.Management.ActionID.String(), termination)
		}
		// It gets the free end of the buffer and nothing of what is in there already.
		start := len(call.buffer)
		encoded, err := out.Encoding.Append(call.buffer[start:], d)
		if err == nil && len(encoded) == 0 {
			err = errNothingEncoded
		}
		if err != nil {
			call.client.notEncoded(i, d, err)
			call.args = append(call.args, "")
			continue
		}
		// Where it lies there already, this moves nothing.
		call.buffer = append(call.buffer, encoded...)
		call.args = append(call.args, rueidis.BinaryString(call.buffer[start:]))
	}
}

// notEncoded tells of a message that an output does not get, at most once a second.
func (c *Client) notEncoded(output int, d *den.DENM, err error) {
	c.counts.notEncoded.Add(1)
	if now := time.Now().UnixNano(); c.encodingTold.claim(now, time.Second) {
		c.log.Error("a DENM cannot be encoded and is missing in the stream", "stream", c.opts.Outputs[output].Stream,
			"action", d.Management.ActionID.String(), "error", err, "missing", c.counts.notEncoded.Load())
	}
}

// everySoOften lets one of many through.
type everySoOften struct{ last atomic.Int64 }

// claim reports whether nobody was let through for the given time.
func (e *everySoOften) claim(now int64, pause time.Duration) bool {
	last := e.last.Load()
	return (last == 0 || now-last >= int64(pause)) && e.last.CompareAndSwap(last, now)
}
