package main

import (
	"context"
	"slices"
	"time"

	"github.com/redis/rueidis"
)

const (
	// pageSize is how many entries are asked for at once.
	pageSize = 500
	// mostBack bounds what is read back, whatever the messages say.
	mostBack = 40 * pageSize
	// leastBack is how far is read back at least, since the first messages that are
	// looked at may be shorter-lived than those behind them. The producer's warnings are
	// valid for half a minute at most.
	leastBack = time.Minute
)

// readBack begins anew with the events that are active: it goes back from the end of
// the stream for as long as a message may still be valid, and takes over what it found
// from the oldest on.
func (f *follower) readBack(ctx context.Context, client rueidis.Client) error {
	var entries []rueidis.XRangeEntry // the newest first
	end, longest := "+", leastBack
	newest := entryID{} // "0-0", the beginning, where there is nothing
	for len(entries) < mostBack {
		page, err := client.Do(ctx, client.B().Xrevrange().Key(f.stream).End(end).Start("-").Count(pageSize).Build()).AsXRange()
		if err != nil {
			return err
		}
		if end == "+" && len(page) > 0 {
			newest, _ = parseEntryID(page[0].ID)
		}
		enough := len(page) < pageSize
		for _, entry := range page {
			if d, err := denmOf(entry); err == nil {
				longest = max(longest, d.ValidUntil().Sub(d.Management.ReferenceTime))
			}
			id, _ := parseEntryID(entry.ID)
			if age := time.Since(time.UnixMilli(int64(id.ms))); age > longest {
				enough = true
				break
			}
			entries = append(entries, entry)
		}
		if enough {
			break
		}
		end = "(" + page[len(page)-1].ID
	}
	since := newest
	if len(entries) > 0 {
		since = before(entries[len(entries)-1].ID)
	}
	f.last, f.began = newest, true
	var known []arrival
	for _, entry := range slices.Backward(entries) {
		if a, ok := f.arrivalOf(entry); ok {
			known = append(known, a)
		}
	}
	f.hub.begin(since, known)
	return nil
}

// before returns the id that comes just before the given one, as far as anybody can
// have seen it.
func before(text string) entryID {
	id, _ := parseEntryID(text)
	switch {
	case id.seq > 0:
		id.seq--
	case id.ms > 0:
		id = entryID{id.ms - 1, 1<<64 - 1}
	}
	return id
}
