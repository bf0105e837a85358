package logging

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"
)

// The bounds of a queue. A destination that stalls for longer than it takes to fill
// it loses lines; the program does not wait for it.
const (
	mostLines = 8192
	mostBytes = 4 << 20
	// mostUrgent lines of LevelCritical are taken beyond that, and as many notices.
	mostUrgent = 256
	// mostPooled is the largest buffer that is used again.
	mostPooled = 4 << 10
)

// destination is where the lines of one handler go. Its methods are called by one
// goroutine.
type destination interface {
	// Write writes one line.
	io.Writer
	// reopen opens anew what may have been moved away.
	reopen() error
	io.Closer
}

// A queue takes lines from any goroutine, without waiting, and writes them to a
// destination in a goroutine of its own, in their order.
type queue struct {
	to    destination
	about func(lost uint64) []byte // makes the line that tells of lines that were dropped
	tally atomic.Pointer[tally]    // of failed writes; nil until New has seen the handler
	ended chan struct{}            // closed when the goroutine has ended

	mu      sync.Mutex // guards what follows
	filled  sync.Cond
	waiting []item
	count   int    // lines that are not written yet
	bytes   int    // of them
	dropped uint64 // lines, in all
	told    uint64 // of them
	closed  bool
	// dropping lines that are not urgent goes on until half of the room is free again:
	// else a queue at its bound would take one line, with a notice before it, for each
	// that it writes.
	dropping bool

	torn bool // the last write ended within a line; of the goroutine
}

// item is a line, or a request that is carried out when the lines before it are
// written.
type item struct {
	line    *[]byte
	request func()
}

var linePool = sync.Pool{New: func() any { return new([]byte) }}

func newQueue(to destination, about func(lost uint64) []byte) *queue {
	q := &queue{to: to, about: about, ended: make(chan struct{})}
	q.filled.L = &q.mu
	go q.run()
	return q
}

// Write takes a line, or drops it when there are too many already, which is no
// error: it is counted.
func (q *queue) Write(line []byte) (int, error) { return q.put(line, false) }

// put takes a line; an urgent one even when there are too many.
func (q *queue) put(line []byte, urgent bool) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	full := q.count >= mostLines || q.bytes+len(line) > mostBytes
	switch {
	case q.count <= mostLines/2 && q.bytes <= mostBytes/2:
		q.dropping = false
	case q.count >= mostLines || full && q.bytes > mostBytes/2: // and not only this line is too long
		q.dropping = true
	}
	switch {
	case q.closed:
		return 0, fs.ErrClosed
	case (full || q.dropping) && (!urgent || q.count >= mostLines+2*mostUrgent):
		q.dropped++
		return len(line), nil
	}
	if lost := q.dropped - q.told; lost > 0 {
		// Here they are missing.
		q.told = q.dropped
		notice := q.about(lost)
		q.enqueue(&notice)
	}
	buffer := linePool.Get().(*[]byte)
	*buffer = append((*buffer)[:0], line...)
	q.enqueue(buffer)
	return len(line), nil
}

// enqueue appends a line. The caller holds the lock.
func (q *queue) enqueue(line *[]byte) {
	q.add(item{line: line})
	q.count++
	q.bytes += len(*line)
}

// add appends an item. The caller holds the lock.
func (q *queue) add(i item) {
	q.waiting = append(q.waiting, i)
	q.filled.Signal()
}

// ask has a request carried out behind all lines that are waiting, and waits for it no
// longer than the given time.
func (q *queue) ask(request func() error, most time.Duration) error {
	answer := make(chan error, 1)
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return fs.ErrClosed
	}
	q.add(item{request: func() { answer <- request() }})
	q.mu.Unlock()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case err := <-answer:
		return err
	case <-timer.C:
		return fmt.Errorf("the lines before are not written after %v: %w", most, errStalled)
	}
}

var errStalled = errors.New("the destination has stalled")

// flush waits until the lines that are waiting are written.
func (q *queue) flush(most time.Duration) error {
	return q.ask(func() error { return nil }, most)
}

func (q *queue) reopen(most time.Duration) error { return q.ask(q.to.reopen, most) }

// close takes no more lines, and waits until those that are waiting are written, and
// the destination is closed, no longer than the given time.
func (q *queue) close(most time.Duration) error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		<-q.ended
		return nil
	}
	answer := make(chan error, 1)
	q.add(item{request: func() { answer <- q.to.Close() }})
	q.closed = true
	q.mu.Unlock()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case err := <-answer:
		<-q.ended
		return err
	case <-timer.C:
	}
	q.mu.Lock()
	left := q.count
	q.mu.Unlock()
	if closer, ok := q.to.(interface{ interrupt() }); ok {
		closer.interrupt() // so that the goroutine ends
	}
	return fmt.Errorf("%d lines are not written after %v: %w", left, most, errStalled)
}

// run writes until the queue is closed and empty.
func (q *queue) run() {
	defer close(q.ended)
	var items []item
	for {
		q.mu.Lock()
		for len(q.waiting) == 0 && !q.closed {
			q.filled.Wait()
		}
		items, q.waiting = q.waiting, items[:0]
		q.mu.Unlock()
		if len(items) == 0 {
			return
		}
		for i, it := range items {
			items[i] = item{}
			if it.request != nil {
				it.request()
				continue
			}
			q.write(*it.line)
			q.mu.Lock()
			q.count--
			q.bytes -= len(*it.line)
			q.mu.Unlock()
			if cap(*it.line) <= mostPooled {
				linePool.Put(it.line)
			}
		}
		q.tellDropped()
	}
}

// tellDropped writes a line in the place of those that were dropped.
func (q *queue) tellDropped() {
	q.mu.Lock()
	lost := q.dropped - q.told
	q.told = q.dropped
	q.mu.Unlock()
	if lost > 0 {
		q.write(q.about(lost))
	}
}

// write writes a line. A failure, or a panic, loses this line only.
func (q *queue) write(line []byte) {
	defer func() {
		if cause := recover(); cause != nil {
			q.failed(fmt.Errorf("panic: %v", cause))
		}
	}()
	if q.torn {
		// Else the line would continue the half one and be lost with it.
		line = append([]byte{'\n'}, line...)
	}
	n, err := q.to.Write(line)
	if n > 0 {
		q.torn = n < len(line)
	}
	if n < len(line) && err == nil {
		err = io.ErrShortWrite
	}
	if err != nil {
		q.failed(err)
	}
}

func (q *queue) failed(err error) {
	if t := q.tally.Load(); t != nil {
		t.add(err)
	}
}

// lost returns how many lines were dropped.
func (q *queue) lost() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}
