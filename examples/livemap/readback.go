package main

import (
	"context"
	"slices"
	"time"

	"github.com/redis/rueidis"
)

const (
	// pageSize is how many entries are asked for at once. Entries may be large, and they
	// are in memory together.
	pageSize = 100
	// mostBack bounds what is read back, whatever the messages say.
	mostBack = 20000
	// leastBack is how far is read back at least, since the first messages that are
	// looked at may be shorter-lived than those behind them. The producer's warnings are
	// valid for half a minute at most.
	leastBack = time.Minute
)

// readBack begins anew with the events that are active: it goes back from the end of
// the stream for as long as a message may still be valid, and takes over what it found
// from the oldest on.
func (f *follower) readBack(ctx context.Context, client rueidis.Client) error {
	var known []arrival // the newest first
	var newest, since entryID
	end, longest := "+", leastBack
	for seen := 0; seen < mostBack; {
		page, err := f.back(ctx, client, end, pageSize)
		if err != nil {
			return err
		}
		if end == "+" && len(page) > 0 {
			newest, _ = parseEntryID(page[0].ID)
			since = newest
		}
		enough := len(page) < pageSize
		for _, entry := range page {
			a, ok := f.arrivalOf(entry)
			if ok {
				longest = max(longest, a.denm.ValidUntil().Sub(a.denm.Management.ReferenceTime))
			}
			if age := time.Since(time.UnixMilli(int64(f.last.ms))); age > longest {
				enough = true
				break
			}
			if ok {
				known = append(known, a)
			}
			since = before(entry.ID)
			seen++
		}
		if enough {
			break
		}
		end = "(" + page[len(page)-1].ID
	}
	f.last, f.began = newest, true
	slices.Reverse(known)
	f.hub.begin(since, known)
	return nil
}

// back returns at most so many entries, from the end backwards.
func (f *follower) back(ctx context.Context, client rueidis.Client, end string, most int64) ([]rueidis.XRangeEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return client.Do(ctx, client.B().Xrevrange().Key(f.stream).End(end).Start("-").Count(most).Build()).AsXRange()
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
