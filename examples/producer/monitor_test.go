//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio/redistest"
)

// page asks a process for a page.
func (p *process) page(t testing.TB, path string) (code int, body string) {
	t.Helper()
	address, _ := p.awaitLogged(t, "serving metrics and health").fields["address"].(string)
	answer, err := http.Get("http://" + address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// role returns what /readyz says, with the status.
func (p *process) role(t testing.TB) string {
	t.Helper()
	code, body := p.page(t, "/readyz")
	var ready struct{ Role string }
	if err := json.Unmarshal([]byte(body), &ready); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(code, " ", ready.Role)
}

// value returns a metric of a process, and no number where there is none yet.
func (p *process) value(t testing.TB, series string) float64 {
	t.Helper()
	_, text := p.page(t, "/metrics")
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name == series {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	return math.NaN()
}

// Two producers say from outside who works, who stands by and who is cut off, and the
// metrics move with what happens to them.
func TestMonitor(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	dir := t.TempDir()
	client := harnessClient(t, server.Addr)
	cfg, path := writeConfig(t, dir, func(cfg *config.Config) {})
	in := cfg.Redis.Streams.Inputs[0].StreamID
	proxy := redistest.StartProxy(t, server.Addr)
	first := start(t, dir, "first", "-config", path, "-redis", proxy.Addr, "-http", "127.0.0.1:0")
	eventually(t, "the first one owns the streams", func() bool { return first.role(t) == "200 owner" })
	second := start(t, dir, "second", "-config", path, "-redis", server.Addr, "-http", ":0", "-pprof")
	eventually(t, "the second one stands by", func() bool { return second.role(t) == "200 standby" })
	if code, _ := second.page(t, "/debug/pprof/cmdline"); code != 200 {
		t.Errorf("the profiles are not there: %d", code)
	}

	send := func(fields ...string) {
		t.Helper()
		command := client.B().Arbitrary("XADD").Keys(in).Args("*").Args(fields...).Build()
		if err := client.Do(t.Context(), command).Error(); err != nil {
			t.Fatal(err)
		}
	}
	array := func(at den.Timestamp) string {
		return string(dentest.Event(dentest.Collisions(at, 1, 2), nil))
	}
	now := dentest.Now()
	send("message", array(now))
	send("message", array(now))
	send("message", array(now-1))
	send("message", array(now.Add(-time.Hour)))
	send("message", array(now.Add(time.Hour)))
	own := &den.DENM{StationID: 9, Management: den.Management{ActionID: den.ActionID{OriginatingStationID: 3000001, SequenceNumber: 77}, Termination: den.Some(den.IsNegation)}}
	send("message", string(dentest.Event(nil, own)))
	send("message", "no JSON")
	send("nothing", "at all", "and", "more")
	moved := func(p *process, series string, want float64) {
		t.Helper()
		eventually(t, fmt.Sprint(series, " is ", want), func() bool { return p.value(t, series) == want })
	}
	for series, want := range map[string]float64{
		`den_inputs_total{kind="collisions"}`: 5, `den_inputs_total{kind="denm"}`: 1,
		`den_denms_made_total{kind="new"}`: 1, `den_denms_made_total{kind="update"}`: 1, `den_denms_made_total{kind="cancellation"}`: 1,
		`den_refused_total{reason="stale"}`: 1, `den_refused_total{reason="too_late"}`: 1, `den_refused_total{reason="future"}`: 1,
		`den_refused_total{reason="unknown_action"}`: 1, `den_rejected_total{reason="invalid"}`: 1, `den_rejected_total{reason="no_message"}`: 1,
		"den_dead_letters_total": 2, "den_entries_read_total": 8, "den_denms_written_total": 3, "den_end_to_end_latency_seconds_count": 2,
		"den_events_active": 0, "den_owner": 1, "den_lease_epoch": 1, "den_connected": 1, `den_input_entries{stream="` + in + `"}`: 8,
		`den_input_pending_entries{stream="` + in + `"}`: 0, `den_input_unread_entries{stream="` + in + `"}`: 0,
	} {
		moved(first, series, want)
	}
	if n := first.value(t, "den_commit_duration_seconds_count"); n < 2 {
		t.Errorf("%v commits were measured", n)
	}
	send("message", array(dentest.Now()))
	moved(first, "den_events_active", 1)
	if code, body := first.page(t, "/debug/denms"); code != 200 || !strings.HasPrefix(body, `{"active":1,"denms":[{"stationId":3000001,`) {
		t.Errorf("the open events are %d %s", code, body)
	}
	moved(first, `den_denms_made_total{kind="cancellation"}`, 2)

	connections := first.value(t, "den_connections_total")
	proxy.Stall() // nothing goes through any more
	eventually(t, "the first one is cut off", func() bool { return first.role(t) == "503 disconnected" })
	eventually(t, "the second one owns the streams", func() bool { return second.role(t) == "200 owner" })
	moved(first, "den_connected", 0)
	moved(second, "den_lease_epoch", 2)
	if code, _ := first.page(t, "/healthz"); code != 200 {
		t.Errorf("the first one is not healthy: %d", code)
	}
	proxy.Cut()
	proxy.Resume()
	eventually(t, "the first one stands by", func() bool { return first.role(t) == "200 standby" })
	eventually(t, "connections are made again", func() bool { return first.value(t, "den_connections_total") > connections })
	if n := second.value(t, "den_lease_acquired_total"); n != 1 {
		t.Errorf("the second one has become the owner %v times", n)
	}

	// A server that answers and refuses to write lets nobody be the owner.
	if _, err := server.Command("CONFIG SET min-replicas-to-write 1"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the second one is the owner no more", func() bool { return second.role(t) == "503 lapsed" })
	if _, err := server.Command("CONFIG SET min-replicas-to-write 0"); err != nil {
		t.Fatal(err)
	}
	var owner *process
	eventually(t, "one of them is the owner", func() bool {
		for _, p := range []*process{first, second} {
			if p.role(t) == "200 owner" {
				owner = p
			}
		}
		return owner != nil
	})
	if second.value(t, "den_read_failures_total") == 0 {
		t.Error("no read has failed")
	}

	if err := client.Do(t.Context(), client.B().Del().Key(in).Build()).Error(); err != nil {
		t.Fatal(err)
	}
	moved(owner, "den_streams_deleted_total", 1)
	eventually(t, "the group is made again", func() bool { return owner.value(t, "den_groups_created_total") >= 1 })
	first.stop(t)
	second.stop(t)
}

// Under full load the page is read by Prometheus's own parser, and what a scrape costs is
// printed.
func TestScrapeUnderLoad(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	dir := t.TempDir()
	client := harnessClient(t, server.Addr)
	cfg, path := writeConfig(t, dir, func(cfg *config.Config) { cfg.Log.Handlers[0].Level = "INFO" })
	p := start(t, dir, "loaded", "-config", path, "-redis", server.Addr, "-http", ":0")
	eventually(t, "it works", func() bool { return p.role(t) == "200 owner" })
	var enough atomic.Bool
	var sending sync.WaitGroup
	sending.Go(func() {
		for !enough.Load() {
			var commands rueidis.Commands
			for i := range 64 {
				array := dentest.Event(dentest.Collisions(dentest.Now(), den.StationID(i), 1000, 1001, 1002), nil)
				commands = append(commands, client.B().Xadd().Key(cfg.Redis.Streams.Inputs[0].StreamID).Maxlen().Almost().Threshold("10000").Id("*").FieldValue().FieldValue("message", string(array)).Build())
			}
			client.DoMulti(t.Context(), commands...)
		}
	})
	t.Cleanup(func() { enough.Store(true); sending.Wait() })
	eventually(t, "there is load", func() bool { return p.value(t, "den_denms_written_total") > 1000 })
	var took []time.Duration
	var text string
	before := p.value(t, "den_denms_written_total")
	began := time.Now()
	for range 200 {
		at := time.Now()
		_, text = p.page(t, "/metrics")
		took = append(took, time.Since(at))
		time.Sleep(10 * time.Millisecond)
	}
	rate := (p.value(t, "den_denms_written_total") - before) / time.Since(began).Seconds()
	slices.Sort(took)
	t.Logf("a scrape at %.0f DENMs a second: median %v, 99th percentile %v, longest %v", rate, took[100], took[197], took[199])
	if rate < 100 {
		t.Errorf("the producer wrote %.0f DENMs a second while it was scraped", rate)
	}
	if _, err := exec.LookPath("promtool"); err == nil { // monitor's own tests tell where it is missing
		command := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
		command.Stdin = strings.NewReader(text)
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("promtool: %v\n%s", err, out)
		}
	}
	enough.Store(true)
	sending.Wait()
	p.stop(t)
}
