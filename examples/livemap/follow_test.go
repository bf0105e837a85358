package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio/redistest"
)

// producing writes DENMs to a stream, as a producer does.
type producing struct {
	t      *testing.T
	client rueidis.Client
}

const streamName = "step_client"

func produceTo(t *testing.T, server *redistest.Server) *producing {
	t.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{server.Addr}, DisableCache: true, ForceSingleClient: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &producing{t, client}
}

// write writes a DENM under an id, which may be "*". A server that comes again needs a
// while.
func (p *producing) write(id string, d *den.DENM) {
	p.t.Helper()
	event := den.Event{Source: "test", DENM: d}
	p.add(id, "message", string(event.AppendJSON(nil)))
}

func (p *producing) add(id, field, value string) {
	p.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		err := p.client.Do(p.t.Context(), p.client.B().Xadd().Key(streamName).Id(id).FieldValue().FieldValue(field, value).Build()).Error()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// follow follows the stream for the time of the test, and returns a hub that gets what
// comes.
func follow(t *testing.T, server *redistest.Server, log *slog.Logger) *hub {
	t.Helper()
	h := newHub(quiet)
	f := &follower{address: server.Addr, stream: streamName, hub: h, log: log}
	ctx, cancel := context.WithCancel(context.Background())
	var part sync.WaitGroup
	part.Go(func() {
		if err := f.run(ctx); err != nil {
			t.Errorf("follow: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		part.Wait()
	})
	return h
}

// awaitHub waits until it is as it should be with the hub.
func awaitHub(t *testing.T, h *hub, what string, holds func(h *hub) bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		h.mu.Lock()
		ok, active := holds(h), len(h.board.active)
		h.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it never came to: %s; %d events are active", what, active)
		}
	}
}

func active(n int) func(*hub) bool { return func(h *hub) bool { return len(h.board.active) == n } }
func connected(h *hub) bool        { return h.connected }
func disconnected(h *hub) bool     { return !h.connected }

var quiet = slog.New(slog.DiscardHandler)

func TestFollow(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	p := produceTo(t, server)
	h := follow(t, server, quiet)
	awaitHub(t, h, "connected to a server with no stream", connected)
	page := join(t, h, "")
	p.write("*", someEvent(1).denm(time.Now()))
	awaitHub(t, h, "one event", active(1))
	p.write("*", someEvent(1).denm(time.Now()))
	p.write("*", someEvent(1).denm(time.Now()).Cancellation(den.TimestampOf(time.Now())))
	awaitHub(t, h, "no event", active(0))
	if got, want := kinds(t, parse(t, drained(page))), "snapshot of 0, new, update, cancel"; got != want {
		t.Errorf("the page got %s, want %s", got, want)
	}
}

// It knows at once what was active before it came, and only that.
func TestReadBack(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	p := produceTo(t, server)
	now := time.Now()
	at := func(age time.Duration) string { return entryID{ms: uint64(now.Add(-age).UnixMilli())}.String() }
	long := someEvent(1).denm(now.Add(-50 * time.Second))
	long.Management.ValidityDuration = den.Some[uint32](600)
	p.write(at(3*time.Hour), someEvent(2).denm(now.Add(-3*time.Hour)))
	p.write(at(50*time.Second), long)
	p.write(at(20*time.Second), someEvent(3).denm(now.Add(-20*time.Second))) // was valid for 8 s
	for i := range 2*pageSize + 10 {
		e := someEvent(uint16(100 + i%50))
		p.write(entryID{uint64(now.Add(-3 * time.Second).UnixMilli()), uint64(i)}.String(), e.denm(now.Add(-3*time.Second)))
	}
	for i := range 49 { // all but one end
		e := someEvent(uint16(100 + i))
		p.write("*", e.denm(now.Add(-3*time.Second)).Cancellation(den.TimestampOf(now)))
	}
	h := follow(t, server, quiet)
	awaitHub(t, h, "connected", connected)
	awaitHub(t, h, "the two that are active", func(h *hub) bool {
		return len(h.board.active) == 2 && h.board.active["3000001/1"] != nil && h.board.active["3000001/149"] != nil
	})
	// What is too old to matter is not read.
	h.mu.Lock()
	since := h.ring.since
	h.mu.Unlock()
	if oldest, _ := parseEntryID(at(3 * time.Hour)); since.less(oldest) || since == oldest {
		t.Errorf("it read back to %s, beyond what is valid", since)
	}
}

// What is no DENM is passed over on the way back, and does not end it.
func TestReadBackPastOthers(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	p := produceTo(t, server)
	p.write("*", someEvent(1).denm(time.Now()))
	for range 2*pageSize + 1 {
		p.add("*", "message", `{"stations":[]}`)
	}
	h := follow(t, server, quiet)
	awaitHub(t, h, "the one that is active", active(1))
	p.write("*", someEvent(2).denm(time.Now()))
	awaitHub(t, h, "the one after that", active(2))
}

// A map that was started anew knows from the stream what a page missed meanwhile.
func TestResumeOverOurRestart(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	p := produceTo(t, server)
	first := follow(t, server, quiet)
	p.write("*", someEvent(1).denm(time.Now()))
	p.write("*", someEvent(2).denm(time.Now()))
	awaitHub(t, first, "two events", active(2))
	first.mu.Lock()
	seen := first.ring.newest
	first.mu.Unlock()
	p.write("*", someEvent(1).denm(time.Now()).Cancellation(den.TimestampOf(time.Now())))
	p.write("*", someEvent(2).denm(time.Now()))
	second := follow(t, server, quiet)
	awaitHub(t, second, "connected", connected)
	if got, want := kinds(t, parse(t, drained(join(t, second, seen.String())))), "cancel, update"; got != want {
		t.Errorf("the page got %s, want %s", got, want)
	}
}

// An old stream is not read from its beginning.
func TestOldStream(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	p := produceTo(t, server)
	old := time.Now().Add(-time.Hour)
	p.write(entryID{ms: uint64(old.UnixMilli())}.String(), someEvent(1).denm(old))
	h := follow(t, server, quiet)
	awaitHub(t, h, "connected", connected)
	h.mu.Lock()
	newest := h.ring.newest
	h.mu.Unlock()
	if newest.ms != uint64(old.UnixMilli()) {
		t.Errorf("it goes on from %s", newest)
	}
	p.write("*", someEvent(2).denm(time.Now()))
	awaitHub(t, h, "the new one", active(1))
}

// The server is killed and comes again: the page hears of both, and misses nothing.
func TestServerRestart(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	p := produceTo(t, server)
	h := follow(t, server, quiet)
	p.write("*", someEvent(1).denm(time.Now()))
	awaitHub(t, h, "one event", active(1))
	server.Kill()
	awaitHub(t, h, "disconnected", disconnected)
	server.Restart(t)
	p.write("*", someEvent(2).denm(time.Now()))
	awaitHub(t, h, "the event of after the restart", func(h *hub) bool { return h.board.active["3000001/2"] != nil })
	awaitHub(t, h, "connected", connected)
}

// A connection that hangs is noticed too.
func TestServerHangs(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := redistest.StartProxy(t, server.Addr)
	p := produceTo(t, server)
	behind := *server
	behind.Addr = proxy.Addr
	h := follow(t, &behind, quiet)
	awaitHub(t, h, "connected", connected)
	proxy.Stall()
	awaitHub(t, h, "disconnected", disconnected)
	proxy.Cut()
	proxy.Resume()
	p.write("*", someEvent(2).denm(time.Now()))
	awaitHub(t, h, "the event of after the stall", active(1))
}

// A stream that was replaced, by one with lower ids at that, is followed from its
// beginning on; pages are told to forget.
func TestStreamIsReplaced(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	p := produceTo(t, server)
	h := follow(t, server, quiet)
	later := entryID{ms: uint64(time.Now().Add(time.Hour).UnixMilli())}
	p.write(later.String(), someEvent(1).denm(time.Now()))
	awaitHub(t, h, "one event", active(1))
	page := join(t, h, later.String())
	if err := p.client.Do(t.Context(), p.client.B().Del().Key(streamName).Build()).Error(); err != nil {
		t.Fatal(err)
	}
	p.write("*", someEvent(2).denm(time.Now()))
	awaitHub(t, h, "the event of the new stream", func(h *hub) bool {
		return len(h.board.active) == 1 && h.board.active["3000001/2"] != nil
	})
	if got, want := kinds(t, parse(t, drained(page))), "snapshot of 1"; got != want {
		t.Errorf("the page got %s, want %s", got, want)
	}
}

// What is no DENM is passed over, and told once.
func TestOtherEntries(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	p := produceTo(t, server)
	var log bytes.Buffer
	h := follow(t, server, slog.New(slog.NewTextHandler(&log, nil)))
	awaitHub(t, h, "connected", connected)
	p.add("*", "message", "{")
	p.add("*", "message", `{"stations":[]}`)
	p.add("*", "other", "binary")
	plain := den.Event{Source: "test", DENM: someEvent(1).denm(time.Now())}
	p.add("*", "payload", string(plain.AppendJSON(nil))) // the only field, of another name
	awaitHub(t, h, "the one that is a DENM", active(1))
	if n := strings.Count(log.String(), "no DENM in JSON"); n != 1 {
		t.Errorf("it was told %d times: %s", n, log.String())
	}
}

// What somebody has to mend ends it, with a text that says what, and no password.
func TestRefused(t *testing.T) {
	server := redistest.Start(t, "--requirepass", "sesame")
	t.Setenv("STEP_REDIS_USERNAME", "")
	t.Setenv("STEP_REDIS_PASSWORD", "mellon")
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"-redis", server.Addr, "-listen", "127.0.0.1:0"}, &stdout, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), "WRONGPASS") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	if strings.Contains(stderr.String(), "mellon") {
		t.Errorf("the password is shown: %s", stderr.String())
	}
	t.Setenv("STEP_REDIS_PASSWORD", "sesame")
	if code := run(t.Context(), []string{"-redis", server.Addr, "-listen", "127.0.0.1:0", "-for", "300ms"}, &stdout, &stderr); code != 0 {
		t.Errorf("with the right password: exit code %d: %s", code, stderr.String())
	}
}

// It writes nothing, and belongs to no group.
func TestOnlyReads(t *testing.T) {
	server := redistest.Start(t)
	p := produceTo(t, server)
	p.write("*", someEvent(1).denm(time.Now()))
	ask := func(command ...string) string {
		text, err := p.client.Do(t.Context(), p.client.B().Arbitrary(command...).Build()).ToAny()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(strings.Join(strings.Fields(slog.AnyValue(text).String()), " "))
	}
	if err := p.client.Do(t.Context(), p.client.B().Arbitrary("ACL", "SETUSER", "map", "on", ">sesame", "~"+streamName, "resetchannels", "+xread", "+xrevrange", "+ping").Build()).Error(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("STEP_REDIS_USERNAME", "map")
	t.Setenv("STEP_REDIS_PASSWORD", "sesame")
	h := follow(t, server, quiet)
	awaitHub(t, h, "one event, with no right to write", active(1))
	if groups := ask("XINFO", "GROUPS", streamName); groups != "[]" {
		t.Errorf("there is a group: %s", groups)
	}
}
