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
	perFull atomic.Int64 // ns for a full call, as the last one took; 0 when it is not known
}

// tellingBytes is the least size of a call that shows how fast the line is: what takes the
// time of a smaller one is the way, however little there is to carry.
const tellingBytes = fullBytes / 8

// bears reports whether one more call may be under way with so many others, which have so
// many bytes together with it: it is to be answered within three quarters of Timeout. Nothing is
// sent behind another call over a line that has not proved to be fast.
func (l *line) bears(others, bytes int) bool {
	if others == 0 {
		return true
	}
	perFull := time.Duration(l.perFull.Load())
	return others < mostUnderWay && perFull > 0 && perFull*time.Duration(bytes)/fullBytes < l.timeout*3/4
}

// carried notes that a call of so many bytes was answered, and how long after it was sent or
// the one ahead of it was answered.
func (l *line) carried(bytes int, took time.Duration) {
	if bytes >= tellingBytes {
		l.perFull.Store(max(int64(took*fullBytes/time.Duration(bytes)), 1))
	}
}

// failed notes that a call has failed, whatever the reason.
func (l *line) failed() { l.perFull.Store(0) }
