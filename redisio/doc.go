// Package redisio is the transport of package den over Redis Streams.
//
// A [Client] knows a server and the streams on it. Its [Subscriber] reads the
// input streams through their consumer groups, its [Publisher] writes DENMs to
// the output streams, and one script on the server joins the two: it publishes
// the outputs of a batch and acknowledges the inputs they were made from, in one
// step. Give both to a [den.DenService] and call its Run.
//
// # Delivery
//
// An input is acknowledged in the same step in which its DENMs are written, and
// in no other way. A crash before that step leaves the input pending, and it is
// delivered again to the next client of the same Name; after it, nothing is left
// to do. So an input can be delivered twice, but its DENMs are in the output
// stream once.
//
// A commit whose reply was lost has happened or not, and nobody can tell.
// Therefore it may be repeated as often as one likes: the script writes only what
// belongs to inputs that are still pending. DENMs that no input caused, such as
// cancellations, are known by their action id and reference time, and repetitions by
// the time they were due, too; the server remembers the last 10000 of them. A batch
// with more than 256 DENMs or 256 KiB takes several calls of the script; each of them
// settles some of the inputs wholly. Where the line is fast, up to three are sent before
// the first one is answered, but none is done before the ones ahead of it: where one
// fails, the server refuses those behind it.
//
// This holds for the process and its connections, which may fail at any time,
// and for a server that crashes and comes back with its data. It cannot be better
// than the server's own persistence: what a failover or a power cut takes from
// the server is gone. A server that has forgotten what it delivered delivers it again;
// predictions that others have overtaken since are stale then, and get no DENM. With
// appendfsync always it forgets nothing in a crash.
//
// # Ownership
//
// Of several processes with the same first input and group one works, and the
// others stand by; start a second one with the same configuration, and the same
// Name, to have it take over. [Publisher.Own] does this, and DenService.Run calls
// it. The owner has a lease, which it renews all the time. A process that ends in
// good order gives it up, and the next one takes over at once; from one that is
// gone, stalled or cut off it takes over within LeaseTime.
//
// A stalled process can wake up and still believe that it is the owner, and what
// it sent can arrive as late as it likes. Therefore every call of the commit
// script names the ownership in which it was made, and the server refuses it with
// [den.ErrFenced] when another one has begun. No clock decides that. A client that
// never was the owner may write while there is none.
//
// An outage of the server ends no ownership by itself: if nobody took over
// meanwhile, the owner goes on. If the server has lost its data, the owner puts
// itself on record again, and those that stood by let it, for the time of a lease.
//
// # The journal
//
// The first output stream is the journal: [Publisher.Replay] reads from it, and
// from the acknowledged inputs, what the next process has to know to go on with
// the events that are open, under their action ids. So it must be trimmed no
// shorter than an event is valid after its last update: give MaxAge and MaxLength
// room for all DENMs of that time. A journal that is trimmed shorter is logged, by the
// owner within a second and by the next one when it replays, and stands in [Stats], where
// the server, of version 7.0 or newer, can tell.
//
// # Order
//
// The entries of one input stream are delivered in the order of their ids, and
// DENMs are written in the order in which they are committed. After the start,
// after a failed read and after a Release, the Subscriber first delivers again what
// was delivered to it and is not acknowledged, without what a batch in hand still
// holds, and only then what is new. What was taken by a read that came through late,
// such as that of an owner who was cut off, is noticed by the next read and delivered
// before what that one got, or within a second should the server not say so. Two input
// streams have no order between them. Read each group by one consumer only: two would
// share its entries, and their order would be lost. What was delivered under another Name
// waits for that; a warning, inputs wait under another name, says how much it is. Start once
// under that name to have it handled, or hand it over:
//
//	XAUTOCLAIM <stream> <group> <our name> 0 0-0 COUNT 1000
//
// # Streams and entries
//
// The keys of the streams are those of [Options]. More keys are written: a
// sorted set, named for the first output with ":commits" behind it, in which the
// server remembers DENMs without inputs; two strings, named for the first
// input and its group with ":lease" and ":owner" behind them, which say who owns
// the streams; and for each input a hash, named for it and its group with ":ledger"
// behind them, which says how many entries were settled and where the group stands.
// The value of the strings is a number that counts the owners, a random
// token, and the name, host and process of the owner.
//
// An entry that is written has one field, "message" unless Options say otherwise,
// with a CloudEvent 1.0 in JSON. Streams, groups and the envelope are standard;
// that the message is one field, and its name, is a choice of this module. An output
// with an [Encoding], which the first one cannot have, has the same messages in another
// form, in entries with the fields actionId, termination, contentType and message.
//
// A DENM that an input caused carries the traceparent and tracestate of the input's
// event.
//
// Reading is tolerant, because senders chose differently. Of an entry with one
// field its value is the message, whatever the name. An entry with the fields
// data and type or specversion is a CloudEvent with a field for each attribute,
// the data being JSON. Of any other entry the message is the first field of
// these: message, event, cloudevent, payload, data, json, value. What a message
// may be is said at [den.ParseEvent].
//
// # Groups
//
// Missing groups and streams are created before the first read or commit. The
// group of an input begins at its StartID, the group of an output at the
// beginning. A group that is lost, because somebody destroyed it, deleted the
// stream or emptied the server, is created again: that of an input behind the last
// entry before which all were settled, so that few inputs come twice and none is
// missed, whether somebody worked when it was lost or not. Where that is not known,
// or the stream is another one now, it begins at the beginning of the stream. A commit that
// was under way for the group before is refused, since what is not pending in a new one need
// not be done; if the new one has not delivered the inputs yet, the commit then writes nothing,
// and they come again. With [den.Config].CancelOnNegation, a negation that comes again finds
// that its event is over, so the DENM that would have cancelled it is missing. It does not
// matter which client creates the group: each does then what follows from it for what it has
// in hand. The groups are looked after once a second, those of the outputs too.
//
// # Dead letters
//
// An input that is no message does not hold up the others. It is acknowledged
// like them, and goes to the dead-letter stream in the same step. So does one that
// the service rejects, and one that was delivered more than MaxDeliveries times,
// because each process that had it in hand has died. After three such deaths, or fewer
// where MaxDeliveries is small, an input is delivered alone, so that no innocent one is
// put aside with it. A delivery does not count if the process ended in good order and
// gave the input back. The entry of a dead letter has the fields
//
//	reason      what is wrong with it
//	stream, id  where it came from
//	time        when it was put aside
//	original.*  the fields of the original entry, each behind this prefix
//
// Where the original has more than 64 fields, originalFields holds their names
// and values as one JSON array instead. About 1 MiB of an entry is kept. When the
// cause is mended, look at the letter, put the value of original.message into a
// file, send that, and delete the letter:
//
//	redis-cli --raw XRANGE <dead letters> - + COUNT 1
//	redis-cli -x XADD <stream> '*' message < message.json
//	redis-cli XDEL <dead letters> <id of the letter>
//
// Where the sender gave the field another name, or several fields, they stand behind
// "original." one by one; what the message was is said above under Streams and entries.
// Without --raw a terminal shows the message with escapes that are not part of it.
// A prediction whose time is over changes nothing when it comes again, which only
// the counters and the debug log tell: give it a new detectionTime, or leave it.
//
// With no dead-letter stream, such inputs are dropped. The service counts them in
// either case. An entry that was trimmed from its stream while it was pending is
// no dead letter, since nothing is left of it: it is reported with
// [den.ErrInputLost] and acknowledged.
//
// # Trimming
//
// Output streams are trimmed when something is written to them, to about
// MaxLength entries and to entries younger than MaxAge. The server trims whole
// nodes of up to 100 entries, so some more remain. Trimming does not ask whether
// an entry was read. Inputs are never trimmed here: that is for their senders,
// who should leave more than the longest outage they want to survive.
//
// # Lost inputs
//
// An input that was trimmed before it was read is lost, and so is one that was in
// hand or waited when its stream was deleted. Each loss is logged as an error,
// "input lost", with the stream, the ids between which the entries lay and their
// number, and counted in [Stats]; once, by whoever works then, also when it happened
// while nobody did. So is what somebody else takes away from us, because then nobody
// has answered it: by moving or creating the group by hand, by deleting the consumer, or
// by acknowledging what is not his. For this the server must be of version 7 or
// newer, which counts what was added to a stream; of an older one nothing is said,
// rather than something wrong.
//
// Who deletes entries by their ids before they are read makes the cause uncertain; then
// it is a warning. Of a stream that was deleted we know how much had waited in it when we
// last looked, within a second before, and what is in hand then is answered all the same.
// What was sent after that look nobody can count: each deletion of a stream is an error
// in the log of its own, with the id behind which more may be lost, and counted as
// [Stats].StreamsDeleted. So it is when somebody else has created the stream and its group
// again before we could; what was in hand then is lost, too. A group that is older than
// its ledger is watched from when it has caught up with its stream.
//
// # Failures
//
// Every call is bounded, also when a server hangs: a read by Block and Timeout, a
// commit by Timeout. Only an entry of which something arrives all the time is waited
// for longer, so that a large one comes through over a slow line. Connections are
// made when they are needed, so a server may be started late and restarted at any
// time; who calls again after an error gets on. DenService.Run does so by itself.
//
// What a server refuses for a time is tried again, too, and the error says what it means:
// it loads its data, cannot save it, or has no room for more (what inputs cause is
// written even then, and only DENMs without inputs have to wait); it is a replica, or
// lacks replicas; somebody's script keeps it busy; a part of the cluster is missing. So
// are certificates that are wrong, because they are renewed while we run. Errors that
// wrap [den.ErrPermanent] are the exception: wrong credentials, missing rights, a key
// that holds something other than a stream, a server of the wrong kind or version.
// Someone has to mend those. Each of these errors is an [*Error], and logs as a group.
//
// A read is not cancelled before Block is over and 250 ms more, because entries that
// the server hands out at that moment would be stranded. What is stranded even so is
// found again within a second, by this client or the next of its name.
//
// # Several servers
//
// With Sentinel the client follows the master: when it is lost, as soon as the
// sentinels have made another one, and when it hangs, Timeout after that at the
// latest. The new master has what was replicated to it. What it does not have comes
// again, as far as the inputs are there: it is as if it had not been handled. To
// lose nothing that was acknowledged, set min-replicas-to-write, and have two
// replicas, or the one that is lost stops everything.
//
// In a cluster all streams need the same hash tag, such as {north} in
// "{north}collisions", because a commit writes to all of them in one step; they lie
// on one node then. When it is lost, the client goes on with the replica that takes
// over, or with the node when it is back. Several producers with different tags
// share the cluster.
//
// # Rights on the server
//
// With an ACL the client needs the keys named above and these commands:
// XREADGROUP, XACK, XADD, XPENDING, XCLAIM, XTRIM, XRANGE, XREVRANGE, XGROUP CREATE,
// XINFO GROUPS and XINFO STREAM for the streams; ZSCORE, ZREVRANGE, ZADD and
// ZREMRANGEBYRANK for the key of commits; GET, SET and DEL for the ownership; HGET,
// HMGET, HSET, HINCRBY and DEL for the ledgers; and
// EVAL, EVALSHA, TYPE, TIME, PING, and SELECT where DB is not 0. A server of
// version 6.2 or newer is expected.
//
// With Sentinel it needs ROLE, too, and of the sentinels SENTINEL SENTINELS, SENTINEL
// GET-MASTER-ADDR-BY-NAME, SUBSCRIBE to all channels, UNSUBSCRIBE and PING; in a
// cluster CLUSTER SLOTS, or from version 8 on CLUSTER SHARDS.
//
// # Concurrency
//
// All methods of Client and Publisher may be called concurrently; only calls that
// follow each other keep their order. Receive must be called from one goroutine at
// a time, while batches may be settled from others. Goroutines belong to
// connections, and end with them; in a cluster some of them sleep for up to 5 s
// before they do.
//
// # What it does not do
//
// Processes whose first inputs differ do not know of each other: they share no
// work, and nothing keeps two of them apart that write to the same outputs. Streams
// are not spread over the nodes of a cluster. Records of the service are not kept
// beside the journal: what was trimmed from it cannot be recovered.
//
// # Compatibility
//
// Until version 1 everything may change. From then on exported names, the layout
// of entries that are written and the layouts that are read stay within a major
// version; the texts of errors, reasons and log lines, and the keys of commits and
// ownership, are not part of the promise.
package redisio
