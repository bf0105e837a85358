package den

import (
	"context"
	"log/slog"
	"time"
)

// ErrPermanent is wrapped by an error of a Publisher, Subscriber or Committer
// when trying again cannot help: wrong credentials, a stream of the wrong type.
// [DenService.Run] then stops and returns the error. Every other error is
// transient to it, and it tries again for ever.
var ErrPermanent error = reason("permanent failure")

// ErrEndOfInput is returned by a Subscriber that will never deliver anything
// again, such as one that plays a recording. It is not io.EOF, which network
// clients return for a connection that was cut.
var ErrEndOfInput error = reason("den: end of input")

// ErrInputLost is wrapped by Input.Err when the transport knows of an input but
// no longer has it, for example because a stream was trimmed too early.
var ErrInputLost error = reason("input lost")

// ErrFenced is wrapped by an error of a Publisher that is an [Owner] when another
// owner has taken over: nothing was published, and nothing will be until we own
// the streams again. It wraps ErrPermanent.
var ErrFenced error = fenced{}

type fenced struct{}

func (fenced) Error() string { return "den: another owner has taken over" }
func (fenced) Unwrap() error { return ErrPermanent }

// LogValue implements slog.LogValuer.
func (f fenced) LogValue() slog.Value { return reason(f.Error()).LogValue() }

// A Publisher sends DENMs on their way. It may also be a [Committer], an [Owner]
// and a [Replayer]; [DenService.Run] makes use of what it finds.
type Publisher interface {
	// Publish sends the DENMs in their order. It returns nil when all of them
	// are published; with an error some, all or none may be. It does not change
	// the DENMs, and it returns soon after ctx ends. DenService never calls it
	// from two goroutines at once.
	Publish(ctx context.Context, denms []*DENM) error
}

// PublisherFunc makes a function a Publisher.
type PublisherFunc func(ctx context.Context, denms []*DENM) error

// Publish calls f.
func (f PublisherFunc) Publish(ctx context.Context, denms []*DENM) error { return f(ctx, denms) }

// A Subscriber delivers inputs, in order and at least once.
type Subscriber interface {
	// Receive returns the next inputs, at least 1 and at most most of them, or a
	// nil Batch when none came within the time wait, which is at most a second;
	// only ErrEndOfInput says that there will be no more. Fewer than most inputs, all
	// of them delivered for the first time, say that no other one was waiting, and a
	// nil Batch says that none was, however short wait may be. Receive need not return when ctx ends, but it does not wait longer
	// than it would have waited without. What was received but not acknowledged is
	// delivered again, before anything newer, to whoever next receives in the same
	// role: after a restart, or after Release.
	//
	// DenService calls Receive from one goroutine, while earlier batches may
	// not be settled yet.
	Receive(ctx context.Context, most int, wait time.Duration) (Batch, error)
}

// A Batch is a run of inputs that is settled as a whole: by Ack, by
// [Committer.Commit] or by Release.
type Batch interface {
	// Inputs returns the inputs in their order. They stay valid after the batch
	// is settled.
	Inputs() []Input
	// Reject says that the input with this index, which had no Err, could not be
	// handled, and why. It is then acknowledged like an input with that Err.
	Reject(index int, reason error)
	// Ack acknowledges all inputs: they are not delivered again. Those with an
	// Err, and those that were rejected, are put where somebody can look at them,
	// if the transport has such a place; those with ErrInputLost are not, since
	// nothing is left of them. Ack may be repeated after an error.
	Ack(ctx context.Context) error
	// Release gives the inputs back unacknowledged. After Ack or Commit
	// succeeded it does nothing.
	Release()
}

// Input is one message from a Subscriber. Exactly one of Event.Collisions,
// Event.DENM and Err is set.
type Input struct {
	// ID is the transport's name for the input, such as stream and entry id. It
	// is unique and the same at every delivery.
	ID string
	// Time is when the transport accepted the input, 0 where it is not known.
	Time Timestamp
	// Attempt counts the deliveries, beginning with 1.
	Attempt int

	// Event is the message; with an Err only as much of it as could be read.
	Event Event

	// Err says why the input is no message, or that it is lost: ErrInputLost.
	Err error
}

// A Committer is a Publisher that can publish outputs and acknowledge the inputs
// they were made from in one step that happens wholly or not at all.
type Committer interface {
	Publisher
	// Commit publishes outputs and acknowledges the inputs of in; a nil in has
	// none. The outputs stand in the order of their inputs.
	//
	// After an error it is not known whether the commit happened. The same
	// commit may then be repeated, any number of times: once it has happened, a
	// repetition writes nothing and returns nil. For this, the outputs of an
	// input that is no longer there to acknowledge are not written, and of a
	// commit without inputs no DENM that was written before. No two DENMs have the
	// same action id and reference time, but for a negation, which repeats those of what
	// it negates, and differs in the station that sends it; and for repetitions, which
	// differ in the time they were due.
	Commit(ctx context.Context, in Batch, outputs []Output) error
}

// An Owner is a Publisher that sees to it that of several processes in the same
// role one works, while the others stand by.
type Owner interface {
	// Own waits until nobody else owns the streams, calls work, and gives them up
	// when work returns. Only from the beginning of work to its end are Publish and
	// Commit allowed.
	//
	// Another owner may take over while work runs, after this process was stalled or
	// cut off. From that moment on every Publish and Commit of this process, begun
	// before or after it, writes nothing and returns ErrFenced. The context of work
	// then ends, as soon as this process can know it, with the cause ErrFenced.
	//
	// Own returns what work returned, or an error without having called work: when
	// ctx ends, or when it cannot be found out whether there is an owner. It may
	// then be called again.
	Own(ctx context.Context, work func(ctx context.Context) error) error
}

// A Replayer is a Publisher that keeps what it published, so that the open events
// of an earlier process can be told from it.
type Replayer interface {
	// Replay calls published for every DENM that was published within the given
	// time before now, in their order, and at least for the last one, however old
	// it is; and after that it calls received for every DENM that came as an input
	// within that time and was acknowledged. It may call them for older DENMs too,
	// before the others. What is no DENM is left out. It calls them one after the
	// other, on the goroutine of the caller.
	//
	// After an error it is not known what was left out.
	Replay(ctx context.Context, span time.Duration, published, received func(*DENM)) error
}

// Output is a DENM to publish and the input that caused it.
type Output struct {
	DENM *DENM
	// Input is an index into Batch.Inputs; 0 in a commit without inputs.
	Input int
	// Repetition is 0, or when it was due to publish the DENM once more, as it was
	// published before. There is one only in a commit without inputs.
	Repetition Timestamp
}
