package redisio

import (
	"encoding/json"
	"errors"
	"strconv"
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
// commit.lua for their form. The arguments point to what the encoder has written, and into
// the buffer with other forms of the same messages.
type scriptCall struct {
	client   *Client
	claim    string // to the ownership of the streams; "" where there never was one
	now      den.Timestamp
	encoder  den.Encoder
	buffer   []byte
	args     []string
	entries  int
	messages int
	dead     int // bytes of dead letters
}

// These are the indexes of the arguments that are known only when the call is sent.
const (
	restoreArg = 1
	aheadArg   = 7
	tokenArg   = 8
)

// newScriptCall returns a call without entries. Of entries that have inputs it has the
// generations of their groups. Repetitions says that all entries will be repetitions.
func newScriptCall(c *Client, claim string, generations []string, repetitions bool) *scriptCall {
	var call *scriptCall
	select {
	case call = <-c.spareCalls:
		call.encoder.Reset()
	default:
		call = new(scriptCall)
	}
	*call = scriptCall{
		client:  c,
		claim:   claim,
		now:     den.TimestampOf(time.Now()),
		encoder: call.encoder,
		buffer:  call.buffer[:0],
		args:    call.args[:0],
	}
	call.addHead(generations, repetitions)
	return call
}

// maxSpareCalls is how many calls a client keeps to use them again, with their buffers. A
// commit works with as many as are under way, and one that it prepares.
const maxSpareCalls = mostUnderWay + 1

// recycle gives the call back. Nothing may point to its messages any more.
func (call *scriptCall) recycle() {
	clear(call.args)
	select {
	case call.client.spareCalls <- call:
	default:
	}
}

// addHead adds what stands before the entries.
func (call *scriptCall) addHead(generations []string, repetitions bool) {
	o := &call.client.opts
	call.args = append(call.args, call.claim, "", strconv.Itoa(len(o.Outputs)), strconv.Itoa(len(o.Inputs)),
		bound(o.DeadLetter.MaxLength), call.client.numberOfCall(repetitions), flag(repetitions), "", "")
	place := encodedPlace
	for i := range o.Outputs {
		out := &o.Outputs[i]
		call.args = append(call.args, out.Field, bound(out.MaxLength), call.leastID(out.MaxAge))
		if out.Encoding == nil {
			call.args = append(call.args, "", "1")
		} else {
			call.args = append(call.args, out.Encoding.ContentType, strconv.Itoa(place))
			place++
		}
	}
	for i := range o.Inputs {
		call.args = append(call.args, o.Inputs[i].Group, generations[i])
	}
	call.args = append(call.args, strconv.Itoa(call.client.messageValues()))
}

func (call *scriptCall) full() bool {
	return call.messages >= fullMessages || call.entries >= fullEntries || call.size() >= fullBytes
}

// size returns how many bytes the messages and dead letters have.
func (call *scriptCall) size() int { return call.encoder.Len() + len(call.buffer) + call.dead }

// numberOfCall returns the number of a call among those of the client, which are in the
// order in which they are made. It matters only where there are repetitions, and is empty
// before the first of them.
func (c *Client) numberOfCall(repetitions bool) string {
	if repetitions {
		c.repeats.Store(true)
	}
	if !c.repeats.Load() {
		return ""
	}
	return strconv.FormatInt(c.calls.Add(1), 10)
}

// addEntry adds an input of the batch with its outputs.
func (call *scriptCall) addEntry(b *batch, i int, orphan bool, outputs []den.Output) {
	if orphan {
		// Its id is a token now, by which the server knows it when it comes again.
		call.args = append(call.args, "0", b.inputs[i].ID)
	} else {
		call.args = append(call.args, strconv.Itoa(b.entries[i].input+1), b.entries[i].id)
	}
	call.entries++
	call.addMessages(outputs, &b.inputs[i].Event)
	dead := call.deadLetter(b, i)
	call.args = append(call.args, strconv.Itoa(len(dead)))
	call.args = append(call.args, dead...)
}

// addDone adds an input of the batch that is done, to be acknowledged should it be pending
// again.
func (call *scriptCall) addDone(b *batch, i int) {
	call.args = append(call.args, strconv.Itoa(b.entries[i].input+1), b.entries[i].id, "0", "0")
	call.entries++
}

// addAlone adds an output that no input caused. No two DENMs have the same action
// id and reference time, but for a negation, which repeats those of what it negates: by
// them, and the negating station, the server knows the output when it comes again, be it
// among others. A repetition is known by the time it was due, too.
func (call *scriptCall) addAlone(output []den.Output) {
	m := &output[0].DENM.Management
	token := m.ActionID.String() + "@" + strconv.FormatInt(int64(m.ReferenceTime), 10)
	if output[0].DENM.Is(den.IsNegation) {
		token += "!" + strconv.FormatUint(uint64(output[0].DENM.StationID), 10)
	}
	if r := output[0].Repetition; r != 0 {
		token += "/" + strconv.FormatInt(int64(r), 10)
	}
	call.args = append(call.args, "0", token)
	call.entries++
	call.addMessages(output, &den.Event{})
	call.args = append(call.args, "0")
}

// addMessages adds the messages of an entry. They belong to the trace of the event that
// caused them.
func (call *scriptCall) addMessages(outputs []den.Output, cause *den.Event) {
	call.args = append(call.args, strconv.Itoa(len(outputs)*call.client.messageValues()))
	event := call.client.opts.Event
	event.Time = call.now
	event.TraceParent, event.TraceState = cause.TraceParent, cause.TraceState
	for _, o := range outputs {
		event.DENM = o.DENM
		call.args = append(call.args, rueidis.BinaryString(call.encoder.Append(&event)))
		call.addEncoded(o.DENM)
		call.messages++
	}
}

const (
	// maxDeadFields is how many fields a dead letter keeps one by one. A call of
	// the server takes a few thousand values at most.
	maxDeadFields = 64
	// maxDeadBytes bounds a dead letter. What is larger than any message that is
	// read need not be kept whole.
	maxDeadBytes = den.MaxMessageSize + 64<<10
)

// deadLetter returns the fields of the dead-letter entry of a rejected input:
// why, from where, when, and the original fields behind "original.".
func (call *scriptCall) deadLetter(b *batch, i int) []string {
	reason := b.inputs[i].Err
	if reason == nil || errors.Is(reason, den.ErrInputLost) || call.client.opts.DeadLetter.Stream == "" {
		return nil
	}
	original := b.originals[i].strings()
	room := maxDeadBytes
	keep := func(text string) string {
		text = text[:min(len(text), room)]
		room -= len(text)
		return text
	}
	fields := []string{
		"reason", reason.Error(),
		"stream", call.client.opts.Inputs[b.entries[i].input].Stream,
		"id", b.entries[i].id,
		"time", call.now.String(),
	}
	if len(original) > 2*maxDeadFields {
		all, _ := json.Marshal(original)
		fields = append(fields, "originalFields", keep(string(all)))
	} else {
		for j := 0; j+1 < len(original); j += 2 {
			fields = append(fields, "original."+keep(original[j]), keep(original[j+1]))
		}
	}
	call.dead += maxDeadBytes - room
	return fields
}

// build returns the keys and arguments of the call.
func (call *scriptCall) build() (keys, args []string) {
	call.args[restoreArg] = call.restoreFor()
	return call.client.callKeys, call.args
}

// keysOfCalls returns the keys that every call has.
func (c *Client) keysOfCalls() []string {
	keys := []string{c.key("lease"), c.key("owner"), c.tokensKey()}
	for _, out := range c.opts.Outputs {
		keys = append(keys, out.Stream)
	}
	for _, in := range c.opts.Inputs {
		keys = append(keys, in.Stream)
	}
	for _, in := range c.opts.Inputs {
		keys = append(keys, in.ledgerKey())
	}
	if c.opts.DeadLetter.Stream != "" {
		keys = append(keys, c.opts.DeadLetter.Stream)
	}
	return keys
}

// restoreFor returns for how many milliseconds the owner is put on record again
// where the server has lost its data: not at all when his time is over.
func (call *scriptCall) restoreFor() string {
	if claim, owning := call.client.lease.claim(); owning && claim == call.claim {
		return call.client.opts.leaseMilliseconds()
	}
	return ""
}

func flag(set bool) string {
	if set {
		return "1"
	}
	return ""
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

// tokensKey is the key under which the server remembers the outputs that had no
// input: a sorted set of the last ten thousand. It shares the hash tag of the first
// output, if there is one.
func (c *Client) tokensKey() string {
	if len(c.opts.Outputs) == 0 {
		return c.key("commits")
	}
	return c.opts.Outputs[0].Stream + ":commits"
}
