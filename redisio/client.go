package redisio

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"

	"github.com/redis/rueidis"
)

// Client holds the connections to a Redis server and knows the streams. All
// methods may be called concurrently.
type Client struct {
	opts   Options
	log    *slog.Logger
	writer rueidis.Client // commits and sets up
	reader rueidis.Client // blocks in reads
	counts counters

	setupMu sync.Mutex // guards ready and lost
	ready   bool       // the groups exist, as far as we know
	lost    bool       // they did exist once
}

// Open returns a client for the server. It tries to connect, but does not need
// the server to be there: everything connects again when it is used. Its errors
// are those of the options.
func Open(opts Options) (*Client, error) {
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, err
	}
	c := &Client{opts: opts, log: opts.Logger}
	var err error
	if c.writer, err = connect(c.connection("writer")); err != nil {
		return nil, err
	}
	if c.reader, err = connect(c.connection("reader")); err != nil {
		c.writer.Close()
		return nil, err
	}
	return c, nil
}

// connect makes a client that survives a server that is not there yet.
func connect(option rueidis.ClientOption) (rueidis.Client, error) {
	client, err := rueidis.NewClient(option)
	if client == nil {
		return nil, errors.New("redisio: " + err.Error())
	}
	return client, nil
}

// connection chooses what rueidis leaves open. Safety comes before speed where
// both are possible.
func (c *Client) connection(role string) rueidis.ClientOption {
	o := c.opts
	option := rueidis.ClientOption{
		InitAddress:       []string{o.Address},
		Username:          o.Username,
		Password:          o.Password,
		SelectDB:          o.DB,
		ClientName:        connectionName(o.Name, role),
		Dialer:            net.Dialer{Timeout: o.ConnectTimeout, KeepAlive: o.KeepAlive},
		ConnWriteTimeout:  o.Timeout,
		AlwaysRESP2:       o.RESP2,
		ForceSingleClient: true, // usable although the server is down at the start
		DisableCache:      true, // we read nothing twice
		DisableRetry:      true, // a write must not be repeated behind our back
		PipelineMultiplex: -1,   // one connection each: order is kept
		BlockingPoolSize:  o.MaxConnections,
		// A command whose context ends must not take others on the connection
		// with it.
		AlwaysPipelining: true,
		// ConnLifetime stays 0: when it ends in a stall, rueidis sends again what
		// was in flight.
	}
	if role == "reader" {
		option.RingScaleEachConn = 8
		option.ReadBufferEachConn = 64 << 10
		option.WriteBufferEachConn = 16 << 10
	}
	if o.Dial != nil {
		option.DialCtxFn = func(ctx context.Context, address string, _ *net.Dialer, _ *tls.Config) (net.Conn, error) {
			return o.Dial(ctx, address)
		}
	}
	return option
}

// connectionName is what CLIENT LIST shows. The server refuses a connection whose
// name has other than printable ASCII characters.
func connectionName(name, role string) string {
	return "redisio:" + strings.Map(func(c rune) rune {
		if c <= ' ' || c > '~' {
			return '_'
		}
		return c
	}, name) + ":" + role
}

// key returns the name of a key of our own. It begins with the name of the first
// input and its group, since whoever reads these is in our role, and so it has
// their hash tag.
func (c *Client) key(of string) string {
	switch {
	case len(c.opts.Inputs) > 0:
		return c.opts.Inputs[0].Stream + ":" + c.opts.Inputs[0].Group + ":" + of
	case len(c.opts.Outputs) > 0:
		return c.opts.Outputs[0].Stream + ":" + c.opts.Name + ":" + of
	}
	return c.opts.Name + ":" + of
}

// Publisher returns the den.Publisher, which is a den.Committer, of the client.
func (c *Client) Publisher() *Publisher { return &Publisher{client: c} }

// Subscriber returns a den.Subscriber that reads the inputs of the client. A
// client has one reader: two subscribers of one client, or of one name, would
// get the same entries.
func (c *Client) Subscriber() *Subscriber { return newSubscriber(c) }

// Close closes the connections. Calls in progress fail.
func (c *Client) Close() {
	c.writer.Close()
	c.reader.Close()
}
