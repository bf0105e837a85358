package redisio

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/step-its/producer/den"
)

// lease is what a client knows about its ownership of the streams. On the server
// two keys have the value of the owner: "owner", for ever, which says who may
// write; and "lease", for a time, which keeps others from becoming the owner.
type lease struct {
	turn chan struct{} // taken while Own works, for it has room for one

	// Who has the turn has what follows.
	token   string    // of the next ownership; kept while nobody knows whether it has begun
	rival   string    // the lease of another client that was seen last
	missing time.Time // when it was first seen that no owner is on record any more

	mu      sync.Mutex              // guards what follows
	value   string                  // of our ownership, or of our last one; "" before the first
	owning  bool                    // Own has called work
	stop    context.CancelCauseFunc // ends the context of work
	fenced  bool                    // another client has taken over since
	renewed time.Time               // when the last renewal was sent that succeeded
}

// newToken returns a token that is never used again. It ends with a name that
// tells people which process has it.
func newToken(name string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	name = strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.ContainsRune("-_.@", c) {
			return c
		}
		return '_'
	}, name+"@"+host)
	return fmt.Sprintf("%s:%s-%d", rand.Text(), name, os.Getpid())
}

// epochAndName takes a value apart.
func epochAndName(value string) (epoch uint64, name string) {
	number, rest, _ := strings.Cut(value, ":")
	_, name, _ = strings.Cut(rest, ":")
	epoch, _ = strconv.ParseUint(number, 10, 64)
	return epoch, name
}

// claim returns the value that a commit has to prove, and whether it holds now.
func (l *lease) claim() (value string, owning bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.value, l.owning
}

// epoch returns the epoch of our ownership, 0 if we have none.
func (l *lease) epoch() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.owning || l.fenced {
		return 0
	}
	epoch, _ := epochAndName(l.value)
	return epoch
}

// refused notes that the server refused a call with this claim, because another
// client has taken over.
func (l *lease) refused(value string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owning && l.value == value && !l.fenced {
		l.fenced = true
		l.stop(den.ErrFenced)
	}
}

// leaseLapsed reports that we believe to own the streams although another client
// may have taken over: nothing may be read until the lease is renewed, for that
// would be taken from the new owner.
func (c *Client) leaseLapsed() bool {
	l := &c.lease
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owning && (l.fenced || time.Since(l.renewed) > c.opts.leaseDuration())
}
