package redisio

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// stretch is a part of a stream, from one id to another, both included.
type stretch struct {
	stream, from, to string
}

// page is some entries of a stretch that follow each other.
type page struct {
	entries []entry
	denms   []*den.DENM // decoded from them, at the same indexes, once done is closed
	done    chan struct{}
}

// readAgain reads the stretch, whether its entries were read before or not, and
// hands over their ids and what decode made of them, in order. It reads ahead, and
// decodes several pages at once, as far as there are processors for it.
func (c *Client) readAgain(ctx context.Context, s stretch, decode func(entry) *den.DENM, handOver func(string, *den.DENM)) error {
	const ahead = 2
	var goroutines sync.WaitGroup
	defer goroutines.Wait()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	pages := make(chan *page, ahead)
	var failure error // may be read once pages is closed
	goroutines.Go(func() {
		defer close(pages)
		failure = c.readPages(ctx, s, func(entries []entry) {
			p := &page{entries: entries, denms: make([]*den.DENM, len(entries)), done: make(chan struct{})}
			goroutines.Go(func() {
				defer close(p.done)
				for i, e := range entries {
					p.denms[i] = decode(e)
				}
			})
			select {
			case pages <- p:
			case <-ctx.Done():
			}
		})
	})
	for p := range pages {
		<-p.done
		for i, d := range p.denms {
			handOver(p.entries[i].id, d)
		}
	}
	return failure
}

// readPages reads the stretch page by page. A page has as many entries as come in
// a short time; where even a small one takes too long, because the line is slow or
// an entry is large, it is waited for longer.
func (c *Client) readPages(ctx context.Context, s stretch, each func([]entry)) error {
	const (
		firstCount, mostCount = 16, 256
		mostBytes             = 4 << 20
		mostPatience          = time.Minute
	)
	count, patience := firstCount, c.opts.Timeout
	for ctx.Err() == nil {
		began := time.Now()
		entries, size, err := c.readPage(ctx, s, count, patience)
		took := time.Since(began)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && (count > 1 || patience < mostPatience) {
			if count > 1 {
				count = max(count/4, 1)
			} else {
				patience = min(2*patience, mostPatience)
			}
			c.log.Warn("reading a stream again is slow", "stream", s.stream, "entries", count, "patience", patience)
			continue
		}
		if err != nil {
			return err
		}
		each(entries)
		if len(entries) < count {
			return nil
		}
		s.from = idAfter(entries[len(entries)-1].id)
		switch {
		case took > c.opts.Timeout/4 || size > mostBytes:
			count = max(count/2, 1)
		case took < c.opts.Timeout/16 && size < mostBytes/4:
			count = min(2*count, mostCount)
		}
	}
	return context.Cause(ctx)
}

// readPage returns the first entries of the stretch, and the size of what they
// hold. It needs a connection of its own, since on others a long answer is taken
// for none.
func (c *Client) readPage(ctx context.Context, s stretch, count int, patience time.Duration) (entries []entry, size int, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer, err := c.reader.do(ctx, func(b rueidis.Builder) rueidis.Completed {
		return b.Arbitrary("XRANGE").Keys(s.stream).Args(s.from, s.to, "COUNT", strconv.Itoa(count)).Blocking()
	}).ToMessage()
	if err != nil {
		return nil, 0, wrap("replay "+s.stream, err)
	}
	if entries, err = readEntries(answer); err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		for i := range e.fields {
			text, _ := e.fields[i].ToString()
			size += len(text)
		}
	}
	return entries, size, nil
}

// idAfter returns the least id that is greater.
func idAfter(id string) string {
	ms, number, _ := strings.Cut(id, "-")
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || n+1 == 0 { // the last one of its millisecond
		t, _ := strconv.ParseUint(ms, 10, 64)
		return strconv.FormatUint(t+1, 10) + "-0"
	}
	return ms + "-" + strconv.FormatUint(n+1, 10)
}
