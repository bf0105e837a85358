package redisio_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio"
)

// The backlog tells what was not read, what is in hand, and since when.
func TestBacklog(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		server, client := openProbe(t, o), open(t, o)
		look := func(length, unread, pending int64) den.Timestamp {
			t.Helper()
			all, err := client.Backlog(t.Context())
			must(t, err)
			want(t, "streams", len(all), 1)
			b := all[0]
			want(t, "stream", b.Stream, o.Inputs[0].Stream)
			want(t, "length", b.Length, length)
			if strings.HasSuffix(t.Name(), "/redis") { // miniredis counts otherwise
				want(t, "unread", b.Unread, unread)
			}
			want(t, "pending", b.Pending, pending)
			want(t, "is there an oldest one", b.OldestPending != 0, pending > 0)
			return b.OldestPending
		}
		look(0, -1, 0) // there is no stream
		before := dentest.Now()
		server.send("collisions", arrays(1, 5)...)
		look(5, -1, 0) // nor a group
		s := client.Subscriber()
		b := receiveBatch(t, s, 2)
		if oldest := look(5, 3, 2); oldest < before || oldest > dentest.Now() {
			t.Errorf("the oldest pending entry is of %v; want one of now", oldest)
		}
		must(t, client.Publisher().Commit(t.Context(), b, nil))
		look(5, 3, 0)

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := client.Backlog(ended)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
