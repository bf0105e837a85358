package redisio

import (
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// The server does nothing else while the script runs, so a call is kept small:
// it is full when it reaches one of these.
const (
	fullMessages = 256
	fullBytes    = 256 << 10
	fullEntries  = 512
)

// scriptCall gathers the arguments of one call of the commit script; see
// commit.lua for their form. Messages are encoded into one buffer, and the
// arguments point into it.
type scriptCall struct {
	client   *Client
	now      den.Timestamp
	token    string
	buffer   []byte
	body     []string // the arguments of the entries
	entries  int
	messages int

	deadLetters int
}

var scriptCalls = sync.Pool{New: func() any { return new(scriptCall) }}

func newScriptCall(c *Client) *scriptCall {
	call := scriptCalls.Get().(*scriptCall)
	*call = scriptCall{
		client: c,
		now:    den.TimestampOf(time.Now()),
		buffer: call.buffer[:0],
		body:   call.body[:0],
	}
	return call
}

// recycle gives the call back. Nothing may point into its buffer any more.
func (call *scriptCall) recycle() {
	clear(call.body)
	scriptCalls.Put(call)
}

func (call *scriptCall) full() bool {
	return call.messages >= fullMessages || len(call.buffer) >= fullBytes || call.entries >= fullEntries
}

// addEntry adds an input of the batch with its outputs.
func (call *scriptCall) addEntry(b *batch, i int, outputs []den.Output) {
	call.body = append(call.body, strconv.Itoa(b.entries[i].input+1), b.entries[i].id)
	call.entries++
	call.addMessages(outputs)
	dead := call.deadLetter(b, i)
	call.body = append(call.body, strconv.Itoa(len(dead)))
	call.body = append(call.body, dead...)
}

// addOutputs adds outputs that no input caused. What they are names the call, so
// that the server knows it when it comes again: no two DENMs have the same
// action id and reference time.
func (call *scriptCall) addOutputs(outputs []den.Output) {
	call.body = append(call.body, "0", "")
	call.entries++
	call.addMessages(outputs)
	call.body = append(call.body, "0")
	for _, o := range []den.Output{outputs[0], outputs[len(outputs)-1]} {
		m := &o.DENM.Management
		call.token += m.ActionID.String() + "@" + strconv.FormatInt(int64(m.ReferenceTime), 10) + " "
	}
	call.token += strconv.Itoa(len(outputs))
}

func (call *scriptCall) addMessages(outputs []den.Output) {
	call.body = append(call.body, strconv.Itoa(len(outputs)))
	event := call.client.opts.Event
	event.Time = call.now
	for _, o := range outputs {
		event.DENM = o.DENM
		start := len(call.buffer)
		call.buffer = event.AppendJSON(call.buffer)
		call.body = append(call.body, rueidis.BinaryString(call.buffer[start:]))
		call.messages++
	}
}

// deadLetter returns the fields of the dead-letter entry of a rejected input:
// why, from where, when, and the original fields behind "original.".
func (call *scriptCall) deadLetter(b *batch, i int) []string {
	original, rejected := b.rejected[i]
	if !rejected || call.client.opts.DeadLetter.Stream == "" {
		return nil
	}
	call.deadLetters++
	fields := []string{
		"reason", b.inputs[i].Err.Error(),
		"stream", call.client.opts.Inputs[b.entries[i].input].Stream,
		"id", b.entries[i].id,
		"time", call.now.String(),
	}
	if len(original) > 2*maxDeadFields {
		// More than a call of the server can take one by one.
		all, _ := json.Marshal(original)
		return append(fields, "originalFields", cut(string(all)))
	}
	for j := 0; j+1 < len(original); j += 2 {
		fields = append(fields, "original."+cut(original[j]), cut(original[j+1]))
	}
	return fields
}

const maxDeadFields = 64

// cut bounds what one rejected input can take up. A message that is larger than
// any that is read need not be kept whole.
func cut(text string) string { return text[:min(len(text), den.MaxMessageSize)] }

// build returns the keys and arguments of the call.
func (call *scriptCall) build() (keys, args []string) {
	o := &call.client.opts
	keys = append(make([]string, 0, 2+len(o.Outputs)+len(o.Inputs)), call.client.tokensKey())
	args = append(make([]string, 0, 5+3*len(o.Outputs)+len(o.Inputs)+len(call.body)),
		call.token, strconv.FormatInt(int64(call.now), 10),
		strconv.Itoa(len(o.Outputs)), strconv.Itoa(len(o.Inputs)), bound(o.DeadLetter.MaxLength))
	for _, out := range o.Outputs {
		keys = append(keys, out.Stream)
		args = append(args, out.Field, bound(out.MaxLength), call.leastID(out.MaxAge))
	}
	for _, in := range o.Inputs {
		keys = append(keys, in.Stream)
		args = append(args, in.Group)
	}
	if o.DeadLetter.Stream != "" {
		keys = append(keys, o.DeadLetter.Stream)
	}
	return keys, append(args, call.body...)
}

func bound(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// leastID returns the id of an entry that is just not too old.
func (call *scriptCall) leastID(age time.Duration) string {
	if age == 0 {
		return ""
	}
	return strconv.FormatInt(max(int64(call.now.Add(-age)), 0), 10)
}

// tokensKey is the key under which the server remembers commits without inputs:
// a sorted set of the last thousand. It shares the hash tag of the first output,
// if there is one.
func (c *Client) tokensKey() string {
	if len(c.opts.Outputs) == 0 {
		return c.opts.Name + ":commits"
	}
	return c.opts.Outputs[0].Stream + ":commits"
}
