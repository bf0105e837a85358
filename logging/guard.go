package logging

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync/atomic"
)

// A guard keeps the failures of one handler from its caller and from the other
// handlers. It is as safe for concurrent use as the handler behind it.
type guard struct {
	next  slog.Handler
	tally *tally // shared by all guards derived from one handler
}

// Enabled is false if the handler panics: what cannot even say so much is not
// to be asked for more.
func (g *guard) Enabled(ctx context.Context, level slog.Level) bool {
	defer g.recovered()
	return g.next.Enabled(ctx, level)
}

// Handle always returns nil. slog.Logger drops the error anyhow, and whoever
// calls a handler without a logger must not be harmed either.
func (g *guard) Handle(ctx context.Context, r slog.Record) error {
	defer g.recovered()
	if err := g.next.Handle(ctx, r); err != nil {
		g.tally.add(err)
	}
	return nil
}

// WithAttrs falls back to the handler as it was: a line without some of its
// attributes is better than no line. It passes on a copy because a handler owns
// the slice it gets, while a fan-out hands the same one to all.
func (g *guard) WithAttrs(attrs []slog.Attr) (derived slog.Handler) {
	derived = g
	defer g.recovered()
	return g.with(g.next.WithAttrs(slices.Clone(attrs)))
}

// WithGroup falls back like WithAttrs.
func (g *guard) WithGroup(name string) (derived slog.Handler) {
	derived = g
	defer g.recovered()
	return g.with(g.next.WithGroup(name))
}

func (g *guard) with(next slog.Handler) slog.Handler {
	return &guard{next: next, tally: g.tally}
}

// recovered is to be deferred. It ends a panic and counts it.
func (g *guard) recovered() {
	if cause := recover(); cause != nil {
		g.tally.add(fmt.Errorf("panic: %v", cause))
	}
}

// A tally counts the failures of one handler.
type tally struct {
	name  string
	count atomic.Uint64
}

// add counts a failure and tells the first one on standard error: a log that
// fails in silence looks like a system with nothing to say. One line is enough,
// for a full disk would otherwise fill the console too. The cause is quoted
// since it may hold the text that the handler choked on.
func (t *tally) add(cause error) {
	if t.count.Add(1) > 1 {
		return
	}
	fmt.Fprintf(os.Stderr, "logging: %s failed: %q; its further failures are only counted\n",
		t.name, fmt.Sprint(cause))
}
