package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/logging"
)

// Whatever a configuration says, it is refused with what is wrong with it, or a
// producer can be made from it.
func TestWhatIsValidCanBeWired(t *testing.T) {
	dir := t.TempDir()
	valid := 0
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawConfig(t, dir)
		if cfg.Validate() != nil {
			return
		}
		valid++
		text, err := cfg.JSON()
		if err != nil {
			t.Fatal(err)
		}
		server, err := chooseServer(cfg, "")
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		p, err := wire(options{}, cfg, server, den.Hooks{}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		p.client.Close()
		levels := make([]slog.LevelVar, len(cfg.Log.Handlers))
		setLevels(levels, cfg.Log)
		log, err := logging.New(loggingOptions(cfg, levels, io.Discard, io.Discard))
		if errors.As(err, new(*fs.PathError)) {
			return // the file system knows no such name
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !strings.Contains(string(text), config.SyslogHandler) { // which is not everywhere
			log.Logger().Info("hello")
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
	})
	if valid < 5 {
		t.Errorf("only %d configurations were valid", valid)
	}
}

// drawConfig changes some values of a configuration, now and then to ones that are
// not legal.
func drawConfig(t *rapid.T, dir string) config.Config {
	cfg := config.Default()
	some := func(name string, change func()) {
		if rapid.IntRange(0, 9).Draw(t, "change "+name) == 0 {
			change()
		}
	}
	number := func(least, most int64) int64 {
		at := rapid.SampledFrom([]int64{least, least, most, most, least - 1, most + 1, (least + most) / 2})
		return at.Draw(t, "number")
	}
	text := rapid.OneOf(
		rapid.SampledFrom([]string{"a", "", " ", "{a}b", "{a}c", "x{a}", "{", "}{", "{}", "a:1", "[::1]:6379", "é\n\x00", "\xff", "*", "-", "$", "0"}),
		rapid.String(), rapid.StringN(200, 600, -1),
	)
	timeout := func() config.Timeout {
		return config.Timeout(rapid.SampledFrom([]float64{0, 0.001, 0.0001, 1, 3600, 3601, -1, math.NaN(), math.Inf(1)}).Draw(t, "timeout"))
	}
	some("instanceName", func() { cfg.InstanceName = text.Draw(t, "instanceName") })
	some("stationId", func() { cfg.StationID = rapid.Uint32().Draw(t, "stationId") })
	some("timeAfterCollision", func() { cfg.TimeAfterCollision = config.Seconds(number(0, 10)) })
	some("delay", func() { cfg.DENMLastUpdateMaxDelay = config.Milliseconds(number(1, 10000)) })
	some("interval", func() { cfg.DENMCheckLastUpdateMaxInterval = config.Milliseconds(number(1000, 60000)) })
	some("skew", func() { cfg.MaxClockSkew = config.Milliseconds(number(1, 60000)) })
	some("repetition", func() {
		cfg.DENMRepetitionInterval, cfg.DENMRepetitionDuration = config.Milliseconds(number(0, 3_600_000)), config.Milliseconds(number(0, 3_600_000))
	})
	some("order", func() {
		cfg.PairOrder = rapid.SampledFrom([]string{config.PairOrderCanonical, "x", ""}).Draw(t, "order")
	})
	some("reconnect", func() { cfg.ReconnectInterval = config.Seconds(number(1, 3600)) })
	some("shutdown", func() { cfg.ShutdownTimeout = config.Seconds(number(1, 60)) })
	some("lease", func() {
		cfg.LeaseTime = config.Timeout(rapid.SampledFrom([]float64{0.1, 0.3, 3, 60, 0.0999, 60.1}).Draw(t, "lease"))
		cfg.Redis.Streams.Inputs[0].WaitTimeout = config.Milliseconds(number(1, 1000))
	})
	drawConnection(t, &cfg, some, number, text, timeout)
	drawStreams(t, &cfg.Redis.Streams, some, number, text)
	some("handlers", func() {
		cfg.Log.Handlers = nil
		for i := range rapid.IntRange(0, 3).Draw(t, "handlers") {
			h := drawHandler(t, text)
			if h.Filename != "" {
				h.Filename = filepath.Join(dir, fmt.Sprint(i))
			}
			some("filename", func() {
				if h.Filename == "" {
					return
				}
				h.Filename = filepath.Join(dir, "log "+strings.ReplaceAll(text.Draw(t, "filename"), "/", "_"))
			})
			cfg.Log.Handlers = append(cfg.Log.Handlers, h)
		}
	})
	return cfg
}

// drawHandler makes a handler of some kind.
func drawHandler(t *rapid.T, text *rapid.Generator[string]) config.Handler {
	h := config.Handler{Level: "DEBUG", Format: "json", DateFormat: rapid.SampledFrom([]string{"rfc3339", "unix"}).Draw(t, "dateFormat")}
	whens := []string{"S", "M", "H", "D", "midnight", "W0", "W6", "W7"}
	switch rapid.IntRange(0, 4).Draw(t, "handler") {
	case 0:
		h.Type, h.Filename, h.Mode, h.Encoding = config.FileHandler, "f", "w", "utf-8"
	case 1:
		h.Type, h.Filename, h.Encoding = config.SizeFileRotateHandler, "f", "utf-8"
		h.MaxBytes, h.BackupCount = rapid.Int64Range(0, 1000).Draw(t, "maxBytes"), rapid.IntRange(0, 3).Draw(t, "backups")
	case 2:
		h.Type, h.Filename, h.Encoding = config.TimeFileRotateHandler, "f", "utf-8"
		h.When, h.Interval = rapid.SampledFrom(whens).Draw(t, "when"), rapid.IntRange(0, 3).Draw(t, "interval")
		h.BackupCount, h.UTC = rapid.IntRange(-1, 3).Draw(t, "backups"), rapid.Bool().Draw(t, "utc")
	case 3:
		h.Type, h.Facility = config.SyslogHandler, rapid.SampledFrom([]string{"user", "local7", "x"}).Draw(t, "facility")
		h.Tag = text.Draw(t, "tag")
		h.Network = rapid.SampledFrom([]string{"", "udp", "tcp", "unixgram", "x"}).Draw(t, "network")
		if h.Network != "" {
			h.Address = rapid.SampledFrom([]string{"127.0.0.1:9", "", "x"}).Draw(t, "address")
		}
	case 4:
		h.Type = config.NullHandler
	}
	return h
}

func drawConnection(t *rapid.T, cfg *config.Config, some func(string, func()), number func(least, most int64) int64, text *rapid.Generator[string], timeout func() config.Timeout) {
	c := &cfg.Redis.Connection
	some("host", func() { c.Host = text.Draw(t, "host") })
	some("port", func() { c.Port = int(number(0, 65535)) })
	some("db", func() { c.DB = int(number(0, math.MaxInt32)) })
	some("username", func() { c.Username = text.Draw(t, "username") })
	some("password", func() { c.Password = config.Secret(text.Draw(t, "password")) })
	some("socketTimeout", func() { c.SocketTimeout = timeout() })
	some("connectTimeout", func() { c.SocketConnectTimeout = timeout() })
	some("keepalive", func() { c.SocketKeepalive = false })
	some("health", func() { c.HealthCheckInterval = config.Seconds(number(0, 3600)) })
	some("connections", func() { c.MaxConnections = int(number(1, 10000)) })
	some("ssl", func() {
		c.SSL = true
		c.SSLCertReqs = rapid.SampledFrom([]string{"none", "optional", "required"}).Draw(t, "certReqs")
		c.SSLCheckHostname = rapid.Bool().Draw(t, "checkHostname")
		c.SSLServerName = text.Draw(t, "serverName")
	})
	some("mode", func() {
		c.Mode = rapid.SampledFrom([]string{config.ModeSentinel, config.ModeCluster}).Draw(t, "mode")
		c.Nodes = rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]string{"host:1", "[::1]:2"}), text), 0, 3).Draw(t, "nodes")
		streams := &cfg.Redis.Streams
		streams.Inputs[0].StreamID, streams.Outputs[0].StreamID, streams.DeadLetter.StreamID = "{p}in", "{p}out", "{p}dead"
		if c.Mode == config.ModeSentinel {
			c.SentinelMasterSet = text.Draw(t, "masterSet")
			c.SentinelUsername, c.SentinelPassword = text.Draw(t, "user"), config.Secret(text.Draw(t, "secret"))
		}
	})
}

func drawStreams(t *rapid.T, s *config.Streams, some func(string, func()), number func(least, most int64) int64, text *rapid.Generator[string]) {
	some("more inputs", func() { s.Inputs = append(s.Inputs, s.Inputs[0], s.Inputs[0]) })
	some("more outputs", func() { s.Outputs = append(s.Outputs, s.Outputs[0]) })
	for i := range s.Inputs {
		in := &s.Inputs[i]
		in.StreamID += strings.Repeat("x", i)
		some("stream", func() { in.StreamID = text.Draw(t, "stream") })
		some("group", func() { in.GroupID = text.Draw(t, "group") })
		some("startId", func() {
			in.StartID = rapid.SampledFrom([]string{"0", "$", "1-1", "99999999999999999999-99999999999999999999", "18446744073709551616-0", "x"}).Draw(t, "startId")
		})
		some("wait", func() { in.WaitTimeout = config.Milliseconds(number(1, 1000)) })
		some("field", func() { in.Field = text.Draw(t, "field") })
	}
	for i := range s.Outputs {
		out := &s.Outputs[i]
		out.StreamID += strings.Repeat("x", i)
		some("stream", func() { out.StreamID = text.Draw(t, "stream") })
		some("group", func() { out.GroupID = text.Draw(t, "group") })
		some("length", func() { out.MaxLength = number(0, 1_000_000_000) })
		some("ttl", func() { out.TTL = config.Seconds(number(1, math.MaxInt32)) })
		some("field", func() { out.Field = text.Draw(t, "field") })
		some("format", func() {
			out.Format = rapid.SampledFrom([]string{"cloudEvents", "uperR1", "uperR2", "x"}).Draw(t, "format")
		})
		some("encoded field", func() { out.Field = rapid.SampledFrom([]string{"actionId", "contentType"}).Draw(t, "encoded field") })
	}
	some("dead stream", func() { s.DeadLetter.StreamID = text.Draw(t, "dead stream") })
	some("dead length", func() { s.DeadLetter.MaxLength = number(0, 1_000_000_000) })
	some("deliveries", func() { s.DeadLetter.MaxDeliveries = int(number(1, 1_000_000)) })
}
