package redisio_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	_ "embed"
	"encoding/hex"
	"errors"
	"net"
	"slices"
	"sync"

	"github.com/step-its/producer/redisio"
)

// faults sits in the connections of a client. It knows four kinds of call, and decides
// about the next ones what becomes of them.
type faults struct {
	mu                            sync.Mutex // guards what follows
	commits, read, claims, groups []fate
	conns                         []net.Conn
	refused                       bool   // no connection is made
	held                          int    // replies that had to wait so far
	lost                          []byte // the call that was lost last
}

// fate is what becomes of a call. A zero fate lets it pass.
type fate struct {
	loseCall  bool            // the connection is cut before the server gets it
	loseReply bool            // it is cut when the server has done its work
	hold      <-chan struct{} // the reply waits until this is closed
}

//go:embed ledger.lua
var ledgerSource []byte

//go:embed commit.lua
var commitSource []byte

//go:embed group.lua
var groupSource []byte

// This is how calls name the scripts.
var commitSHA, groupSHA = nameOf(commitSource), nameOf(groupSource)

func nameOf(script []byte) []byte {
	sum := sha1.Sum(slices.Concat(ledgerSource, script))
	return hex.AppendEncode(nil, sum[:])
}

var (
	errCut     = errors.New("connection cut on purpose")
	errRefused = errors.New("connection refused on purpose")
)

// attach makes the clients of these options use the faults.
func (f *faults) attach(o *redisio.Options) {
	o.Dial = func(ctx context.Context, address string) (net.Conn, error) {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.refused {
			conn.Close()
			return nil, errRefused
		}
		f.conns = append(f.conns, conn)
		return &faultyConn{Conn: conn, faults: f}, nil
	}
}

// onCommits decides about the next calls of the commit script.
func (f *faults) onCommits(fates ...fate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.commits = fates
}

// onReads decides about the next reads.
func (f *faults) onReads(fates ...fate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read = fates
}

// onClaims decides about the next claims of what is pending.
func (f *faults) onClaims(fates ...fate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.claims = fates
}

// onGroups decides about the next calls that create a group where it is missing.
func (f *faults) onGroups(fates ...fate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.groups = fates
}

// holding reports whether some reply has had to wait.
func (f *faults) holding() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.held > 0
}

// lastLost returns the call that was lost last.
func (f *faults) lastLost() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lost
}

// refuse says whether connections are refused from now on.
func (f *faults) refuse(refused bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused = refused
}

// cut closes all connections.
func (f *faults) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, conn := range f.conns {
		conn.Close()
	}
	f.conns = nil
}

// next returns the fate of a call and takes it from the list.
func (f *faults) next(of *[]fate) fate {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(*of) == 0 {
		return fate{}
	}
	next := (*of)[0]
	*of = slices.Delete(*of, 0, 1)
	return next
}

// faultyConn carries one call at a time, as connections of these tests do.
type faultyConn struct {
	net.Conn
	faults *faults

	mu    sync.Mutex // guards reply
	reply *fate      // of the call that is on its way
}

func (c *faultyConn) Write(b []byte) (int, error) {
	var next fate
	switch {
	case bytes.Contains(b, commitSHA):
		next = c.faults.next(&c.faults.commits)
	case bytes.Contains(b, groupSHA):
		next = c.faults.next(&c.faults.groups)
	case bytes.Contains(b, []byte("'XCLAIM', stream")):
		next = c.faults.next(&c.faults.claims)
	case bytes.Contains(b, []byte("XREADGROUP")):
		next = c.faults.next(&c.faults.read)
	}
	if next.loseCall {
		c.faults.mu.Lock()
		c.faults.lost = bytes.Clone(b)
		c.faults.mu.Unlock()
		c.Close()
		return 0, errCut
	}
	if next != (fate{}) {
		c.mu.Lock()
		c.reply = &next
		c.mu.Unlock()
	}
	return c.Conn.Write(b)
}

func (c *faultyConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	reply := c.reply
	if reply == nil || err != nil || bytes.HasPrefix(b[:n], []byte("-NOSCRIPT")) {
		c.mu.Unlock()
		return n, err // of an EVALSHA that EVAL will follow
	}
	c.reply = nil
	c.mu.Unlock()
	if reply.hold != nil {
		c.faults.mu.Lock()
		c.faults.held++
		c.faults.mu.Unlock()
		<-reply.hold
	}
	if reply.loseReply {
		c.Close()
		return 0, errCut
	}
	return n, nil
}
