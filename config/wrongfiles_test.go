package config

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each wrong file is the minimal one with one text replaced; want is the whole report.
var wrongFiles = []struct{ name, old, new, want string }{
	// Not JSON.
	{"trailing-comma", `"stationId": 7,`, `"stationId": 7,,`, "invalid character ',' at start of value (line 4, column 18): no comma may stand here, nor before } or ]"},
	{"bare-word", `"producer"`, `hunter2`, "invalid character at start of value (line 3, column 19)"},
	{"bad-escape", `"producer"`, `"\hunter2"`, "invalid escape sequence in string (line 3, column 20)"},
	{"bad-surrogate", `"producer"`, `"\ud800\u0041"`, "invalid surrogate pair in string (line 3, column 20)"},
	{"bad-literal", `"producer"`, `trug`, "invalid character in literal true (expecting 'e') (line 3, column 22)"},
	{"bad-utf8", `"producer"`, "\"\xff\"", "invalid UTF-8 (line 3, column 20)"},
	{"column-counts-characters", `"producer"`, `"žluť" x`, "invalid character after object value (expecting ',' or '}') (line 3, column 26)"},
	{"duplicate-key", `"stationId": 7,`, `"stationId": 7, "stationId": 8,`, `stationId: key is given twice (line 4, column 19)`},
	{"duplicate-nested-key", `"groupId": "gi"`, `"groupId": "gi", "groupId": "x"`, `redis.streams.inputs[0].groupId: key is given twice (line 7, column 54)`},

	// Keys.
	{"unknown-key", `"stationId": 7,`, `"stationId": 7, "denmLastUpdateMaxDelayy": 5,`, "denmLastUpdateMaxDelayy: unknown key; did you mean denmLastUpdateMaxDelay?"},
	{"unknown-key-case", `"stationId": 7,`, `"stationId": 7, "stationid": 5,`, "stationid: unknown key; did you mean stationId?"},
	{"unknown-key-unlike-any", `"stationId": 7,`, `"stationId": 7, "zzz": 5,`, "zzz: unknown key"},
	{"unknown-key-in-connection", `"streams":`, `"connection": {"passwrod": "hunter2"}, "streams":`, "redis.connection.passwrod: unknown key; did you mean password?"},
	{"unknown-key-in-input", `"groupId": "gi"`, `"groupId": "gi", "consumer": "c"`, "redis.streams.inputs[0].consumer: unknown key"},
	{"unknown-key-that-begins-well", `"streams":`, `"connection": {"sentinelMasterName": "m"}, "streams":`, "redis.connection.sentinelMasterName: unknown key; did you mean sentinelMasterSet?"},
	{"wait-timeout-of-output", `"groupId": "go"`, `"groupId": "go", "waitTimeout": 1`, "redis.streams.outputs[0].waitTimeout: unknown key"},
	{"odd-key", `"stationId": 7,`, `"stationId": 7, "a\nb": 5,`, `["a\nb"]: unknown key`},
	{"missing", `"stationId": 7,`, ``, "stationId: missing"},
	{"missing-group", `, "groupId": "gi"`, ``, "redis.streams.inputs[0].groupId: missing"},
	{"empty-objects", `"streams": {`, `"connection": {}, "streams": {}, "stream": {`, "redis.streams.inputs: missing\nredis.streams.outputs: missing\nredis.stream: unknown key; did you mean streams?"},

	// Base values.
	{"template-version", `"templateVersion": "1"`, `"templateVersion": "2"`, `templateVersion: must be "1" but found "2": no other version can be read; compare the file with the example`},
	{"template-version-number", `"templateVersion": "1"`, `"templateVersion": 1`, `templateVersion: must be "1" but found 1: no other version can be read; compare the file with the example`},
	{"empty-name", `"producer"`, `""`, "instanceName: must not be empty"},
	{"long-name", `"producer"`, `"` + strings.Repeat("x", 256) + `"`, "instanceName: must have at most 255 characters but has 256"},
	{"null-name", `"producer"`, `null`, "instanceName: must be string but found null"},
	{"list-name", `"producer"`, `["hunter2"]`, "instanceName: must be string but found array"},
	{"boolean-name", `"producer"`, `true`, "instanceName: must be string but found boolean"},
	{"station-negative", `"stationId": 7`, `"stationId": -1`, "stationId: must be >= 0 but found -1"},
	{"station-large", `"stationId": 7`, `"stationId": 4294967296`, "stationId: must be <= 4294967295 but found 4294967296"},
	{"station-huge", `"stationId": 7`, `"stationId": 1e400`, "stationId: must be <= 4294967295 but found 1e400"},
	{"station-huge-negative", `"stationId": 7`, `"stationId": -1e99999999999`, "stationId: must be >= 0 but found -1e99999999999"},
	{"station-fraction", `"stationId": 7`, `"stationId": 7.5`, "stationId: must be integer but found 7.5"},
	{"station-as-float", `"stationId": 7`, `"stationId": 7.0`, "stationId: must be integer but found 7.0"},
	{"station-exponent", `"stationId": 7`, `"stationId": 1e3`, "stationId: must be integer but found 1e3"},
	{"station-tiny", `"stationId": 7`, `"stationId": 1e-400`, "stationId: must be integer but found 1e-400"},
	{"station-minus-zero", `"stationId": 7`, `"stationId": -0`, "stationId: must be integer but found -0"},
	{"station-rounded", `"stationId": 7`, `"stationId": 6.99999999999999999999`, "stationId: must be integer but found 6.99999999999999999999"},
	{"station-string", `"stationId": 7`, `"stationId": "7"`, "stationId: must be integer but found string"},
	{"after-collision", `"stationId": 7`, `"stationId": 7, "timeAfterCollision": 11`, "timeAfterCollision: must be <= 10 but found 11"},
	{"delay-zero", `"stationId": 7`, `"stationId": 7, "denmLastUpdateMaxDelay": 0`, "denmLastUpdateMaxDelay: must be >= 1 but found 0"},
	{"check-interval", `"stationId": 7`, `"stationId": 7, "denmCheckLastUpdateMaxInterval": 999`, "denmCheckLastUpdateMaxInterval: must be >= 1000 but found 999"},
	{
		"check-interval-below-delay", `"stationId": 7`, `"stationId": 7, "denmLastUpdateMaxDelay": 6000`,
		"denmCheckLastUpdateMaxInterval: must not be less than denmLastUpdateMaxDelay, which is 6000, but found 5000: nothing is due sooner",
	},
	{"clock-skew", `"stationId": 7`, `"stationId": 7, "maxClockSkew": 60001`, "maxClockSkew: must be <= 60000 but found 60001"},
	{"negation", `"stationId": 7`, `"stationId": 7, "cancelOnNegation": "yes"`, "cancelOnNegation: must be boolean but found string"},
	{"pair-order", `"stationId": 7`, `"stationId": 7, "pairOrder": "sorted"`, `pairOrder: must be "asSent" or "canonical" but found "sorted"`},
	{"reconnect", `"stationId": 7`, `"stationId": 7, "reconnectInterval": 0`, "reconnectInterval: must be >= 1 but found 0"},
	{"shutdown", `"stationId": 7`, `"stationId": 7, "shutdownTimeout": 61`, "shutdownTimeout: must be <= 60 but found 61"},
	{"lease-short", `"stationId": 7`, `"stationId": 7, "leaseTime": 0.09`, "leaseTime: must be >= 0.1 but found 0.09"},
	{"lease-long", `"stationId": 7`, `"stationId": 7, "leaseTime": 61`, "leaseTime: must be <= 60 but found 61"},
	{
		"lease-and-wait", `"stationId": 7`, `"stationId": 7, "leaseTime": 2.9`,
		"leaseTime: must be at least 3 times the shortest waitTimeout of the inputs, which is 1000 ms, but found 2.9 s: a read of a producer that is gone must be over when another one takes over",
	},
	{"lease-null", `"stationId": 7`, `"stationId": 7, "leaseTime": null`, "leaseTime: must be number but found null"},
	{"schema-number", `"stationId": 7`, `"stationId": 7, "$schema": 1`, "$schema: must be string but found number"},

	// Connection.
	{"port", `"streams":`, `"connection": {"port": 70000}, "streams":`, "redis.connection.port: must be <= 65535 but found 70000"},
	{"port-zero", `"streams":`, `"connection": {"port": 0}, "streams":`, "redis.connection.port: must be >= 1 but found 0"},
	{
		"host-url", `"streams":`, `"connection": {"host": "redis://:hunter2@host"}, "streams":`,
		"redis.connection.host: must be the name or the address of a host, without a port, and no URL, but found one with the character '/'",
	},
	{"host-port", `"streams":`, `"connection": {"host": "localhost:6379"}, "streams":`, `redis.connection.host: must be the name or the address of a host, without a port, and no URL, but found "localhost:6379"`},
	{"server-name-without-tls", `"streams":`, `"connection": {"sslServerName": "h"}, "streams":`, "redis.connection.sslServerName: needs ssl true"},
	{"syslog-port", `"redis":`, `"log": {"handlers": [{"type": "LogSyslogHandler", "network": "udp", "address": "127.0.0.1"}]}, "redis":`, `log.handlers[0].address: must be host:port, with a port from 1 to 65535, but found "127.0.0.1"`},
	{
		"same-log-file", `"redis":`, `"log": {"handlers": [{"type": "LogFileHandler", "filename": "a.log"}, {"type": "LogFileHandler", "filename": "./a.log"}]}, "redis":`,
		`log.handlers[1].filename: "./a.log" is also the file of handlers[0]: they would overwrite each other`,
	},
	{
		"backup-of-another-file", `"redis":`, `"log": {"handlers": [{"type": "LogFileHandler", "filename": "a.log.1"}, {"type": "LogSizeFileRotateHandler", "filename": "a.log"}]}, "redis":`,
		`log.handlers[0].filename: "a.log.1" is the name of an old file of handlers[1]`,
	},
	{"host-brackets", `"streams":`, `"connection": {"host": "[::1]"}, "streams":`, `redis.connection.host: must be the name or the address of a host, without a port, and no URL, but found "[::1]"`},
	{"connection-null", `"streams":`, `"connection": null, "streams":`, "redis.connection: must be object but found null"},
	{"timeout-zero", `"streams":`, `"connection": {"socketTimeout": 0}, "streams":`, "redis.connection.socketTimeout: must be >= 0.001 but found 0"},
	{"timeout-string", `"streams":`, `"connection": {"socketTimeout": "5"}, "streams":`, `redis.connection.socketTimeout: must be number or null but found string`},
	{"password-number", `"streams":`, `"connection": {"password": 424242}, "streams":`, `redis.connection.password: must be string or null but found number`},
	{"password-twice", `"streams":`, `"connection": {"password": "hunter2", "passwordFile": "f"}, "streams":`, "redis.connection.passwordFile: must not be given together with password: it is unclear which one holds"},
	{"password-of-dump", `"streams":`, `"connection": {"password": "[redacted]"}, "streams":`, "redis.connection.password: is what a dump shows in place of the password, not a password"},
	{"key-alone", `"streams":`, `"connection": {"ssl": true, "sslKeyfile": "k"}, "streams":`, "redis.connection.sslKeyfile: needs sslCertfile: a key is of no use without its certificate"},
	{"certificate-alone", `"streams":`, `"connection": {"ssl": true, "sslCertfile": "c"}, "streams":`, "redis.connection.sslCertfile: needs sslKeyfile: a certificate is of no use without its key"},
	{"tls-files-without-tls", `"streams":`, `"connection": {"sslCaCerts": "ca"}, "streams":`, "redis.connection.ssl: must be true where files for TLS are given: without it nothing is encrypted"},
	{"certificate-check", `"streams":`, `"connection": {"sslCertReqs": "maybe"}, "streams":`, `redis.connection.sslCertReqs: must be "none" or "optional" or "required" but found "maybe"`},

	// Sentinels and clusters.
	{"mode", `"streams":`, `"connection": {"mode": "clustre"}, "streams":`, `redis.connection.mode: must be "standalone" or "sentinel" or "cluster" but found "clustre"`},
	{
		"sentinel-nothing", `"streams":`, `"connection": {"mode": "sentinel"}, "streams":`,
		"redis.connection.nodes: is needed: mode is sentinel\nredis.connection.sentinelMasterSet: is needed: mode is sentinel",
	},
	{
		"sentinel-null", `"streams":`, `"connection": {"mode": "sentinel", "nodes": null, "sentinelMasterSet": null}, "streams":`,
		"redis.connection.nodes: is needed: mode is sentinel\nredis.connection.sentinelMasterSet: is needed: mode is sentinel",
	},
	{
		"sentinel-nodes", `"streams":`, `"connection": {"mode": "sentinel", "sentinelMasterSet": "m",
			"nodes": ["redis://:hunter2@host", "host", "host:0", "host:65536", ":1", "[::1]:1", "host:1"]}, "streams":`,
		"redis.connection.nodes[0]: must be host:port, with a port from 1 to 65535, but found one with the character '/'\n" +
			`redis.connection.nodes[1]: must be host:port, with a port from 1 to 65535, but found "host"` + "\n" +
			`redis.connection.nodes[2]: must be host:port, with a port from 1 to 65535, but found "host:0"` + "\n" +
			`redis.connection.nodes[3]: must be host:port, with a port from 1 to 65535, but found "host:65536"` + "\n" +
			`redis.connection.nodes[4]: must be host:port, with a port from 1 to 65535, but found ":1"`,
	},
	{"nodes-empty", `"streams":`, `"connection": {"mode": "sentinel", "sentinelMasterSet": "m", "nodes": []}, "streams":`, "redis.connection.nodes: must have at least 1 item but is empty"},
	{"node-number", `"streams":`, `"connection": {"mode": "sentinel", "sentinelMasterSet": "m", "nodes": [1]}, "streams":`, "redis.connection.nodes[0]: must be string but found number"},
	{"nodes-without-mode", `"streams":`, `"connection": {"nodes": ["host:1"]}, "streams":`, `redis.connection.nodes: needs mode sentinel or cluster but mode is "standalone"`},
	{
		"sentinel-without-mode", `"streams":`, `"connection": {"sentinelMasterSet": "m", "sentinelUsername": "u", "sentinelPassword": "hunter2"}, "streams":`,
		`redis.connection.sentinelMasterSet: needs mode sentinel but mode is "standalone"` + "\n" +
			`redis.connection.sentinelUsername: needs mode sentinel but mode is "standalone"` + "\n" +
			`redis.connection.sentinelPassword: needs mode sentinel but mode is "standalone"`,
	},
	{
		"sentinel-password-of-dump", `"streams":`, `"connection": {"mode": "sentinel", "nodes": ["h:1"], "sentinelMasterSet": "m", "sentinelPassword": "[redacted]"}, "streams":`,
		"redis.connection.sentinelPassword: is what a dump shows in place of the password, not a password",
	},
	{
		"cluster", `"streams":`, `"connection": {"mode": "cluster", "db": 1}, "streams":`,
		"redis.connection.nodes: is needed: mode is cluster\nredis.connection.db: must be 0 but found 1: a cluster has no other database\n" +
			"redis.streams.deadLetter.streamId: needs a hash tag in a cluster, the same as the others, such as \"{producer}step_producer_dead_letter\"\n" +
			"redis.streams.inputs[0].streamId: needs a hash tag in a cluster, the same as the others, such as \"{producer}in\"\n" +
			"redis.streams.outputs[0].streamId: needs a hash tag in a cluster, the same as the others, such as \"{producer}out\"",
	},
	{
		"cluster-tags", `"streams": {
      "inputs": [{"streamId": "in"`, `"connection": {"mode": "cluster", "nodes": ["h:1"]}, "streams": {
      "deadLetter": {"streamId": "{}{a}dead"}, "inputs": [{"streamId": "{b}other", "groupId": "g"}, {"streamId": "in{a}{b}"`,
		"redis.streams.deadLetter.streamId: needs a hash tag in a cluster, the same as the others, such as \"{producer}{}{a}dead\"\n" +
			"redis.streams.inputs[1].streamId: must have the same hash tag in a cluster as redis.streams.inputs[0].streamId, \"{b}\", but has \"{a}\"\n" +
			"redis.streams.outputs[0].streamId: needs a hash tag in a cluster, the same as the others, such as \"{producer}out\"",
	},

	// Streams.
	{"no-inputs", `[{"streamId": "in", "groupId": "gi"}]`, `[]`, "redis.streams.inputs: must have at least 1 item but is empty"},
	{
		"many-outputs", `{"streamId": "out", "groupId": "go"}`, strings.Repeat("1,", 16) + "1",
		"redis.streams.outputs: must have at most 16 items but has 17\n" + numbered("redis.streams.outputs[#]: must be object but found number", 17),
	},
	{"start-id", `"groupId": "gi"`, `"groupId": "gi", "startId": "now"`, `redis.streams.inputs[0].startId: must be 0, $ or an entry id such as 1700000000000-0 but found "now"`},
	{"start-id-large", `"groupId": "gi"`, `"groupId": "gi", "startId": "18446744073709551616-0"`, `redis.streams.inputs[0].startId: must not be greater than 18446744073709551615-18446744073709551615 but found "18446744073709551616-0"`},
	{"start-id-large-number", `"groupId": "gi"`, `"groupId": "gi", "startId": "1-99999999999999999999"`, `redis.streams.inputs[0].startId: must not be greater than 18446744073709551615-18446744073709551615 but found "1-99999999999999999999"`},
	{"wait-long", `"groupId": "gi"`, `"groupId": "gi", "waitTimeout": 1001`, "redis.streams.inputs[0].waitTimeout: must be <= 1000 but found 1001"},
	{"ttl-zero", `"groupId": "go"`, `"groupId": "go", "ttl": 0`, "redis.streams.outputs[0].ttl: must be >= 1 but found 0"},
	{
		"ttl-of-the-journal", `"groupId": "go"`, `"groupId": "go", "ttl": 20`,
		"redis.streams.outputs[0].ttl: must be null or at least 21 but found 20: the first output is the journal from which the next producer learns which events are open, and one can be as old as that",
	},
	{
		"format-of-the-journal", `"groupId": "go"`, `"groupId": "go", "format": "uperR2"`,
		`redis.streams.outputs[0].format: must be "cloudEvents" but found "uperR2": the first output is the journal, in JSON`,
	},
	{
		"field-of-the-format", `{"streamId": "out", "groupId": "go"}`, `{"streamId": "out", "groupId": "go"}, {"streamId": "x", "groupId": "go", "format": "uperR1", "field": "actionId"}`,
		`redis.streams.outputs[1].field: must not be "actionId" in the format uperR1: the entry has another field of that name`,
	},
	{"format", `"groupId": "go"`, `"groupId": "go", "format": "xer"`, `redis.streams.outputs[0].format: must be "cloudEvents" or "uperR1" or "uperR2" but found "xer"`},
	{
		"alias-twice", `"groupId": "go"`, `"groupId": "go", "consumerGroup": "x", "maxLength": 2000, "maxLen": 1`,
		"redis.streams.outputs[0].consumerGroup: is another name of groupId, which is given too\n" +
			"redis.streams.outputs[0].maxLen: is another name of maxLength, which is given too",
	},
	{"alias-value", `"groupId": "go"`, `"groupId": "go", "maxLen": -1`, "redis.streams.outputs[0].maxLen: must be >= 0 but found -1"},
	{"alias-elsewhere", `"streams":`, `"connection": {"maxLen": 1}, "streams":`, "redis.connection.maxLen: unknown key"},
	{"alias-in-escapes", `"groupId": "go"`, `"groupId": "go", "max\u004cen": 1`, "redis.streams.outputs[0].maxLen: unknown key"},
	{"alias-of-no-object", `{"streamId": "out", "groupId": "go"}`, `1, ["maxLen"]`, "redis.streams.outputs[0]: must be object but found number\nredis.streams.outputs[1]: must be object but found array"},
	{"input-twice", `"groupId": "gi"}`, `"groupId": "gi"}, {"streamId": "in", "groupId": "g2"}`, `redis.streams.inputs[1].streamId: "in" is also inputs[0]: each message would be read twice`},
	{"output-twice", `"groupId": "go"}`, `"groupId": "go"}, {"streamId": "out", "groupId": "g2"}`, `redis.streams.outputs[1].streamId: "out" is also outputs[0]: each DENM would be written twice`},
	{"loop", `"streamId": "out"`, `"streamId": "in"`, `redis.streams.outputs[0].streamId: "in" is also inputs[0]: the producer would read its own DENMs`},
	{"deliveries", `"inputs":`, `"deadLetter": {"maxDeliveries": 0}, "inputs":`, "redis.streams.deadLetter.maxDeliveries: must be >= 1 but found 0"},
	{"deliveries-many", `"inputs":`, `"deadLetter": {"maxDeliveries": 1000001}, "inputs":`, "redis.streams.deadLetter.maxDeliveries: must be <= 1000000 but found 1000001"},
	{"dead-letter-loop", `"inputs":`, `"deadLetter": {"streamId": "in"}, "inputs":`, `redis.streams.deadLetter.streamId: "in" is also inputs[0]: a refused message would be read again without end`},
	{"dead-letter-out", `"inputs":`, `"deadLetter": {"streamId": "out"}, "inputs":`, `redis.streams.deadLetter.streamId: "out" is also outputs[0]: receivers would get refused messages`},
	{"dead-letter-default", `"streamId": "in"`, `"streamId": "step_producer_dead_letter"`, `redis.streams.deadLetter.streamId: "step_producer_dead_letter" is also inputs[0]: a refused message would be read again without end`},

	// Log.
	{"handler-no-type", `"redis":`, `"log": {"handlers": [{"level": "INFO"}]}, "redis":`, "log.handlers[0].type: missing"},
	{
		"handler-type", `"redis":`, `"log": {"handlers": [{"type": "X"}]}, "redis":`,
		`log.handlers[0].type: must be "LogStreamHandler" or "LogFileHandler" or "LogSizeFileRotateHandler" or "LogTimeFileRotateHandler" or "LogSyslogHandler" or "LogNullHandler" but found "X"`,
	},
	{
		"handler-level", `"redis":`, `"log": {"handlers": [{"type": "LogNullHandler", "level": "info"}]}, "redis":`,
		`log.handlers[0].level: must be "DEBUG" or "INFO" or "WARNING" or "ERROR" or "CRITICAL" but found "info"`,
	},
	{"handler-foreign-key", `"redis":`, `"log": {"handlers": [{"type": "LogStreamHandler", "filename": "f"}]}, "redis":`, "log.handlers[0].filename: unknown key"},
	{"handler-no-file", `"redis":`, `"log": {"handlers": [{"type": "LogFileHandler"}]}, "redis":`, "log.handlers[0].filename: missing"},
	{"handler-encoding", `"redis":`, `"log": {"handlers": [{"type": "LogFileHandler", "filename": "f", "encoding": "latin-1"}]}, "redis":`, `log.handlers[0].encoding: must be "utf-8" but found "latin-1"`},
	{
		"handler-size", `"redis":`, `"log": {"handlers": [{"type": "LogSizeFileRotateHandler", "filename": "f", "maxBytes": 0, "backupCount": 0}]}, "redis":`,
		"log.handlers[0].maxBytes: must be >= 1 but found 0\nlog.handlers[0].backupCount: must be >= 1 but found 0",
	},
	{
		"handler-when", `"redis":`, `"log": {"handlers": [{"type": "LogTimeFileRotateHandler", "filename": "f", "when": "W7"}]}, "redis":`,
		`log.handlers[0].when: must be "S" or "M" or "H" or "D" or "W0" or "W1" or "W2" or "W3" or "W4" or "W5" or "W6" or "midnight" but found "W7"`,
	},
	{
		"handler-same-file", `"redis":`, `"log": {"handlers": [{"type": "LogFileHandler", "filename": "f"}, {"type": "LogFileHandler", "filename": "f"}]}, "redis":`,
		`log.handlers[1].filename: "f" is also the file of handlers[0]: they would overwrite each other`,
	},
	{"syslog-no-address", `"redis":`, `"log": {"handlers": [{"type": "LogSyslogHandler", "network": "udp"}]}, "redis":`, "log.handlers[0].address: is needed: network is udp"},
	{"syslog-no-network", `"redis":`, `"log": {"handlers": [{"type": "LogSyslogHandler", "address": "h:514"}]}, "redis":`, "log.handlers[0].network: is needed: without it address is not used"},

	{"handler-tag", `"redis":`, `"log": {"handlers": [{"type": "LogSyslogHandler", "tag": "a b"}]}, "redis":`, `log.handlers[0].tag: must be ASCII characters without spaces, colons and square brackets but found "a b"`},

	// Many at once, in the order of the file, a missing key where its object begins.
	{
		"many", `"stationId": 7,`, `"log": {"handlers": [{"type": "LogNullHandler", "levle": "INFO"}]}, "timeAfterCollision": -1, "zzz": 0,`,
		"stationId: missing\nlog.handlers[0].levle: unknown key; did you mean level?\ntimeAfterCollision: must be >= 0 but found -1\nzzz: unknown key",
	},
	{
		"schema-and-conflict", `"streamId": "out"`, `"maxLength": -5, "streamId": "in"`,
		"redis.streams.outputs[0].maxLength: must be >= 0 but found -5\n" +
			`redis.streams.outputs[0].streamId: "in" is also inputs[0]: the producer would read its own DENMs`,
	},
	{"mode-null", `"streams":`, `"connection": {"mode": null, "nodes": ["a:1"]}, "streams":`, `redis.connection.mode: must be "standalone" or "sentinel" or "cluster" but found null`},
	{
		"mode-case", `"streams":`, `"connection": {"mode": "Sentinel", "nodes": ["a:1"], "sentinelMasterSet": "m", "db": 3}, "streams":`,
		`redis.connection.mode: must be "standalone" or "sentinel" or "cluster" but found "Sentinel"`,
	},
	{"mode-url", `"streams":`, `"connection": {"mode": "redis://u:hunter2@h"}, "streams":`, `redis.connection.mode: must be "standalone" or "sentinel" or "cluster" but found a URL`},
	{"ssl-null", `"streams":`, `"connection": {"ssl": null, "sslCaCerts": "ca", "sslServerName": "h"}, "streams":`, "redis.connection.ssl: must be boolean but found null"},
	{
		"node-with-password", `"streams":`, `"connection": {"mode": "cluster", "nodes": ["default:hunter2:h:1", "default:hunter2%40h:1", 5, "b"]}, "streams": `,
		"redis.connection.nodes[0]: must be host:port, with a port from 1 to 65535, but found one with several colons\n" +
			"redis.connection.nodes[1]: must be host:port, with a port from 1 to 65535, but found one with the character '%'\n" +
			"redis.connection.nodes[2]: must be string but found number\n" +
			`redis.connection.nodes[3]: must be host:port, with a port from 1 to 65535, but found "b"` + "\n" +
			`redis.streams.deadLetter.streamId: needs a hash tag in a cluster, the same as the others, such as "{producer}step_producer_dead_letter"` + "\n" +
			`redis.streams.inputs[0].streamId: needs a hash tag in a cluster, the same as the others, such as "{producer}in"` + "\n" +
			`redis.streams.outputs[0].streamId: needs a hash tag in a cluster, the same as the others, such as "{producer}out"`,
	},
	{
		"backup-count-negative", `"redis":`, `"log": {"handlers": [{"type": "LogSizeFileRotateHandler", "filename": "f", "backupCount": -1}, {"type": "LogFileHandler", "filename": "f.4000000000"}]}, "redis":`,
		"log.handlers[0].backupCount: must be >= 1 but found -1",
	},
	{
		"keys-of-the-producer", `"streamId": "out"`, `"streamId": "in:gi:lease"`,
		`redis.streams.outputs[0].streamId: "in:gi:lease" is the name of a key that the producer keeps of inputs[0]`,
	},
	{
		"tokens-of-the-producer", `"inputs":`, `"deadLetter": {"streamId": "out:commits"}, "inputs":`,
		`redis.streams.deadLetter.streamId: "out:commits" is the name of a key that the producer keeps of the first output`,
	},
	{"single-quotes", `"producer"`, `'producer'`, `invalid character '\'' at start of value (line 3, column 19): texts stand in double quotes`},
	{"comment", `"stationId": 7,`, `"stationId": 7, // ours`, `invalid character '/' at start of value (line 4, column 19): JSON has no comments`},
	{ // what is wrong beside a value that cannot be read, unless it may be due to that
		"type-and-conflicts", `"stationId": 7,`, `"stationId": "7", "leaseTime": 1, "denmLastUpdateMaxDelay": "5000", "log": {"handlers": [
			{"type": "LogFileHandler", "filename": 5}, {"type": "LogSyslogHandler", "network": "udp"}]},`,
		"stationId: must be integer but found string\n" +
			"leaseTime: must be at least 3 times the shortest waitTimeout of the inputs, which is 1000 ms, but found 1 s: a read of a producer that is gone must be over when another one takes over\n" +
			"denmLastUpdateMaxDelay: must be integer but found string\n" +
			"log.handlers[0].filename: must be string but found number\n" +
			"log.handlers[1].address: is needed: network is udp",
	},
	{
		"type-in-connection", `"streams": {`, `"connection": {"mode": 5, "nodes": ["h:1"], "sslCaCerts": "ca"}, "streams": {"deadLetter": {"streamId": "in"},`,
		"redis.connection.ssl: must be true where files for TLS are given: without it nothing is encrypted\n" +
			`redis.connection.mode: must be "standalone" or "sentinel" or "cluster" but found 5` + "\n" +
			`redis.streams.deadLetter.streamId: "in" is also inputs[0]: a refused message would be read again without end`,
	},
	{
		"type-of-stream", `{"streamId": "in", "groupId": "gi"}`, `{"streamId": "out", "groupId": "gi"}, {"streamId": 1, "groupId": "gi"}, 5`,
		"redis.streams.inputs[1].streamId: must be string but found number\nredis.streams.inputs[2]: must be object but found number\n" +
			`redis.streams.outputs[0].streamId: "out" is also inputs[0]: the producer would read its own DENMs`,
	},
	{
		"type-beside-streams", `"groupId": "gi"}`, `"groupId": "gi", "maxLength": "1"}, {"streamId": "out", "groupId": "gi"}`,
		"redis.streams.inputs[0].maxLength: must be integer but found string\n" +
			`redis.streams.outputs[0].streamId: "out" is also inputs[1]: the producer would read its own DENMs`,
	},
}

func numbered(line string, n int) string {
	var lines []string
	for i := range n {
		lines = append(lines, strings.Replace(line, "#", strconv.Itoa(i), 1))
	}
	return strings.Join(lines, "\n")
}

func TestWrongFiles(t *testing.T) {
	for _, c := range wrongFiles {
		t.Run(c.name, func(t *testing.T) {
			checkReport(t, edited(t, c.old, c.new), c.want)
		})
	}
}

func checkReport(t *testing.T, data []byte, want string) {
	t.Helper()
	c, _, err := Parse(data)
	e, ok := errors.AsType[*Error](err)
	if !ok || len(e.Problems) == 0 {
		t.Fatalf("error is %T %v, want an *Error with problems", err, err)
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
	if !cmp.Equal(c, Config{}) {
		t.Error("a configuration is returned together with the error")
	}
	if strings.Contains(err.Error(), "unter2") {
		t.Error("the error cites the text of the file")
	}
}

func TestWrongTexts(t *testing.T) {
	deep := strings.Repeat(`{"a":`, maxDepth)
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "the file ends too early (line 1, column 1)"},
		{"cut", "{\n\"a\"", "the file ends too early (line 2, column 4)"},
		{"two-values", "{}\n{}", "there is more after the end of the JSON value (line 2, column 1)"},
		{"garbage-behind", "{}\n@", "invalid character at start of value (line 2, column 1)"},
		{"byte-order-mark", "\ufeff{}", "the file begins with a byte order mark; save it without one"},
		{"array", "[]", "must be object but found array"},
		{"null", "null", "must be object but found null"},
		{"nothing", "{}", "templateVersion: missing\ninstanceName: missing\nstationId: missing\nredis: missing"},
		{"deepest", deep + "1" + strings.Repeat("}", maxDepth), "templateVersion: missing\ninstanceName: missing\nstationId: missing\nredis: missing\na: unknown key"},
		{"too-deep", deep + "[]", "nested deeper than 32 levels (line 1, column 161)"},
		{"too-large", strings.Repeat(" ", maxBytes+1), "the file is larger than 1048576 bytes"},
		{"long-key", `{"` + strings.Repeat("k", 1000) + `": 1}`, "templateVersion: missing\ninstanceName: missing\nstationId: missing\nredis: missing\n[\"" + strings.Repeat("k", 64) + "…\"]: unknown key"},
	} {
		t.Run(c.name, func(t *testing.T) { checkReport(t, []byte(c.data), c.want) })
	}
}
