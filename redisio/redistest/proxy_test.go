package redistest_test

import (
	"bufio"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/redisio/redistest"
)

// talker is one connection to a server.
type talker struct {
	t      *testing.T
	conn   net.Conn
	reader *bufio.Reader
}

func dial(t *testing.T, address string) *talker {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &talker{t, conn, bufio.NewReader(conn)}
}

func (c *talker) say(command string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(command + "\r\n")); err != nil {
		c.t.Fatal(err)
	}
}

// hear returns the next line of an answer that comes within a time.
func (c *talker) hear(within time.Duration) (string, error) {
	c.t.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		c.t.Fatal(err)
	}
	line, err := c.reader.ReadString('\n')
	return strings.TrimSpace(line), err
}

func (c *talker) want(answer string) {
	c.t.Helper()
	if got, err := c.hear(10 * time.Second); got != answer || err != nil {
		c.t.Errorf("the answer is %q, %v; want %q", got, err, answer)
	}
}

func (c *talker) wantClosed() {
	c.t.Helper()
	if got, err := c.hear(10 * time.Second); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Errorf("the answer is %q, %v; want a connection that was closed", got, err)
	}
}

func startBehindProxy(t *testing.T) (*redistest.Server, *redistest.Proxy, *talker) {
	server := redistest.Start(t)
	proxy := redistest.StartProxy(t, server.Addr)
	c := dial(t, proxy.Addr)
	c.say("INCR n")
	c.want(":1")
	return server, proxy, c
}

func TestProxyCuts(t *testing.T) {
	_, proxy, c := startBehindProxy(t)
	proxy.Cut()
	c.wantClosed()
	next := dial(t, proxy.Addr)
	next.say("GET n")
	next.want("$1")
}

// The server has done what it was asked for, and its answer is lost. It is so
// once for each connection, and not for new ones.
func TestProxyCutsReplies(t *testing.T) {
	_, proxy, c := startBehindProxy(t)
	proxy.CutReplies()
	next := dial(t, proxy.Addr)
	c.say("INCR n")
	c.wantClosed()
	next.say("INCR n")
	next.want(":3")
}

func TestProxyRefuses(t *testing.T) {
	_, proxy, c := startBehindProxy(t)
	proxy.Refuse()
	dial(t, proxy.Addr).wantClosed()
	c.say("INCR n")
	c.want(":2")
	proxy.Accept()
	next := dial(t, proxy.Addr)
	next.say("INCR n")
	next.want(":3")
}

func TestProxyStalls(t *testing.T) {
	server, proxy, c := startBehindProxy(t)
	proxy.Stall()
	proxy.Stall()
	next := dial(t, proxy.Addr)
	for _, held := range []*talker{c, next} {
		held.say("INCR n")
		if got, err := held.hear(50 * time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a stalled connection answers %q, %v", got, err)
		}
	}
	wantAnswer(t, server, "INCR n", ":2") // nothing of it has come through
	proxy.Resume()
	proxy.Resume()
	one, err := c.hear(10 * time.Second)
	other, err2 := next.hear(10 * time.Second)
	if err != nil || err2 != nil || one+other != ":3:4" && one+other != ":4:3" {
		t.Errorf("after Resume the answers are %q, %v and %q, %v", one, err, other, err2)
	}
}

// What is held can be cut: it is lost then. The proxy ends while it is stalled.
func TestProxyCutsWhatIsStalled(t *testing.T) {
	server, proxy, c := startBehindProxy(t)
	proxy.Stall()
	c.say("INCR n")
	proxy.Cut()
	c.wantClosed()
	wantAnswer(t, server, "INCR n", ":2")
}

func TestProxyDelays(t *testing.T) {
	_, proxy, c := startBehindProxy(t)
	const delay = 30 * time.Millisecond
	proxy.Delay(delay)
	began := time.Now()
	c.say("INCR n")
	c.want(":2")
	if took := time.Since(began); took < 2*delay {
		t.Errorf("it took %v; want %v there and %v back", took, delay, delay)
	}
	proxy.Delay(0)
	c.say("INCR n")
	c.want(":3")
}

// The server need not be there; a connection then fails.
func TestProxyWithoutServer(t *testing.T) {
	server := redistest.Start(t)
	server.Kill()
	proxy := redistest.StartProxy(t, server.Addr)
	dial(t, proxy.Addr).wantClosed()
	server.Restart(t)
	c := dial(t, proxy.Addr)
	c.say("PING")
	c.want("+PONG")
}
