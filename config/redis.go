package config

// Redis is how to reach the server, and which streams to use there.
type Redis struct {
	// Connection is how to reach the server. Every key of it has a default.
	Connection Connection `json:"connection"`

	// Streams are the streams that are read and written. Required.
	Streams Streams `json:"streams"`
}

// Streams are the Redis streams that are read and written.
type Streams struct {
	// Inputs are the streams that are read, 1..16. Required. Messages of any kind
	// may come on any of them.
	Inputs []Input `json:"inputs"`

	// Outputs are the streams that DENMs are written to, 1..16. Required. Each
	// DENM goes to all of them.
	Outputs []Output `json:"outputs"`

	// DeadLetter is the stream for messages that were refused.
	DeadLetter DeadLetter `json:"deadLetter"`
}

// Input is a stream that is read through a consumer group.
type Input struct {
	// StreamID is the key of the stream. Not empty. Required.
	StreamID string `json:"streamId"`

	// GroupID is the consumer group to read through. Not empty. Required.
	GroupID string `json:"groupId"`

	// StartID is where a group that does not exist yet starts: "0" (default), the
	// oldest entry; "$", only new ones; or an entry id such as "1700000000000-0".
	StartID string `json:"startId"`

	// MaxLength is the number of entries that senders trim the stream to; the
	// producer never trims an input. 0..1000000000, default 0: no trimming.
	MaxLength int64 `json:"maxLength"`

	// WaitTimeout is the longest time one read waits for a message; a read in
	// progress cannot be interrupted. 1..1000 ms, default 1000.
	WaitTimeout Milliseconds `json:"waitTimeout"`

	// TTL is the age at which senders trim entries; the producer never trims an
	// input. 1..2147483647 s, default zero (null): never.
	TTL Seconds `json:"ttl,omitzero"`

	// Field is the field in which senders put the message; the producer finds it
	// under other names too. Default "message".
	Field string `json:"field"`
}

// Output is a stream that DENMs are written to.
type Output struct {
	// StreamID is the key of the stream. Not empty. Required.
	StreamID string `json:"streamId"`

	// GroupID is the consumer group of the receivers. Not empty. Required.
	GroupID string `json:"groupId"`

	// MaxLength is the number of entries the stream is trimmed to.
	// 0..1000000000, default 10000; zero is no trimming.
	MaxLength int64 `json:"maxLength"`

	// TTL is the age from which entries are trimmed when something is written.
	// 1..2147483647 s, default zero (null): never. The first output is the journal of
	// open events, for which 12 s, TimeAfterCollision, DENMLastUpdateMaxDelay and
	// MaxClockSkew together are the least.
	TTL Seconds `json:"ttl,omitzero"`

	// Field is the field of an entry that holds the message. Default "message".
	Field string `json:"field"`

	// Format is the form of the messages: [FormatCloudEvents] (default), [FormatUPERR1]
	// or [FormatUPERR2]. An entry in one of the latter has the fields actionId,
	// termination and contentType, too. The first output has the default.
	Format string `json:"format"`

	// LeapSeconds tells whether times in UPER count the leap seconds since 2004, as ETSI
	// defines it. Default true; false is for receivers that leave them out.
	LeapSeconds bool `json:"leapSeconds"`
}

// The values of [Output.Format].
const (
	FormatCloudEvents = "cloudEvents" // JSON, in an envelope
	FormatUPERR1      = "uperR1"      // ETSI EN 302 637-3, release 1
	FormatUPERR2      = "uperR2"      // ETSI TS 103 831, release 2
)

// DeadLetter is the stream for messages that were refused.
type DeadLetter struct {
	// StreamID is the key of the stream. Not empty, default
	// "step_producer_dead_letter".
	StreamID string `json:"streamId"`

	// MaxLength is the number of entries the stream is trimmed to.
	// 0..1000000000, default 10000; zero is no trimming.
	MaxLength int64 `json:"maxLength"`

	// MaxDeliveries is how often a message is delivered at most. One that comes back
	// more often, because the producer ends each time it has it in hand, is put aside
	// here. 1..1000000, default 20.
	MaxDeliveries int `json:"maxDeliveries"`
}

func defaultRedis() Redis {
	in, out := defaultInput(), defaultOutput()
	in.StreamID, in.GroupID = "step_producer", "step_producer_group"
	out.StreamID, out.GroupID = "step_client", "step_client_group"
	return Redis{
		Connection: defaultConnection(),
		Streams: Streams{
			Inputs:     []Input{in},
			Outputs:    []Output{out},
			DeadLetter: DeadLetter{StreamID: "step_producer_dead_letter", MaxLength: 10000, MaxDeliveries: 20},
		},
	}
}

func defaultInput() Input {
	return Input{StartID: "0", WaitTimeout: 1000, Field: "message"}
}

func defaultOutput() Output {
	return Output{MaxLength: 10000, Field: "message", Format: FormatCloudEvents, LeapSeconds: true}
}
