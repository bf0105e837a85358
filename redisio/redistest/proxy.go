package redistest

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy stands between clients and a server, and disturbs their connections as a
// network does. It starts out passing everything. All methods may be called from
// any goroutine; what they do, they have done when they return.
type Proxy struct {
	// Addr is where clients connect to, "127.0.0.1:port".
	Addr string

	server   string
	listener net.Listener
	work     sync.WaitGroup

	mu      sync.Mutex // guards what follows
	links   map[*link]bool
	refused bool
	stalled chan struct{} // is closed by Resume; nil while everything passes
	delay   time.Duration
}

// StartProxy starts a proxy in front of the server with this address, which need
// not be there yet. It ends with the test.
func StartProxy(t testing.TB, server string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: listener.Addr().String(), server: server, listener: listener, links: make(map[*link]bool)}
	p.work.Go(p.accept)
	t.Cleanup(func() {
		listener.Close()
		p.Refuse()
		p.Cut()
		p.work.Wait()
	})
	return p
}

// Cut closes all connections. What was on its way is lost. New ones are still
// accepted.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.close()
	}
}

// CutReplies closes each connection that is open now when the next data comes
// from the server: what the client had asked for is done, and it does not know.
func (p *Proxy) CutReplies() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.cutReply.Store(true)
	}
}

// Refuse closes new connections at once, until Accept. Those that are open stay.
func (p *Proxy) Refuse() { p.setRefused(true) }

// Accept accepts new connections again.
func (p *Proxy) Accept() { p.setRefused(false) }

func (p *Proxy) setRefused(refused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = refused
}

// Stall holds all data in both directions, of new connections too, until Resume.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stalled == nil {
		p.stalled = make(chan struct{})
	}
}

// Resume lets everything that was held pass, and what comes after it.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stalled != nil {
		close(p.stalled)
		p.stalled = nil
	}
}

// Delay holds each piece of data for this time on its way, in both directions,
// from now on. Zero ends it.
func (p *Proxy) Delay(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.work.Go(func() { p.connect(client) })
	}
}

// connect joins a client with the server, until one of them ends the connection.
func (p *Proxy) connect(client net.Conn) {
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		client.Close()
		return
	}
	l := &link{client: client, server: server, closed: make(chan struct{})}
	defer l.close()
	if !p.add(l) {
		return
	}
	defer p.remove(l)
	var passing sync.WaitGroup
	passing.Go(func() { p.pass(l, client, server, false) })
	passing.Go(func() { p.pass(l, server, client, true) })
	passing.Wait()
}

func (p *Proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refused {
		return false
	}
	p.links[l] = true
	return true
}

func (p *Proxy) remove(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// pass copies what comes from one side to the other, until the link is closed.
func (p *Proxy) pass(l *link, from, to net.Conn, replies bool) {
	defer l.close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || replies && l.cutReply.Load() || !p.hold(l) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// hold waits until data may pass. It reports false when the link is closed
// meanwhile.
func (p *Proxy) hold(l *link) bool {
	for {
		p.mu.Lock()
		stalled, delay := p.stalled, p.delay
		p.mu.Unlock()
		if stalled == nil {
			return delay == 0 || l.wait(delay)
		}
		select {
		case <-stalled: // it may be stalled again by now
		case <-l.closed:
			return false
		}
	}
}

// link is a connection of a client, and the one to the server that belongs to it.
type link struct {
	client, server net.Conn
	cutReply       atomic.Bool
	once           sync.Once
	closed         chan struct{}
}

func (l *link) wait(delay time.Duration) bool {
	select {
	case <-time.After(delay):
		return true
	case <-l.closed:
		return false
	}
}

func (l *link) close() {
	l.once.Do(func() {
		close(l.closed)
		l.client.Close()
		l.server.Close()
	})
}
