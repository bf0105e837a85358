package redisio

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync/atomic"
)

// noConnection is the error of a call for which none could be made: it was never sent.
type noConnection struct{ error }

func (e noConnection) Unwrap() error { return e.error }

// dialer makes connections, which end with life at the latest.
func (c *connection) dialer(life context.Context) func(context.Context, string, *net.Dialer, *tls.Config) (net.Conn, error) {
	return func(ctx context.Context, address string, dialer *net.Dialer, secure *tls.Config) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, c.options.ConnectTimeout)
		defer cancel()
		defer context.AfterFunc(life, cancel)()
		conn, err := c.dial(ctx, address, dialer)
		if err == nil && secure != nil {
			conn, err = encrypt(ctx, conn, address, secure)
		}
		if err != nil {
			return nil, noConnection{err}
		}
		c.dialled.Add(1)
		return &boundConn{conn, context.AfterFunc(life, func() { conn.Close() }), &c.arrived}, nil
	}
}

func (c *connection) dial(ctx context.Context, address string, dialer *net.Dialer) (net.Conn, error) {
	if c.options.Dial != nil {
		return c.options.Dial(ctx, address)
	}
	return dialer.DialContext(ctx, "tcp", address)
}

// encrypt makes a TLS connection of one that is not.
func encrypt(ctx context.Context, conn net.Conn, address string, config *tls.Config) (net.Conn, error) {
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			conn.Close()
			return nil, err
		}
		config = config.Clone()
		config.ServerName = host
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("TLS handshake with %s: %w", address, err)
	}
	return secure, nil
}

// boundConn is a connection that something else may close, too, and that counts
// what arrives.
type boundConn struct {
	net.Conn
	unbind  func() bool
	arrived *atomic.Int64
}

func (c *boundConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.arrived.Add(int64(n))
	return n, err
}

func (c *boundConn) Close() error {
	c.unbind()
	return c.Conn.Close()
}
