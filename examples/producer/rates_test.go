package main

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// What has happened is told once a minute, and only what has.
func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
		var created atomic.Uint64
		created.Store(5)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			logRates(ctx, log, func() tally {
				return tally{den.Stats{Active: 3, Created: created.Load()}, redisio.Stats{Epoch: 7, Published: 2 * created.Load()}}
			})
			close(ended)
		}()
		time.Sleep(30 * time.Second)
		created.Add(4)
		time.Sleep(10 * time.Minute)
		cancel()
		<-ended
		if want := "level=INFO msg=\"in the last minute\" active=3 service.Created=4 redis.Published=8\n"; out.String() != want {
			t.Errorf("got %q; want %q", out.String(), want)
		}
	})
}
