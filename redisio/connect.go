package redisio

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

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

	arrived atomic.Int64  // bytes, over all connections
	dialled atomic.Uint64 // connections that were made

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

// doAll sends the commands that build makes, one behind the other without a wait, but in a
// cluster: there rueidis loses its way with several at once while their slot is moved. If it
// cannot send any, there is one result.
func (c *connection) doAll(ctx context.Context, build func(b rueidis.Builder) rueidis.Commands) []rueidis.RedisResult {
	client, err := c.connected(ctx)
	if err != nil {
		return []rueidis.RedisResult{rueidis.NewErrorResult(err)}
	}
	commands := build(client.B())
	var results []rueidis.RedisResult
	if len(c.options.Cluster) == 0 {
		results = client.DoMulti(ctx, commands...)
	} else {
		for _, command := range commands {
			results = append(results, client.Do(ctx, command))
		}
	}
	for i := range results {
		results[i] = c.checked(results[i])
	}
	return results
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
		return nil, noConnection{fmt.Errorf("no server has answered yet: %w", context.Cause(ctx))}
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
