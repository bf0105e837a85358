package redisio

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"

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

//go:embed lease_acquire.lua
var acquireSource string

//go:embed lease_renew.lua
var renewSource string

//go:embed lease_release.lua
var releaseSource string

var (
	acquireScript = rueidis.NewLuaScript(acquireSource)
	renewScript   = rueidis.NewLuaScript(renewSource)
	releaseScript = rueidis.NewLuaScript(releaseSource)
)

// leaseDuration is how long the lease lasts when it is not renewed. The rest of
// LeaseTime is for those who wait to notice.
func (o *Options) leaseDuration() time.Duration { return o.LeaseTime / 10 * 9 }

func (o *Options) leaseMilliseconds() string {
	return strconv.FormatInt(o.leaseDuration().Milliseconds(), 10)
}

// leaseTimeout bounds one call for the lease, so that another one can follow
// before it is over.
func (o *Options) leaseTimeout() time.Duration { return min(o.Timeout, o.LeaseTime/4) }

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

// acquire asks for the ownership. An answer is what the script says.
func (c *Client) acquire(ctx context.Context, evenUnknown bool) (answer []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	l := &c.lease
	if l.token == "" {
		l.token = newToken(c.opts.Name)
	}
	value, _ := l.claim()
	args := []string{c.opts.leaseMilliseconds(), l.token, value, ""}
	if evenUnknown {
		args[3] = "yes"
	}
	sent := time.Now()
	answer, err = c.writer.run(ctx, acquireScript, []string{c.key("lease"), c.key("owner")}, args).AsStrSlice()
	switch {
	case err != nil:
		return nil, wrap("acquire the lease", err)
	case len(answer) == 3 && answer[0] == "owner":
		l.token = ""
		l.mu.Lock()
		defer l.mu.Unlock()
		l.value, l.fenced, l.renewed = answer[1], false, sent
	case len(answer) == 2 && answer[0] == "held", len(answer) == 1 && answer[0] == "unknown":
	default:
		return nil, errors.New("redisio: acquire the lease: unexpected answer of the script")
	}
	return answer, nil
}

// renew lets the lease last on. An error that wraps den.ErrFenced says that
// another client has taken over.
func (c *Client) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.opts.leaseTimeout())
	defer cancel()
	l := &c.lease
	value, _ := l.claim()
	sent := time.Now()
	err := c.writer.run(ctx, renewScript, []string{c.key("lease"), c.key("owner")},
		[]string{c.opts.leaseMilliseconds(), value}).Error()
	if err != nil {
		return wrap("renew the lease", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewed = sent
	return nil
}

// mostForRelease bounds the release, which others gain by and not we.
const mostForRelease = 500 * time.Millisecond

// release lets the next owner in at once: token is that of our ownership. What
// fails is not tried again, since the lease ends by itself.
func (c *Client) release(ctx context.Context, token string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(c.opts.Timeout, mostForRelease))
	defer cancel()
	err := c.writer.run(ctx, releaseScript, []string{c.key("lease")}, []string{token}).Error()
	if err != nil {
		c.log.Warn("the lease was not released; it ends by itself", "after", c.opts.leaseDuration(), "error", err)
	}
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
