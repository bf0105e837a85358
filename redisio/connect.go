package redisio

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// connection is a client of rueidis that is made when it is first needed: with
// Sentinel or Cluster there is none before a server has answered.
type connection struct {
	options Options
	role    string

	life context.Context // of everything that is dialled
	end  context.CancelFunc

	arrived atomic.Int64 // bytes, over all connections

	mu       sync.Mutex // guards what follows
	client   rueidis.Client
	attempt  *attempt // to make the client, while one is under way
	closed   bool
	attempts sync.WaitGroup
}

// attempt is one try to make a client. Its results may be read once it is done.
type attempt struct {
	done   chan struct{}
	client rueidis.Client
	err    error
}

var (
	// errSwitched is what a call gets whose connection was given up under it, because
	// another server is the master now.
	errSwitched  = errors.New("the connection was given up for another server")
	errCluster   = fmt.Errorf("the server is part of a cluster, and Options.Cluster is empty: %w", den.ErrPermanent)
	errNoCluster = fmt.Errorf("the server of Options.Cluster is no part of a cluster: %w", den.ErrPermanent)
)

func newConnection(o Options, role string) *connection {
	c := &connection{options: o, role: role}
	c.life, c.end = context.WithCancel(context.Background())
	return c
}

// do sends the command that build makes.
func (c *connection) do(ctx context.Context, build func(b rueidis.Builder) rueidis.Completed) rueidis.RedisResult {
	client, err := c.connected(ctx)
	if err != nil {
		return rueidis.NewErrorResult(err)
	}
	return c.checked(client.Do(ctx, build(client.B())))
}

// run runs a script.
func (c *connection) run(ctx context.Context, script *rueidis.Lua, keys, args []string) rueidis.RedisResult {
	client, err := c.connected(ctx)
	if err != nil {
		return rueidis.NewErrorResult(err)
	}
	return c.checked(script.Exec(ctx, client, keys, args))
}

// checked replaces errors that mean something else than what they say.
func (c *connection) checked(result rueidis.RedisResult) rueidis.RedisResult {
	err := result.Error()
	if err == nil {
		return result
	}
	if answer, ok := rueidis.IsRedisErr(err); ok && len(c.options.Cluster) == 0 {
		if _, moved := answer.IsMoved(); moved {
			return rueidis.NewErrorResult(errCluster)
		}
	}
	// Of a connection that has ended rueidis makes a new one, unless we have ended.
	if errors.Is(err, rueidis.ErrClosing) && !c.isClosed() {
		return rueidis.NewErrorResult(errSwitched)
	}
	return result
}

func (c *connection) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// connected returns the client. If there is none yet it tries to make one, as
// long as ctx lasts; callers that come meanwhile wait for the same attempt.
func (c *connection) connected(ctx context.Context) (rueidis.Client, error) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, rueidis.ErrClosing
	}
	if c.client != nil {
		defer c.mu.Unlock()
		return c.client, nil
	}
	if c.attempt == nil {
		c.attempt = &attempt{done: make(chan struct{})}
		c.attempts.Go(c.connect)
	}
	a := c.attempt
	c.mu.Unlock()
	select {
	case <-a.done:
		return a.client, a.err
	case <-ctx.Done():
		return nil, fmt.Errorf("no server has answered yet: %w", context.Cause(ctx))
	}
}

// connect makes the client, or fails.
func (c *connection) connect() {
	life, giveUp := context.WithCancel(c.life)
	option := c.option()
	option.DialCtxFn = c.dialer(life)
	client, err := rueidis.NewClient(option)
	defer func() {
		if client == nil {
			giveUp() // rueidis may have left connections behind
		}
	}()
	if client != nil && len(c.options.Cluster) > 0 && client.Mode() != rueidis.ClientModeCluster {
		client.Close()
		client, err = nil, errNoCluster
	}
	c.mu.Lock()
	a, closed := c.attempt, c.closed
	// There may be a client and an error: one server that is not there yet. Then the
	// client is good for later calls.
	a.client, a.err, c.client = client, err, client
	c.attempt = nil
	close(a.done)
	c.mu.Unlock()
	if closed && client != nil {
		client.Close()
	}
}

// close ends all connections. Calls in progress fail.
func (c *connection) close() {
	c.mu.Lock()
	client := c.client
	c.closed = true
	c.mu.Unlock()
	if client != nil {
		client.Close()
	}
	c.end()
	c.attempts.Wait()
}

// dialer makes connections, which end with life at the latest.
func (c *connection) dialer(life context.Context) func(context.Context, string, *net.Dialer, *tls.Config) (net.Conn, error) {
	return func(ctx context.Context, address string, dialer *net.Dialer, secure *tls.Config) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, c.options.ConnectTimeout)
		defer cancel()
		defer context.AfterFunc(life, cancel)()
		conn, err := c.dial(ctx, address, dialer)
		if err != nil {
			return nil, err
		}
		if secure != nil {
			if conn, err = encrypt(ctx, conn, address, secure); err != nil {
				return nil, err
			}
		}
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

// refreshInterval is how often we ask, where there are several servers, which of
// them is the master: the news of a change can get lost.
const refreshInterval = 2 * time.Second

// option chooses what rueidis leaves open. Safety comes before speed where both
// are possible.
func (c *connection) option() rueidis.ClientOption {
	o := &c.options
	option := rueidis.ClientOption{
		InitAddress:       []string{o.Address},
		Username:          o.Username,
		Password:          o.Password,
		SelectDB:          o.DB,
		TLSConfig:         o.TLS,
		ClientName:        connectionName(o.Name, c.role),
		Dialer:            net.Dialer{Timeout: o.ConnectTimeout, KeepAlive: o.KeepAlive},
		ConnWriteTimeout:  o.Timeout,
		AlwaysRESP2:       o.RESP2,
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
	switch {
	case len(o.Sentinel.Addresses) > 0:
		option.InitAddress = o.Sentinel.Addresses
		option.Sentinel = rueidis.SentinelOption{
			MasterSet:               o.Sentinel.MasterSet,
			Username:                o.Sentinel.Username,
			Password:                o.Sentinel.Password,
			TLSConfig:               o.Sentinel.TLS,
			Dialer:                  option.Dialer,
			ClientName:              option.ClientName,
			TopologyRefreshInterval: refreshInterval,
		}
	case len(o.Cluster) > 0:
		option.InitAddress = o.Cluster
		option.ClusterOption = rueidis.ClusterOption{
			ShardsRefreshInterval: refreshInterval,
			MaxMovedRedirections:  8,
		}
	default:
		option.ForceSingleClient = true // usable although the server is down at the start
	}
	if c.role == "reader" {
		option.RingScaleEachConn = 8
		option.ReadBufferEachConn = 64 << 10
		option.WriteBufferEachConn = 16 << 10
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
