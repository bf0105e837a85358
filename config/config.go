package config

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// TemplateVersion is the version of the file format that this package reads.
const TemplateVersion = "1"

// The values of [Config.PairOrder].
const (
	PairOrderAsSent    = "asSent"    // (A, B) and (B, A) are two records
	PairOrderCanonical = "canonical" // (A, B) and (B, A) are one record
)

// Config is the whole configuration. It is a plain value, safe for concurrent
// reading. The zero value is not valid; start from [Default].
type Config struct {
	// TemplateVersion is the version of the file format: "1". Required.
	TemplateVersion string `json:"templateVersion"`

	// InstanceName names this producer, and is its consumer name in the consumer
	// groups of Redis. 1..255 characters. Required.
	InstanceName string `json:"instanceName"`

	// StationID is the ITS station id under which DENMs are sent.
	// 0..4294967295; zero is an ordinary id. Required.
	StationID uint32 `json:"stationId"`

	// TimeAfterCollision is how long a DENM stays valid after the predicted
	// collision, beside the delay below, which is added too. 0..10 s, default 3;
	// zero is no time at all.
	TimeAfterCollision Seconds `json:"timeAfterCollision"`

	// DENMLastUpdateMaxDelay is how long a DENM may go without an update before it
	// is cancelled. 1..10000 ms, default 1000.
	DENMLastUpdateMaxDelay Milliseconds `json:"denmLastUpdateMaxDelay"`

	// DENMCheckLastUpdateMaxInterval is the longest time between two looks for
	// DENMs to cancel. 1000..60000 ms and not less than the delay above, default 5000.
	DENMCheckLastUpdateMaxInterval Milliseconds `json:"denmCheckLastUpdateMaxInterval"`

	// DENMRepetitionInterval is the time after which the latest DENM of an event is sent
	// again, unchanged, as long as nothing newer was. 0..3600000 ms; zero (default)
	// is never.
	DENMRepetitionInterval Milliseconds `json:"denmRepetitionInterval"`

	// DENMRepetitionDuration is how long a DENM is repeated, and never longer than it is
	// valid. 0..3600000 ms; zero (default) is not at all.
	DENMRepetitionDuration Milliseconds `json:"denmRepetitionDuration"`

	// MaxClockSkew is how far in the future the detection time of a prediction may
	// lie before it is refused. 1..60000 ms, default 5000.
	MaxClockSkew Milliseconds `json:"maxClockSkew"`

	// CancelOnNegation makes the producer send a cancellation of its own when
	// another station negates a DENM. Default false: the record is only removed.
	CancelOnNegation bool `json:"cancelOnNegation"`

	// PairOrder tells whether the order of the two stations of a prediction
	// matters: [PairOrderAsSent] (default) or [PairOrderCanonical].
	PairOrder string `json:"pairOrder"`

	// ReconnectInterval is the time between two attempts to reach Redis.
	// 1..3600 s, default 2.
	ReconnectInterval Seconds `json:"reconnectInterval"`

	// ShutdownTimeout bounds an orderly end. 1..60 s, default 5.
	ShutdownTimeout Seconds `json:"shutdownTimeout"`

	// LeaseTime is how long it takes at most until another producer with the same
	// streams takes over from one that does not answer any more. 0.1..60 s and at
	// least 3 times the shortest WaitTimeout, default 3.
	LeaseTime Timeout `json:"leaseTime"`

	// Redis is the connection and its streams.
	Redis Redis `json:"redis"`

	// Log says what is logged, and where to.
	Log Log `json:"log"`
}

// Default returns a complete, valid configuration: the default of every key that
// has one, and placeholders for those a file must give (instance "step_producer",
// station 0, input stream "step_producer", output stream "step_client").
func Default() Config {
	return Config{
		TemplateVersion:                TemplateVersion,
		InstanceName:                   "step_producer",
		TimeAfterCollision:             3,
		DENMLastUpdateMaxDelay:         1000,
		DENMCheckLastUpdateMaxInterval: 5000,
		MaxClockSkew:                   5000,
		PairOrder:                      PairOrderAsSent,
		ReconnectInterval:              2,
		ShutdownTimeout:                5,
		LeaseTime:                      3,
		Redis:                          defaultRedis(),
		Log:                            Log{Handlers: []Handler{defaultHandler(StreamHandler)}},
	}
}

// JSON returns the configuration as indented JSON with secrets redacted. [Parse]
// reads it back to an equal value, unless a password is set. The error is non-nil
// only for values that JSON cannot express, none of which [Config.Validate] accepts.
func (c Config) JSON() ([]byte, error) {
	return json.Marshal(c, handlerKeys, jsontext.WithIndent("  "))
}
