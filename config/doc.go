// Package config reads the producer's configuration: one JSON file, checked
// completely before anything is started from it.
//
//	c, warnings, err := config.Load("producer.json")
//
// # What a file must say
//
// templateVersion, instanceName, stationId, and at least one input and one
// output stream, each with streamId and groupId. Every other key has a default,
// given in the comment of its field and in the JSON Schema ([Schema]), which is
// what files are checked against. [Example] is a file to start from.
//
// A key that is absent keeps its default; a key that is present keeps its value,
// zero included: "timeAfterCollision": 0 means no time at all. null is legal only
// where a comment says so.
//
// # Errors
//
// Everything that is wrong with a file is reported at once, in the order of the
// file, as an [*Error]:
//
//	denmLastUpdateMaxDelayy: unknown key; did you mean denmLastUpdateMaxDelay?
//	redis.connection.port: must be <= 65535 but found 70000
//
// A file that is not JSON gives a single problem with line and column. Keys given
// twice, invalid UTF-8 and anything after the first value are refused. So are values
// that are legal alone and wrong together: streams that collide, names without the
// hash tag that a cluster needs, a lease that is too short for the reads, a journal
// that is trimmed too soon, files for TLS that do not go together.
//
// # Warnings
//
// What is accepted and should be changed all the same comes as warnings, of the same
// form: keys under names that other components have for them (consumerGroup for
// groupId, maxLen for maxLength, sslCaFile for sslCaCerts), a short journal, and files
// with secrets that everybody may read. Tell an operator of them once.
//
// # Every key
//
// FIELDS.md, beside this file, has each key with its type, range, default and meaning.
//
// # Units
//
// The type of a field is its unit: [Milliseconds], [Seconds], [Timeout]. All have
// a Duration method; use it rather than multiplying by hand.
//
// # Precedence of the password
//
// The environment variable STEP_REDIS_PASSWORD, if set and not empty; else the
// content of redis.connection.passwordFile; else redis.connection.password. A file
// that gives both of the last two is refused. Only [Load] looks at the environment
// and at files, those for TLS included; [Parse] is a function of its argument alone. A
// [Secret] is never part of an error, a log line or a dump.
//
// # What it does not do
//
// It opens no connection and no log file, so a configuration that
// is accepted may still name a host that does not exist. It does not watch the file
// and never writes one. It reads no other environment variable, expands no
// variables inside values, and follows no "$schema" or other URL.
//
// # Concurrency and ownership
//
// All functions may be called concurrently, and what they return belongs to the
// caller: no two results share memory. A [Config] is a plain value, safe for
// concurrent reading. Assigning one copies its fields, but both copies then refer
// to the same stream and handler lists.
//
// # Compatibility
//
// templateVersion "1" is the only version. Within it keys may be added, always with
// a default that keeps the earlier behaviour; keys are not removed, and their unit
// and meaning do not change. These keys are additions of this producer, unknown to
// other STEP components: denmRepetitionInterval, denmRepetitionDuration, maxClockSkew,
// cancelOnNegation, pairOrder, shutdownTimeout, leaseTime; mode, nodes, passwordFile,
// sslServerName and those that begin with sentinel of redis.connection; startId and field
// of a stream, and format and leapSeconds of an output; redis.streams.deadLetter; and the
// handler LogSyslogHandler. The keys format and dateFormat of a handler are
// choices, not patterns.
package config
