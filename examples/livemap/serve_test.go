package main

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// watch opens the stream of events over a real connection and calls f for every line,
// until f returns false or the stream ends.
func watch(ctx context.Context, t *testing.T, addr, last string, f func(line string) bool) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/events?last="+last, nil)
	if err != nil {
		t.Error(err)
		return
	}
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Error(err)
		return
	}
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		t.Errorf("the stream is of type %q", kind)
	}
	for lines := bufio.NewScanner(answer.Body); lines.Scan() && f(lines.Text()); {
	}
}

// Many pages look at once, each gets everything in order, and nothing is left of them
// when the site ends.
func TestManyPages(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := startSite(t, "127.0.0.1:0", site{})
	const pages, messages = 40, 200
	var ready, all sync.WaitGroup
	ready.Add(pages)
	for range pages {
		all.Go(func() {
			joined := sync.OnceFunc(ready.Done)
			defer joined()
			last, n := entryID{}, 0
			watch(t.Context(), t, s.addr, "", func(line string) bool {
				if strings.HasPrefix(line, "event: snapshot") {
					joined()
				}
				text, isID := strings.CutPrefix(line, "id: ")
				if id, ok := parseEntryID(text); isID && ok && id != (entryID{}) {
					if !last.less(id) {
						t.Errorf("%s comes after %s", id, last)
					}
					last = id
					n++
				}
				return n < messages
			})
			if n != messages {
				t.Errorf("a page got %d messages, want %d", n, messages)
			}
		})
	}
	ready.Wait()
	told := script{hub: s.hub}
	for i := range messages {
		told.say(someEvent(uint16(i)))
	}
	all.Wait()
	s.stop()
	goleak.VerifyNone(t, before)
}

// A page that takes nothing from its connection is let go of, and holds up nobody: not
// the others, and not the end of the site.
func TestPageThatDoesNotRead(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := startSite(t, "127.0.0.1:0", site{})
	connection, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	if _, err := connection.Write([]byte("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	told := script{hub: s.hub}
	deadline := time.Now().Add(20 * time.Second)
	for i := 0; ; i++ {
		told.say(someEvent(uint16(i % 100)))
		s.hub.mu.Lock()
		dropped := s.hub.dropped
		s.hub.mu.Unlock()
		if dropped == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it is still there")
		}
	}
	connection.Close()
	s.stop()
	goleak.VerifyNone(t, before)
}

// A request is not waited for without end, and a stream of events is not ended for it.
func TestTimeouts(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for real timeouts")
	}
	t.Parallel()
	s := startSite(t, "127.0.0.1:0", site{})
	slow, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	if _, err := slow.Write([]byte("GET / HTTP/1.1\r\nHost: loc")); err != nil {
		t.Fatal(err)
	}
	began, pings := time.Now(), 0
	watch(t.Context(), t, s.addr, "", func(line string) bool {
		if line == "event: state" {
			pings++
		}
		return pings < 4 // the first one at once, and one every 5 s
	})
	if pings < 4 || time.Since(began) < 2*pingInterval {
		t.Errorf("the stream ended after %v and %d pings", time.Since(began), pings)
	}
	if err := slow.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := slow.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("half a request is waited for for ever: %v", err)
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}
