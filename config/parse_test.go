package config

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// minimal is a file with nothing but what is required.
const minimal = `{
  "templateVersion": "1",
  "instanceName": "producer",
  "stationId": 7,
  "redis": {
    "streams": {
      "inputs": [{"streamId": "in", "groupId": "gi"}],
      "outputs": [{"streamId": "out", "groupId": "go"}]
    }
  }
}`

// edited returns the minimal file with one text in it replaced.
func edited(t testing.TB, old, new string) []byte {
	t.Helper()
	if strings.Count(minimal, old) != 1 {
		t.Fatalf("%q is not exactly once in the minimal file", old)
	}
	return []byte(strings.Replace(minimal, old, new, 1))
}

func mustParse(t testing.TB, data []byte) Config {
	t.Helper()
	c, _, err := Parse(data)
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, data)
	}
	return c
}

func TestParseKeepsDefaults(t *testing.T) {
	want := Default()
	want.InstanceName, want.StationID = "producer", 7
	want.Redis.Streams.Inputs[0].StreamID, want.Redis.Streams.Inputs[0].GroupID = "in", "gi"
	want.Redis.Streams.Outputs[0].StreamID, want.Redis.Streams.Outputs[0].GroupID = "out", "go"
	if diff := cmp.Diff(want, mustParse(t, []byte(minimal))); diff != "" {
		t.Error(diff)
	}
}

func TestParseKeepsExplicitZeros(t *testing.T) {
	c := mustParse(t, edited(t, `"stationId": 7,`, `"stationId": 0, "timeAfterCollision": 0, "log": {"handlers": []},`))
	if c.StationID != 0 || c.TimeAfterCollision != 0 || len(c.Log.Handlers) != 0 {
		t.Errorf("got %+v", c)
	}
	c = mustParse(t, edited(t, `"streams":`, `"connection": {"socketKeepalive": false, "healthCheckInterval": 0, "port": 1}, "streams":`))
	if got := c.Redis.Connection; got.SocketKeepalive || got.HealthCheckInterval != 0 || got.Port != 1 || got.Host != "localhost" {
		t.Errorf("got %+v", got)
	}
	c = mustParse(t, edited(t, `"groupId": "go"`, `"groupId": "go", "maxLength": 0`))
	if got := c.Redis.Streams.Outputs[0]; got.MaxLength != 0 || got.Field != "message" {
		t.Errorf("got %+v", got)
	}
	c = mustParse(t, edited(t, `"redis":`, `"log": {"handlers": [
		{"type": "LogTimeFileRotateHandler", "filename": "f", "backupCount": 0, "utc": false}]}, "redis":`))
	if got := c.Log.Handlers[0]; got.BackupCount != 0 || got.UTC || got.When != "midnight" {
		t.Errorf("got %+v", got)
	}
}

func TestParseNull(t *testing.T) {
	c := mustParse(t, edited(t, `"streams":`, `"connection": {
		"username": null, "password": null, "passwordFile": null, "socketTimeout": null, "socketConnectTimeout": 0.25,
		"sslKeyfile": null, "sslCertfile": null, "sslCaCerts": null, "sslServerName": null, "nodes": null,
		"sentinelMasterSet": null, "sentinelUsername": null, "sentinelPassword": null}, "streams":`))
	want := Default().Redis.Connection
	want.SocketTimeout, want.SocketConnectTimeout = 0, 0.25
	if diff := cmp.Diff(want, c.Redis.Connection); diff != "" {
		t.Error(diff)
	}
}

func TestParseModes(t *testing.T) {
	sentinel := Default().Redis.Connection
	sentinel.Mode, sentinel.Nodes, sentinel.SentinelMasterSet = ModeSentinel, []string{"[::1]:26379", "host:26379"}, "main"
	sentinel.SentinelUsername, sentinel.DB = "u", 3
	cluster := Default().Redis.Connection
	cluster.Mode, cluster.Nodes = ModeCluster, []string{"host:6379"}
	for _, c := range []struct {
		connection string
		want       Connection
	}{
		{`{"mode": "standalone"}`, Default().Redis.Connection},
		{
			`{"mode": "sentinel", "nodes": ["[::1]:26379", "host:26379"], "sentinelMasterSet": "main", "sentinelUsername": "u", "db": 3}`,
			sentinel,
		},
		{`{"mode": "cluster", "nodes": ["host:6379"]}`, cluster},
	} {
		t.Run(c.want.Mode, func(t *testing.T) {
			file := strings.NewReplacer(
				`"streams": {`, `"connection": `+c.connection+`, "streams": {"deadLetter": {"streamId": "{p}dead"},`,
				`"in"`, `"{p}in"`, `"out"`, `"{p}out"`,
			).Replace(minimal)
			config := mustParse(t, []byte(file))
			if diff := cmp.Diff(c.want, config.Redis.Connection); diff != "" {
				t.Error(diff)
			}
			roundTrip(t, config)
		})
	}
}

func TestParseHandlerDefaults(t *testing.T) {
	for _, kind := range handlerTypes {
		t.Run(kind, func(t *testing.T) {
			h := fmt.Sprintf(`{"type": %q}`, kind)
			want := defaultHandler(kind)
			if schemaProperties("/$defs/" + pointer(kind))["filename"] != nil {
				h, want.Filename = fmt.Sprintf(`{"filename": "f", "type": %q}`, kind), "f"
			}
			c := mustParse(t, edited(t, `"redis":`, `"log": {"handlers": [`+h+`]}, "redis":`))
			if diff := cmp.Diff([]Handler{want}, c.Log.Handlers); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseKeepsIntegersExact(t *testing.T) {
	c := mustParse(t, edited(t, `"stationId": 7`, fmt.Sprintf(`"stationId": %d`, uint32(math.MaxUint32))))
	if c.StationID != math.MaxUint32 {
		t.Errorf("stationId = %d", c.StationID)
	}
	c = mustParse(t, edited(t, `"redis":`, `"log": {"handlers": [
		{"type": "LogSizeFileRotateHandler", "filename": "f", "maxBytes": 1099511627775}]}, "redis":`))
	if got := c.Log.Handlers[0].MaxBytes; got != 1099511627775 {
		t.Errorf("maxBytes = %d", got)
	}
}

func TestExample(t *testing.T) {
	c := mustParse(t, Example())
	for _, h := range c.Log.Handlers {
		if h.Type != StreamHandler && h.Type != FileHandler {
			t.Errorf("the example uses a %s", h.Type)
		}
	}
	// The example shows the defaults, so that it can serve as their list.
	want := Default()
	want.InstanceName, want.StationID, want.Log = c.InstanceName, c.StationID, c.Log
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	roundTrip(t, c)
}

// roundTrip checks that what JSON writes is read back to the same value.
func roundTrip(t testing.TB, c Config) {
	t.Helper()
	data, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, mustParse(t, data)); diff != "" {
		t.Error(diff)
	}
	if err := c.Validate(); err != nil {
		t.Errorf("Parse accepts it, Validate does not: %v", err)
	}
}

func TestResultsShareNoMemory(t *testing.T) {
	spoil := func(c Config) {
		c.Redis.Streams.Inputs[0].StreamID = "spoilt"
		c.Redis.Streams.Outputs[0].StreamID = "spoilt"
		c.Log.Handlers[0].Level = "spoilt"
	}
	spoil(Default())
	spoil(mustParse(t, []byte(minimal)))
	clear(Schema())
	clear(Example())
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	if err := mustParse(t, Example()).Validate(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(schemaText, string(Schema())); diff != "" {
		t.Error(diff)
	}
}

func TestDurations(t *testing.T) {
	for _, c := range []struct{ got, want time.Duration }{
		{Milliseconds(1500).Duration(), 1500 * time.Millisecond},
		{Seconds(3).Duration(), 3 * time.Second},
		{Timeout(0.001).Duration(), time.Millisecond},
		{Timeout(0.3).Duration(), 300 * time.Millisecond},
		{Timeout(0).Duration(), 0},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}
