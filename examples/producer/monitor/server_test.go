package monitor

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serving serves a fake producer, until the test ends.
func serving(t *testing.T) (address string) {
	t.Helper()
	listener, err := Listen(":0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { watching(new(fake)).Serve(ctx, listener, false, slog.New(slog.DiscardHandler)) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return listener.Addr().String()
}

// status asks for a page on a connection, under the name of a host; 0 is no answer.
func status(conn net.Conn, host, path string) int {
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host); err != nil {
		return 0
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// A page of somebody else in a browser on this machine gets nothing.
func TestOtherNames(t *testing.T) {
	address := serving(t)
	for host, want := range map[string]int{
		"127.0.0.1": 200, "127.0.0.1:9464": 200, "localhost:1": 200, "[::1]:1": 200,
		"evil.example": 403, "evil.example:9464": 403, "localhost.evil.example": 403,
	} {
		if got := status(dial(t, address), host, "/healthz"); got != want {
			t.Errorf("%s gets %d; want %d", host, got, want)
		}
	}
}

// However many connections there are, no more than a few are held, and when some of those
// end there is room again.
func TestManyConnections(t *testing.T) {
	address := serving(t)
	var held []net.Conn
	for range mostConnections {
		conn := dial(t, address)
		if got := status(conn, "localhost", "/healthz"); got != 200 {
			t.Fatalf("connection %d gets %d", len(held), got)
		}
		held = append(held, conn)
	}
	for range 10 {
		if got := status(dial(t, address), "localhost", "/healthz"); got != 0 {
			t.Fatalf("one too many gets %d", got)
		}
	}
	for _, conn := range held[:10] {
		conn.Close()
	}
	for deadline := time.Now().Add(10 * time.Second); status(dial(t, address), "localhost", "/healthz") != 200; {
		if time.Now().After(deadline) {
			t.Fatal("there is no room although others have gone")
		}
	}
}
