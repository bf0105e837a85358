// Package den is a Decentralized Environmental Notification service: it turns
// predictions of collisions into DENMs (ETSI TS 103 831) and manages their life.
//
// Make a [DenService] with [New], from a [Store] (package denstore has one) and a
// [Publisher]; a [PublisherFunc] is enough. Then either hand it messages with
// [DenService.HandleCollisions] and [DenService.HandleDENM] and call
// [DenService.Cleanup] when it asks for it, or give a [Subscriber] to
// [DenService.Run], which does all of that until its context ends. Package
// redisio has a Publisher and a Subscriber over Redis Streams, package dentest
// has them in memory.
//
// # The life of an event
//
// A collision array of k+1 stations is k pairs: the first station, the
// reference, and each of the others. A pair that is not known yet opens an event
// and gets an action id; a DENM is published. Every further array updates the
// event of the pair, under the same action id and with a newer reference time.
// An event that nobody updated for LastUpdateMaxDelay is cancelled with a last
// DENM; one whose validity has run out by then ends silently. A negation by
// another station ends it too.
//
// Arrays that say nothing new are refused and counted: older than what is known
// ([ErrStale]), about a danger that is over ([ErrTooLate]), or from a clock that
// is wrong ([ErrFuture]). So a backlog that builds up in an outage does not warn
// of what has passed.
//
// An event is cancelled because nobody sent an update, not because none could be
// heard. After a stall of the process, the transport or the connection, Run first
// handles what waited. While nothing can be heard, nothing is cancelled, and events
// end silently with their validity.
//
// # Repetition
//
// A DENM is published once. With RepetitionInterval and RepetitionDuration the latest
// one of each event is published again, unchanged, for receivers that join late, until
// the event ends, its validity is over or the duration is. The next process goes on
// with that.
//
// # Events of other stations
//
// With a [Received] in its configuration the service also takes the DENMs about events of
// other stations, by ETSI's rules, and delivers what is news to Hooks.Delivered.
// [DenService.Negate] tells everybody that such an event is over.
//
// # Seen from outside
//
// [DenService.Stats] counts everything that happens, and never waits. [Hooks] are told of
// it one by one, for metrics and traces. The trace that an event belongs to, in its
// attributes traceparent and tracestate, is that of the DENMs that it causes: a transport
// carries it on.
//
// # Order and delivery
//
// Messages are applied one after the other, and what was applied first is
// published first. Run acknowledges an input only after its DENMs are published:
// in one atomic step where the Publisher is a [Committer], so that each DENM is
// written exactly once; else one after the other, so that a crash in between
// makes a DENM appear a second time, as an update of the same event. A record
// leaves the store only after its cancellation was published. Nothing is given
// up because a transport fails: it is tried again until the context ends. An input
// that the Store keeps failing on is rejected after MaxAttempts, with the reason;
// the DENMs of its other pairs go out.
//
// # After a crash
//
// What was published is the journal. Where the Publisher is a [Replayer], Run reads
// the end of it before it receives anything. An event is open if it was not cancelled,
// its validity lasts, and no negation of it was acknowledged. An open event goes on
// under its action id; if the input that waits holds no update of it, it is cancelled.
// What the crashed process had received and not acknowledged comes again. New events
// get sequence numbers that no receiver knows. So what is published does not tell that
// there was a crash, apart from the time it took.
//
// Not in the journal are negations that came through [DenService.HandleDENM]
// without CancelOnNegation: such an event is open again, and is cancelled if no
// update comes. Where the Publisher is no Replayer, the events of an earlier process
// are not known: a pair that comes again is a new event, under an action id that
// may have been another event's.
//
// # One of several
//
// Where the Publisher is an [Owner], several processes may run on the same streams:
// one works, and the others stand by, until it ends, or until it is stalled or cut
// off for so long that another one takes over. One that wakes up then is fenced:
// it publishes nothing any more, forgets its events and stands by. Direct calls
// are answered with [ErrFenced] meanwhile. Without an Owner, see to it that one
// process works at a time.
//
// # Messages
//
// [ParseEvent] reads what comes from a stream. [Event.AppendJSON] writes what goes
// there, and so does an [Encoder], which takes less time for many.
//
// Reading is strict in form: one JSON value of bounded size and depth, no key twice,
// every number in its range. It is tolerant in content: unknown keys are ignored,
// optional ones may be missing or null, enumerations are read in any usual spelling,
// and of a DENM that ends an event only the action id and the termination must be
// right. An error says the path of the field and what was expected there, see
// [FieldError].
//
// The DENM is ETSI's, in the JSON form of the STEP ecosystem (DenmDataV1), with
// STEP's additions. The envelope is CloudEvents 1.0. The fields of the collision
// array (StationCollisionArrayV1) are this module's own definition: no public
// text defines them.
//
// # Time
//
// [Timestamp] counts the milliseconds of Unix time; its ITS method converts to
// ETSI's TimestampIts, which counts leap seconds. The service reads the clock
// through Config.Now, and [Store] is given the time, so everything runs on a
// fake clock as well as inside testing/synctest.
//
// # Concurrency
//
// All methods of DenService may be called concurrently. New starts nothing; Run
// starts goroutines and has ended them when it returns. Messages are not changed
// once they are made or decoded, and may be shared. While a Publisher works, callers
// wait for their turn, but never longer than their contexts last.
//
// # What it does not do
//
// The package opens no connection and writes no file. It does not forward DENMs
// of other stations. The binary form of the message is the matter of package uper.
// It does not store records: what outlives the process is what was published, and
// only a Publisher that is a Replayer can read it again.
//
// # Compatibility
//
// Until version 1 everything may change. From then on exported names, the JSON
// that is written, and the JSON that is accepted stay within a major version;
// error texts are for people and may change.
package den
