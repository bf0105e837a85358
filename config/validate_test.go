package config

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDefaultIsValid(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	roundTrip(t, Default())
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"password", func(c *Config) { c.Redis.Connection.Password = "hunter2" }, ""},
		{"no-limit", func(c *Config) { c.Redis.Connection.SocketTimeout = 0 }, ""},
		{"no-logging", func(c *Config) { c.Log.Handlers = nil }, ""},
		{
			"cluster-without-nodes", func(c *Config) {
				c.Redis.Connection.Mode = ModeCluster
				c.Redis.Streams.Inputs[0].StreamID, c.Redis.Streams.Outputs[0].StreamID = "{a}in", "{a}out"
				c.Redis.Streams.DeadLetter.StreamID = "{a}dead"
			}, "redis.connection.nodes: is needed: mode is cluster",
		},
		{"delay", func(c *Config) { c.DENMLastUpdateMaxDelay = 0 }, "denmLastUpdateMaxDelay: must be >= 1 but found 0"},
		{"no-inputs", func(c *Config) { c.Redis.Streams.Inputs = nil }, "redis.streams.inputs: must have at least 1 item but is empty"},
		{"empty-field", func(c *Config) { c.Redis.Streams.Inputs[0].Field = "" }, "redis.streams.inputs[0].field: must not be empty"},
		{"negative-ttl", func(c *Config) { c.Redis.Streams.Outputs[0].TTL = -1 }, "redis.streams.outputs[0].ttl: must be >= 1 but found -1"},
		{"no-stream", func(c *Config) { c.Log.Handlers[0].Stream = "" }, `log.handlers[0].stream: must be "stdout" or "stderr" but found ""`},
		{"foreign-field", func(c *Config) { c.Log.Handlers[0].Filename = "f" }, "log.handlers[0].filename: unknown key"},
		{
			"no-type", func(c *Config) { c.Log.Handlers[0] = Handler{} },
			`log.handlers[0].type: must be "LogStreamHandler" or "LogFileHandler" or "LogSizeFileRotateHandler" or "LogTimeFileRotateHandler" or "LogSyslogHandler" or "LogNullHandler" but found ""`,
		},
		{"not-a-number", func(c *Config) { c.Redis.Connection.SocketTimeout = Timeout(math.NaN()) }, "redis.connection.socketTimeout: cannot be written as JSON"},
		{"bad-utf8", func(c *Config) { c.InstanceName = "\xff" }, "instanceName: cannot be written as JSON"},
		{
			"two-passwords", func(c *Config) { c.Redis.Connection.Password, c.Redis.Connection.PasswordFile = "a", "b" },
			"redis.connection.passwordFile: must not be given together with password: it is unclear which one holds",
		},
		{
			"two-problems", func(c *Config) { c.ShutdownTimeout, c.TemplateVersion = 0, "2" },
			"templateVersion: must be \"1\" but found \"2\": no other version can be read; compare the file with the example\nshutdownTimeout: must be >= 1 but found 0",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := Default()
			c.change(&config)
			err := config.Validate()
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatalf("error is %T %v", err, err)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An event of the example is open for up to 21 s.
func TestJournalRate(t *testing.T) {
	cfg, _, err := Parse(Example())
	if err != nil {
		t.Fatal(err)
	}
	for length, want := range map[int64]int64{0: 0, 1: 0, 20: 0, 21: 1, 10_000: 476} {
		cfg.Redis.Streams.Outputs[0].MaxLength = length
		if rate, bounded := cfg.JournalRate(); rate != want || bounded != (length > 0) {
			t.Errorf("a length of %d is enough for %d, %t; want %d", length, rate, bounded, want)
		}
	}
}
