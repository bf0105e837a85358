package main

import (
	"context"
	"log/slog"
	"reflect"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// rateInterval is how often the log says how much has happened.
const rateInterval = time.Minute

// tally is all that the parts count.
type tally struct {
	service den.Stats
	redis   redisio.Stats
}

// logRates says once a minute what was counted since, until ctx ends. Of a minute in
// which nothing was it says nothing.
func logRates(ctx context.Context, log *slog.Logger, count func() tally) {
	ticker := time.NewTicker(rateInterval)
	defer ticker.Stop()
	before := count()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		now := count()
		service, redis := since(before.service, now.service), since(before.redis, now.redis)
		if len(service)+len(redis) > 0 {
			log.Info("in the last minute", "active", now.service.Active, slog.Group("service", service...), slog.Group("redis", redis...))
		}
		before = now
	}
}

// since returns by how much each counter of a struct has grown, if it has.
func since(before, now any) (attrs []any) {
	b, n := reflect.ValueOf(before), reflect.ValueOf(now)
	for i := range n.NumField() {
		if n.Field(i).Kind() != reflect.Uint64 { // and not a gauge
			continue
		}
		if from, to := b.Field(i).Uint(), n.Field(i).Uint(); to > from && n.Type().Field(i).Name != "Epoch" {
			attrs = append(attrs, slog.Uint64(n.Type().Field(i).Name, to-from))
		}
	}
	return attrs
}
