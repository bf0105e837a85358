package dentest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/step-its/producer/den"
)

// Harness lets TestTransport work one transport: an input, which DENMs and
// collision arrays are read from, and an output, which DENMs are written to.
type Harness struct {
	// Publisher writes to the output. If it is a den.Committer, the rules for
	// one are tested too.
	Publisher den.Publisher
	// Subscriber reads from the input.
	Subscriber den.Subscriber

	// Send puts messages on the input, in this order, as another process would.
	Send func(messages ...[]byte)
	// Published returns what is on the output, decoded, in order.
	Published func() []*den.DENM
	// Pending returns the number of inputs that were delivered at least once and
	// are not acknowledged.
	Pending func() int
	// Rejected returns the number of inputs that were no message and are kept
	// for somebody to look at.
	Rejected func() int

	// Reopen returns a Publisher and a Subscriber in the same role as before, as
	// a new process has them after the old one crashed. The old ones are not
	// closed: they may still be called, as by a process that only seemed dead.
	Reopen func() (den.Publisher, den.Subscriber)
	// Depose makes another process take over, as it does when the owner is stalled
	// for too long, and end again: the owner is not the owner any more. It must be
	// given if Publisher is a den.Owner.
	Depose func()
	// LoseReply makes the next Commit or Publish happen, but fail as it does
	// when the connection is lost before the reply. It is nil where the
	// transport cannot do that, and the rules that need it are left out.
	LoseReply func()
}

// TestTransport tests whether a transport keeps the contracts of den.Publisher,
// den.Subscriber and den.Batch, and those of den.Committer, den.Owner and
// den.Replayer as far as its Publisher is one. Each rule is a subtest on an empty
// transport of its own, which open returns; a failure prints why the rule exists.
//
// Time is real, and a rule takes seconds where the transport waits for input. The
// rules for an Owner take as long as it needs to notice that another one took over.
func TestTransport(t *testing.T, open func(t *testing.T) Harness) {
	h := open(t)
	for _, rule := range rulesFor(h.Publisher) {
		if rule.needsLoss && h.LoseReply == nil {
			continue
		}
		t.Run(rule.name, func(t *testing.T) { rule.test(t, open(t)) })
	}
	if _, ok := h.Publisher.(den.Owner); ok && h.Depose == nil {
		t.Error("the Publisher is a den.Owner, so Harness.Depose must be given")
	}
}

// rulesFor returns the contracts that apply to a transport with this publisher.
func rulesFor(p den.Publisher) []transportRule {
	rules := slices.Concat(transportRules, receiveRules, rejectRules)
	if _, ok := p.(den.Committer); ok {
		rules = slices.Concat(rules, commitRules, []transportRule{commitRejected})
	}
	if _, ok := p.(den.Owner); ok {
		rules = slices.Concat(rules, ownRules)
	}
	if _, ok := p.(den.Replayer); ok {
		rules = slices.Concat(rules, replayRules)
	}
	return rules
}

// transportRule is one rule of the contract, and why it exists.
type transportRule struct {
	name      string
	why       string
	needsLoss bool // of a reply
	check     func(x *transportTest)
}

func (r transportRule) test(t testing.TB, h Harness) {
	t.Helper()
	defer explain(t, r.why)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	x := &transportTest{TB: t, Harness: h, ctx: ctx}
	defer x.wantOwnersGone()
	defer cancel()
	r.check(x)
}

const (
	// patience is how long one rule may take.
	patience = 30 * time.Second
	// soon is how long a call may take that has nothing to wait for, or no more
	// than the second of Receive.
	soon = 2 * time.Second
)

// transportTest is a transport, with steps that must succeed.
type transportTest struct {
	testing.TB
	Harness
	ctx    context.Context
	sent   den.StationID
	warned uint16
	owners []*owning
}

// send puts n collision arrays on the input. Their reference stations are 1, 2,
// 3 and so on.
func (x *transportTest) send(n int) {
	for range n {
		x.sent++
		x.Send(Event(Collisions(firstTime, x.sent, 1000), nil))
	}
}

// receive returns the next n inputs, in as many batches as they come in.
func (x *transportTest) receive(n int) inHand {
	x.Helper()
	var got inHand
	for got.len() < n {
		batch, err := x.Subscriber.Receive(x.ctx, n-got.len(), time.Second)
		if err != nil {
			x.Fatalf("Receive, after %d of %d inputs: %v", got.len(), n, err)
		}
		if batch != nil {
			got = append(got, batch)
		} else if x.ctx.Err() != nil {
			x.Fatalf("%d of %d inputs were delivered within %v", got.len(), n, patience)
		}
	}
	return got
}

// receiveNothing fails if there is another input.
func (x *transportTest) receiveNothing() {
	x.Helper()
	x.receiveNothingFor(time.Second)
}

func (x *transportTest) receiveNothingFor(wait time.Duration) {
	x.Helper()
	batch, err := x.Subscriber.Receive(x.ctx, 10, wait)
	if batch != nil || err != nil {
		var inputs []den.Input
		if batch != nil {
			inputs = batch.Inputs()
		}
		x.Fatalf("Receive returned %d inputs and the error %v; want neither", len(inputs), err)
	}
}

// reopen lets a new process take the place of the old one.
func (x *transportTest) reopen() { x.Publisher, x.Subscriber = x.Reopen() }

func (x *transportTest) ack(batches inHand) {
	x.Helper()
	for _, b := range batches {
		if err := b.Ack(x.ctx); err != nil {
			x.Fatalf("Ack: %v", err)
		}
	}
}

func (x *transportTest) committer() den.Committer { return x.Publisher.(den.Committer) }

// commit commits the batch, or no inputs where it is nil.
func (x *transportTest) commit(b den.Batch, outputs []den.Output) {
	x.Helper()
	if err := x.committer().Commit(x.ctx, b, outputs); err != nil {
		x.Fatalf("Commit of %d outputs: %v", len(outputs), err)
	}
}

// warnings returns n DENMs that were never returned before.
func (x *transportTest) warnings(n int) []*den.DENM {
	var denms []*den.DENM
	for range n {
		id := den.ActionID{OriginatingStationID: ourStation, SequenceNumber: x.warned}
		x.warned++
		denms = append(denms, prediction(1000, firstTime).DENM(id, firstTime))
	}
	return denms
}

// outputs makes a new warning of every input.
func (x *transportTest) outputs(b den.Batch) []den.Output {
	var outputs []den.Output
	for i, d := range x.warnings(len(b.Inputs())) {
		outputs = append(outputs, den.Output{DENM: d, Input: i})
	}
	return outputs
}

func denmsOf(outputs []den.Output) []*den.DENM {
	var denms []*den.DENM
	for _, o := range outputs {
		denms = append(denms, o.DENM)
	}
	return denms
}

// inHand is a row of batches that are not settled yet.
type inHand []den.Batch

func (h inHand) len() int { return len(h.inputs()) }

func (h inHand) inputs() []den.Input {
	var inputs []den.Input
	for _, b := range h {
		inputs = append(inputs, b.Inputs()...)
	}
	return inputs
}

// release gives everything back, the last batch first: the order of the inputs
// is that of the input stream, not that of the releases.
func (h inHand) release() {
	for _, b := range slices.Backward(h) {
		b.Release()
	}
}

// wantArrays fails unless the inputs are the collision arrays of the reference
// stations first, first+1 and so on, delivered for the given time.
func (x *transportTest) wantArrays(inputs []den.Input, first den.StationID, attempt int) {
	x.Helper()
	for i, in := range inputs {
		want := first + den.StationID(i)
		switch c := in.Event.Collisions; {
		case in.Err != nil || c == nil || in.Event.DENM != nil:
			x.Errorf("input %d holds no collision array and nothing else: %+v", i, in)
		case c.Stations[0].StationID != want:
			x.Errorf("input %d is array %d; want %d", i, c.Stations[0].StationID, want)
		}
		if attempt == 1 && in.Attempt != 1 || attempt > 1 && in.Attempt < attempt {
			x.Errorf("input %d says attempt %d; want %d", i, in.Attempt, attempt)
		}
	}
}

// wantPublished fails unless exactly these DENMs are on the output.
func (x *transportTest) wantPublished(want []*den.DENM) {
	x.Helper()
	if got := x.Published(); !slices.EqualFunc(got, want, sameDENM) {
		x.Errorf("%d DENMs are on the output: %v; want %d: %v", len(got), ids(got), len(want), ids(want))
	}
}

func sameDENM(a, b *den.DENM) bool { return string(a.AppendJSON(nil)) == string(b.AppendJSON(nil)) }

func (x *transportTest) wantPending(want int) {
	x.Helper()
	if got := x.Pending(); got != want {
		x.Errorf("%d inputs are pending; want %d", got, want)
	}
}

func (x *transportTest) wantRejected(want int) {
	x.Helper()
	if got := x.Rejected(); got != want {
		x.Errorf("%d rejected inputs are kept; want %d", got, want)
	}
}

// within fails when f takes longer than soon.
func (x *transportTest) within(what string, f func()) {
	x.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > soon {
		x.Errorf("%s took %v; want at most %v", what, took, soon)
	}
}

// ended returns a context that has ended.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
