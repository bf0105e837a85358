package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// numbered sets each number of a struct to another value, from first on.
func numbered(stats any, first int) {
	for _, field := range reflect.ValueOf(stats).Elem().Fields() {
		switch {
		case field.CanInt():
			field.SetInt(int64(first))
		case field.CanUint():
			field.SetUint(uint64(first))
		}
		first++
	}
}

// Every number that the parts count is in some metric, and nothing else is: each has a
// value that no other one has.
func TestEveryCounterIsShown(t *testing.T) {
	f := &fake{backlog: []redisio.Backlog{{Stream: "in\"1", Length: 801, Unread: 802, Pending: 803}}}
	numbered(&f.service, 101)
	numbered(&f.redis, 201)
	m := watching(f)
	m.polled.Store(&poll{at: time.Now(), backlog: f.backlog})
	for r := range m.rejected[:lost] {
		m.rejected[r].Store(uint64(701 + r))
	}
	_, text := get(t, m, "/metrics")
	all := values(t, text)
	shown := make(map[float64][]string)
	for name, v := range all {
		shown[v] = append(shown[v], name)
	}
	look := func(v uint64, what string) {
		if n := len(shown[float64(v)]); n != 1 && what != "den.Epoch" {
			t.Errorf("%s is shown %d times: %q", what, n, shown[float64(v)])
		}
	}
	for field, value := range reflect.ValueOf(f.service).Fields() {
		switch field.Name {
		case "Rejected", "Lost": // by reason in den_rejected_total
		case "Active":
			look(uint64(f.service.Active), "den.Active")
		default:
			look(value.Uint(), "den."+field.Name)
		}
	}
	for field, value := range reflect.ValueOf(f.redis).Fields() {
		if !value.CanUint() {
			continue // Owner; see TestReady
		}
		look(value.Uint(), "redisio."+field.Name)
	}
	for _, v := range []uint64{701, 702, 703, 704, 801, 802, 803, 901, 902} {
		look(v, fmt.Sprint(v))
	}
	if all[`den_build_info{version="producer \"1\""}`] != 1 || all[`den_input_entries{stream="in\"1"}`] != 801 {
		t.Errorf("labels are not quoted as they should: %s", text[:300])
	}
	if f.service.Active != 101 || all["den_sequence_numbers_used_ratio"] != 101.0/65536 {
		t.Error("the part of the sequence numbers is wrong")
	}
}

// What the hooks are told is counted.
func TestHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(26 * 365 * 24 * time.Hour) // after 2004
		m := watching(new(fake))
		hooks := m.Hooks()
		now := den.TimestampOf(time.Now())
		hooks.Settled(den.Settled{
			Inputs: []den.Input{{Time: now - 700}, {Time: now - 30}, {Time: now + 5}, {Time: now - 4}},
			Outputs: []den.Output{
				{Input: 0, DENM: detected(now - 300)}, {Input: 1, DENM: detected(now - 40)}, {Input: 1, DENM: detected(now - 40)}, {Input: 2, DENM: detected(now + 9)},
			},
			Duration: 3 * time.Millisecond,
		})
		hooks.Settled(den.Settled{Outputs: []den.Output{{}}, Duration: time.Hour})
		for _, err := range []error{
			&den.FieldError{}, fmt.Errorf("entry: %w", &redisio.Error{Meaning: "no message"}), &redisio.Error{Kind: redisio.ErrMaxDeliveries},
			&redisio.Error{Kind: den.ErrInputLost}, errors.New("disk full"), errors.New("disk full"),
		} {
			hooks.Rejected(nil, err)
		}
		_, text := get(t, m, "/metrics")
		all := values(t, text)
		for name, want := range map[string]float64{
			`den_end_to_end_latency_seconds_bucket{le="0.001"}`: 1, `den_end_to_end_latency_seconds_bucket{le="0.02"}`: 1,
			`den_end_to_end_latency_seconds_bucket{le="0.05"}`: 3, `den_end_to_end_latency_seconds_bucket{le="0.5"}`: 3,
			`den_end_to_end_latency_seconds_bucket{le="1"}`: 4, `den_end_to_end_latency_seconds_bucket{le="+Inf"}`: 4,
			"den_end_to_end_latency_seconds_sum": 0.76, "den_end_to_end_latency_seconds_count": 4,
			`den_batch_inputs_bucket{le="2"}`: 0, `den_batch_inputs_bucket{le="4"}`: 1, "den_batch_inputs_sum": 4,
			`den_commit_duration_seconds_bucket{le="0.005"}`: 1, `den_commit_duration_seconds_bucket{le="10"}`: 1, "den_commit_duration_seconds_count": 2,
			"den_input_lag_seconds":                   0.004,
			`den_rejected_total{reason="invalid"}`:    1,
			`den_rejected_total{reason="no_message"}`: 1,
			`den_rejected_total{reason="deliveries"}`: 1,
			"den_prediction_age_seconds_count":        4, `den_prediction_age_seconds_bucket{le="0.2"}`: 3, `den_prediction_age_seconds_bucket{le="0.5"}`: 4,
			`den_rejected_total{reason="store"}`: 2,
		} {
			if got, there := all[name]; !there || got < want-1e-9 || got > want+1e-9 {
				t.Errorf("%s is %v; want %v", name, got, want)
			}
		}
	})
}

func detected(at den.Timestamp) *den.DENM {
	return &den.DENM{Management: den.Management{DetectionTime: at}}
}

// /readyz follows the server and the lease, and /healthz follows neither.
func TestReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := new(fake)
		m := watching(f)
		var log strings.Builder
		want := func(wantCode int, wantBody string) {
			t.Helper()
			synctest.Wait()
			if code, body := get(t, m, "/readyz"); code != wantCode || strings.TrimSpace(body) != wantBody {
				t.Errorf("got %d %s; want %d %s", code, body, wantCode, wantBody)
			}
			if code, body := get(t, m, "/healthz"); code != 200 || body != "ok\n" {
				t.Errorf("healthz says %d %q", code, body)
			}
			_, text := get(t, m, "/metrics")
			if connected := values(t, text)["den_connected"]; (connected == 1) != (wantCode == 200 || strings.Contains(wantBody, "lapsed")) {
				t.Errorf("den_connected is %v", connected)
			}
			if owner := values(t, text)["den_owner"]; (owner == 1) != f.redis.Owner {
				t.Errorf("den_owner is %v", owner)
			}
		}
		want(503, `{"ready":false,"role":"starting"}`)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { m.Run(ctx, slog.New(slog.NewTextHandler(&log, nil))) })
		want(200, `{"ready":true,"role":"standby"}`)
		f.redis.Epoch, f.redis.Owner = 7, true
		want(200, `{"ready":true,"role":"owner","epoch":7}`)
		f.redis.Owner = false
		want(503, `{"ready":false,"role":"lapsed","epoch":7,"error":"the lease cannot be renewed"}`)
		f.redis.Owner = true
		set := func(edit func()) {
			f.mu.Lock()
			defer f.mu.Unlock()
			edit()
		}
		set(func() { f.err = errors.New("connection refused") })
		time.Sleep(pollInterval)
		want(503, `{"ready":false,"role":"disconnected","error":"connection refused"}`)
		set(func() { f.err = nil })
		time.Sleep(pollInterval)
		want(200, `{"ready":true,"role":"owner","epoch":7}`)
		set(func() { f.hang, f.backlog = true, []redisio.Backlog{{Stream: "in"}} })
		time.Sleep(pollInterval + outdated)
		want(503, `{"ready":false,"role":"disconnected","error":"the server has not answered for 6s"}`)
		if _, text := get(t, m, "/metrics"); strings.Contains(text, "den_input_entries") {
			t.Error("the metrics tell of a stream of which nothing is known")
		}
		cancel()
		running.Wait()
		if n := strings.Count(log.String(), "\n"); n != 2 {
			t.Errorf("the log does not tell of the failure once, and of its end:\n%s", log.String())
		}
	})
}

func TestRecords(t *testing.T) {
	f := new(fake)
	for i := range 3000 {
		f.denms = append(f.denms, &den.DENM{Management: den.Management{
			ActionID: den.ActionID{OriginatingStationID: 3000001, SequenceNumber: uint16(i)}, DetectionTime: den.MinTimestamp, ReferenceTime: den.MinTimestamp,
		}})
	}
	m := watching(f)
	for path, want := range map[string]int{"/debug/denms": 1000, "/debug/denms?limit=1": 1, "/debug/denms?limit=65536": 3000} {
		code, body := get(t, m, path)
		var page struct {
			Active int
			Denms  []json.RawMessage
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil || code != 200 {
			t.Fatalf("%s: %d, %v", path, code, err)
		}
		if page.Active != 3000 || len(page.Denms) != want {
			t.Errorf("%s has %d of %d; want %d of 3000", path, len(page.Denms), page.Active, want)
		}
		if first, err := den.ParseDENM(page.Denms[0]); err != nil || first.Management.ActionID.SequenceNumber != 0 {
			t.Errorf("%s begins with %s (%v)", path, page.Denms[0], err)
		}
	}
	for _, limit := range []string{"0", "-1", "65537", "x", "1e3", "99999999999999999999"} {
		if code, _ := get(t, m, "/debug/denms?limit="+limit); code != 400 {
			t.Errorf("limit=%s gives %d; want 400", limit, code)
		}
	}
	f.denms = nil
	if _, body := get(t, m, "/debug/denms"); body != `{"active":0,"denms":[]}`+"\n" {
		t.Errorf("with no events it is %q", body)
	}
}

func TestPages(t *testing.T) {
	m := watching(new(fake))
	for path, want := range map[string]int{"/": 200, "/x": 404, "/debug/pprof/": 404, "/debug/pprof/heap": 404} {
		if code, _ := get(t, m, path); code != want {
			t.Errorf("%s gives %d; want %d", path, code, want)
		}
	}
	answer := httptest.NewRecorder()
	m.Handler(true).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/debug/pprof/", nil))
	if answer.Code != 200 {
		t.Errorf("the profiles give %d", answer.Code)
	}
	answer = httptest.NewRecorder()
	m.Handler(true).ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/metrics", nil))
	if answer.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST gives %d", answer.Code)
	}
}

// While somebody is given a page that costs something, others are refused it.
func TestOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, resume := make(chan struct{}, 2), make(chan struct{})
		page := oneAtATime()(func(http.ResponseWriter, *http.Request) {
			begun <- struct{}{}
			<-resume
		})
		ask := func() int {
			answer := httptest.NewRecorder()
			page.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
			return answer.Code
		}
		first := make(chan int)
		go func() { first <- ask() }()
		<-begun
		for range 5 {
			if code := ask(); code != 503 {
				t.Errorf("got %d; want 503", code)
			}
		}
		close(resume)
		if code := <-first; code != 200 {
			t.Errorf("the first one got %d; want 200", code)
		}
		if code := ask(); code != 200 {
			t.Errorf("after it somebody got %d; want 200", code)
		}
	})
}

func TestSecondsOfAProfile(t *testing.T) {
	page := lasting(func(http.ResponseWriter, *http.Request) {})
	for seconds, want := range map[string]int{"": 200, "0": 200, "300": 200, "301": 400, "-1": 400, "NaN": 400, "x": 400, "1e9": 400} {
		answer := httptest.NewRecorder()
		page(answer, httptest.NewRequest(http.MethodGet, "/debug/pprof/profile?seconds="+seconds, nil))
		if answer.Code != want {
			t.Errorf("seconds=%s gives %d; want %d", seconds, answer.Code, want)
		}
	}
}

func TestListen(t *testing.T) {
	listener, err := Listen(":0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if !strings.HasPrefix(listener.Addr().String(), "127.0.0.1:") {
		t.Errorf("without a host it listens at %v", listener.Addr())
	}
	if _, err := Listen("9464"); err == nil {
		t.Error("an address without a port is accepted")
	}
}

// The package comment has every metric, with what it means.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	documented := regexp.MustCompile(`(?m)^//\t((?:den|go|process)_\w+)  (\w+)\n//\t\t(.*)$`).FindAllStringSubmatch(string(text), -1)
	var want [][3]string
	for _, row := range table {
		want = append(want, [3]string{row.name, row.kind, row.help})
	}
	for _, h := range histograms {
		want = append(want, [3]string{h.name, "histogram", h.help})
	}
	var got [][3]string
	for _, d := range documented {
		got = append(got, [3]string(d[1:]))
	}
	if !slices.Equal(got, want) {
		t.Errorf("doc.go has\n%q; want\n%q", got, want)
	}
}

func BenchmarkScrape(b *testing.B) {
	f := &fake{backlog: []redisio.Backlog{{Stream: "a"}, {Stream: "b"}}}
	m := watching(f)
	m.polled.Store(&poll{at: time.Now(), backlog: f.backlog})
	b.ReportAllocs()
	for b.Loop() {
		m.metrics()
	}
}

// Only the owner looks at the journal: what another one saw before is of no use.
func TestJournalIsShown(t *testing.T) {
	seen := redisio.Journal{Length: 100, Reach: 1500 * time.Millisecond, Needed: 21 * time.Second, Short: true}
	for owner, want := range map[bool][2]float64{true: {1.5, 1}, false: {0, 0}} {
		_, text := get(t, watching(&fake{redis: redisio.Stats{Owner: owner, Journal: seen}}), "/metrics")
		all := values(t, text)
		if got := [2]float64{all["den_journal_reach_seconds"], all["den_journal_short"]}; got != want {
			t.Errorf("owner %t: got %v, want %v", owner, got, want)
		}
	}
}
