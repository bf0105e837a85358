package redisio_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
)

// faults makes the connections of a client lose replies.
type faults struct {
	loseReplies atomic.Int32 // that many answers to scripts get lost
	scripts     atomic.Bool  // a script has been sent and not answered
}

func (f *faults) dial(ctx context.Context, address string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &faultyConn{Conn: conn, faults: f}, nil
}

// faultyConn is a connection that is cut after the server has done its work and
// before the client hears of it.
type faultyConn struct {
	net.Conn
	faults *faults
	script atomic.Bool // a script is on its way
}

func (c *faultyConn) Write(b []byte) (int, error) {
	if isScript(b) {
		c.script.Store(true)
	}
	return c.Conn.Write(b)
}

func (c *faultyConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil || !c.script.Load() || isNoScript(b[:n]) {
		return n, err
	}
	c.script.Store(false)
	if c.faults.loseReplies.Add(-1) >= 0 {
		c.Conn.Close()
		return 0, errors.New("reply lost on purpose")
	}
	c.faults.loseReplies.Store(0)
	return n, err
}
