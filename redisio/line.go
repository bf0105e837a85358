package redisio

import (
	"sync/atomic"
	"time"
)

// line is how fast the connection of the commits has proved to be. Several calls of the
// commit script share it: the last of them, and a renewal of the lease or a PING behind it,
// must come through within Timeout, too.
type line struct {
	timeout time.Duration
	fast    atomic.Bool // a full call takes less than a quarter of Timeout
}

// tellingBytes is the least size of a call that shows how fast the line is: what takes the
// time of a smaller one is the way, however little there is to carry.
const tellingBytes = fullBytes / 8

// bound returns how many calls may be under way. It is one until a line has proved to be
// fast.
func (l *line) bound() int {
	if l.fast.Load() {
		return mostUnderWay
	}
	return 1
}

// carried notes that a call of so many bytes was answered, and how long after it was sent or
// the one ahead of it was answered. One that is more than full, by a large dead letter, has
// no more time than a full one, for the next may be such a one, too.
func (l *line) carried(bytes int, took time.Duration) {
	if bytes >= tellingBytes {
		l.set(took*fullBytes/time.Duration(min(bytes, fullBytes)) < l.timeout/4)
	}
}

// failed notes that a call has failed, whatever the reason.
func (l *line) failed() { l.set(false) }

// set writes only what is new, for all commits read it.
func (l *line) set(fast bool) {
	if l.fast.Load() != fast {
		l.fast.Store(fast)
	}
}
