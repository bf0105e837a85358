package den_test

import (
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

func TestConfigErrors(t *testing.T) {
	for _, row := range []struct {
		name string
		edit func(*den.Config)
		want string
	}{
		{"no_store", func(c *den.Config) { c.Store = nil }, "den: Config.Store is missing"},
		{"no_publisher", func(c *den.Config) { c.Publisher = nil }, "den: Config.Publisher is missing"},
		{
			"negative_time_after", func(c *den.Config) { c.TimeAfterCollision = -1 },
			"den: Config.TimeAfterCollision must be 0s..10s but is -1ns",
		},
		{
			"long_time_after", func(c *den.Config) { c.TimeAfterCollision = 10*time.Second + 1 },
			"den: Config.TimeAfterCollision must be 0s..10s but is 10.000000001s",
		},
		{
			"short_delay", func(c *den.Config) { c.LastUpdateMaxDelay = time.Microsecond },
			"den: Config.LastUpdateMaxDelay must be 1ms..10s but is 1µs",
		},
		{
			"long_delay", func(c *den.Config) { c.LastUpdateMaxDelay = 11 * time.Second },
			"den: Config.LastUpdateMaxDelay must be 1ms..10s but is 11s",
		},
		{
			"short_interval", func(c *den.Config) { c.CheckMaxInterval = time.Millisecond },
			"den: Config.CheckMaxInterval must be 1s..1m0s but is 1ms",
		},
		{
			"long_interval", func(c *den.Config) { c.CheckMaxInterval = time.Hour },
			"den: Config.CheckMaxInterval must be 1s..1m0s but is 1h0m0s",
		},
		{
			"skew", func(c *den.Config) { c.MaxClockSkew = -time.Second },
			"den: Config.MaxClockSkew must be 1ms..1m0s but is -1s",
		},
		{
			"retry", func(c *den.Config) { c.RetryInterval = 2 * time.Hour },
			"den: Config.RetryInterval must be 1ms..1h0m0s but is 2h0m0s",
		},
		{
			"shutdown", func(c *den.Config) { c.ShutdownTimeout = -1 },
			"den: Config.ShutdownTimeout must be 1ms..1h0m0s but is -1ns",
		},
		{"small_batch", func(c *den.Config) { c.BatchSize = -1 }, "den: Config.BatchSize must be 1..1024 but is -1"},
		{"large_batch", func(c *den.Config) { c.BatchSize = 1025 }, "den: Config.BatchSize must be 1..1024 but is 1025"},
		{"no_attempts", func(c *den.Config) { c.MaxAttempts = -1 }, "den: Config.MaxAttempts must be 1..100 but is -1"},
		{"many_attempts", func(c *den.Config) { c.MaxAttempts = 101 }, "den: Config.MaxAttempts must be 1..100 but is 101"},
		{
			"template", func(c *den.Config) {
				c.Template = den.DefaultTemplate()
				c.Template.TransmissionInterval = den.Some[uint16](0)
			},
			"den: Config.Template.TransmissionInterval: must be a whole number 1..10000 but is 0",
		},
		{
			"all_at_once", func(c *den.Config) { *c = den.Config{BatchSize: 2000, MaxClockSkew: -1} },
			"den: Config.Store is missing\n" +
				"den: Config.Publisher is missing\n" +
				"den: Config.MaxClockSkew must be 1ms..1m0s but is -1ns\n" +
				"den: Config.BatchSize must be 1..1024 but is 2000",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			cfg := den.Config{Store: denstore.New(denstore.AsSent), Publisher: new(dentest.Publisher)}
			row.edit(&cfg)
			service, err := den.New(cfg)
			if err == nil || service != nil {
				t.Fatalf("New returned %v and the error %v; want an error alone", service, err)
			}
			if err.Error() != row.want {
				t.Errorf("the error is\n%s\nwant\n%s", err, row.want)
			}
		})
	}
}

// The ends of the ranges are legal, and station 0 is a station like any other.
func TestConfigLimits(t *testing.T) {
	base := den.Config{Store: denstore.New(denstore.AsSent), Publisher: new(dentest.Publisher)}
	least, most := base, base
	least.LastUpdateMaxDelay, least.CheckMaxInterval, least.MaxClockSkew = time.Millisecond, time.Second, time.Millisecond
	least.RetryInterval, least.ShutdownTimeout, least.BatchSize = time.Millisecond, time.Millisecond, 1
	least.MaxAttempts, most.MaxAttempts = 1, 100
	most.StationID = 4294967295
	most.TimeAfterCollision, most.LastUpdateMaxDelay = 10*time.Second, 10*time.Second
	most.CheckMaxInterval, most.MaxClockSkew = time.Minute, time.Minute
	most.RetryInterval, most.ShutdownTimeout, most.BatchSize = time.Hour, time.Hour, 1024
	for _, cfg := range []den.Config{base, least, most} {
		before := cfg
		if _, err := den.New(cfg); err != nil {
			t.Errorf("%+v: %v", cfg, err)
		}
		if cfg.BatchSize != before.BatchSize || cfg.Template != before.Template {
			t.Error("New has written into the caller's Config")
		}
	}
}

// What the documentation of Config calls the defaults.
func TestConfigDefaults(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		r.collide(1001, 1002)
		m := r.last().Management
		if m.AwarenessDistance != den.Some[uint32](199) || m.StationType != den.TypeRoadSideUnit ||
			m.TransmissionInterval != den.Some[uint16](1000) || m.TrafficDirection != den.Some(den.AllTrafficDirections) ||
			r.last().Situation.Value.EventType != den.CauseCollisionRisk {
			t.Errorf("the DENM does not say what DefaultTemplate does: %+v", m)
		}
	})
}

// An embedder can say something else of the sender.
func TestConfigTemplate(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, func(c *den.Config) {
			c.Template = den.DefaultTemplate()
			c.Template.AwarenessDistance = den.Some[uint32](500)
			c.TimeAfterCollision = 3 * time.Second
			c.LastUpdateMaxDelay = 2 * time.Second
		})
		r.collide(1001, 1002)
		if got := r.last().Management.AwarenessDistance; got != den.Some[uint32](500) {
			t.Errorf("awareness distance %v; want 500", got)
		}
		// 2.4 s to the collision, 3 s after it and 2 s without updates, in whole seconds.
		if got := r.last().Management.ValidityDuration; got != den.Some[uint32](8) {
			t.Errorf("valid for %v s; want 8", got)
		}
	})
}
