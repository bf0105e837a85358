package redisio_test

import (
	"bytes"
	"context"
	"net"
	"sync"

	"github.com/step-its/producer/redisio"
)

// heldReply makes the reply to one call wait, so that something else can happen
// between the server's work and the client's.
type heldReply struct {
	mu   sync.Mutex // guards what follows
	word []byte     // in the call that is waited for
	gate chan struct{}
	held bool
}

// attach makes the clients of these options use it.
func (h *heldReply) attach(o *redisio.Options) {
	o.Dial = func(ctx context.Context, address string) (net.Conn, error) {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address)
		return &heldConn{Conn: conn, held: h}, err
	}
}

// hold makes the reply to the next call with this word wait until release is called.
func (h *heldReply) hold(word string) (release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	gate := make(chan struct{})
	h.word, h.gate, h.held = []byte(word), gate, false
	return func() { close(gate) }
}

// holding reports whether the reply is there and waits.
func (h *heldReply) holding() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.held
}

type heldConn struct {
	net.Conn
	held *heldReply
	mine sync.Mutex // guards gate
	gate chan struct{}
}

func (c *heldConn) Write(b []byte) (int, error) {
	c.held.mu.Lock()
	if c.held.word != nil && bytes.Contains(b, c.held.word) {
		c.mine.Lock()
		c.gate = c.held.gate
		c.mine.Unlock()
		c.held.word = nil
	}
	c.held.mu.Unlock()
	return c.Conn.Write(b)
}

func (c *heldConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mine.Lock()
	gate := c.gate
	c.gate = nil
	c.mine.Unlock()
	if gate != nil && err == nil {
		c.held.mu.Lock()
		c.held.held = true
		c.held.mu.Unlock()
		<-gate
	}
	return n, err
}
