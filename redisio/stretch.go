package redisio

import (
	"context"
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
// a short time, so that neither a slow line nor large entries make a call fail.
func (c *Client) readPages(ctx context.Context, s stretch, each func([]entry)) error {
	const (
		firstCount, mostCount = 32, 256
		mostBytes             = 4 << 20
	)
	count := firstCount
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		began := time.Now()
		entries, size, err := c.readPage(ctx, s, count)
		if err != nil {
			return err
		}
		each(entries)
		if len(entries) < count {
			return nil
		}
		s.from = idAfter(entries[len(entries)-1].id)
		switch took := time.Since(began); {
		case took > c.opts.Timeout/4 || size > mostBytes:
			count = max(count/2, 1)
		case took < c.opts.Timeout/16 && size < mostBytes/4:
			count = min(2*count, mostCount)
		}
	}
}

// readPage returns the first entries of the stretch, and the size of what they hold.
func (c *Client) readPage(ctx context.Context, s stretch, count int) (entries []entry, size int, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	answer, err := c.reader.do(ctx, func(b rueidis.Builder) rueidis.Completed {
		return b.Xrange().Key(s.stream).Start(s.from).End(s.to).Count(int64(count)).Build()
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
