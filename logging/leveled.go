package logging

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
)

// leveled hands each record to the step of its level.
type leveled []step

// step is a handler for the records from a level on, up to the next step.
type step struct {
	from slog.Level
	slog.Handler
}

func (l leveled) Enabled(ctx context.Context, level slog.Level) bool {
	return l.at(level).Enabled(ctx, level)
}

func (l leveled) Handle(ctx context.Context, r slog.Record) error {
	return l.at(r.Level).Handle(ctx, r)
}

func (l leveled) at(level slog.Level) slog.Handler {
	i := len(l) - 1
	for i > 0 && level < l[i].from {
		i--
	}
	return l[i].Handler
}

func (l leveled) WithAttrs(attrs []slog.Attr) slog.Handler {
	return l.with(func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs) })
}

func (l leveled) WithGroup(name string) slog.Handler {
	return l.with(func(h slog.Handler) slog.Handler { return h.WithGroup(name) })
}

func (l leveled) with(derive func(slog.Handler) slog.Handler) slog.Handler {
	derived := make(leveled, len(l))
	for i, s := range l {
		derived[i] = step{s.from, derive(s.Handler)}
	}
	return derived
}

// urgent is a queue that takes a line even when it is full.
type urgent struct{ *queue }

func (u urgent) Write(line []byte) (int, error) { return u.put(line, true) }

// form makes what writes the lines of a layout: layout.form or layout.terminal.
type form func(layout, io.Writer) (slog.Handler, error)

// open starts the queue of a destination and returns what writes to it.
func (l layout) open(to destination, form form) (slog.Handler, *queue, error) {
	if err := l.check(); err != nil {
		return nil, nil, err
	}
	q := newQueue(to, l.dropNotice(form))
	normal, err := form(l, q)
	critical, err2 := form(l, urgent{q})
	return leveled{{LevelDebug, normal}, {LevelCritical, critical}}, q, errors.Join(err, err2)
}

// dropNotice returns what makes a line, of the same form as all others, that tells how
// many lines are missing in its place.
func (l layout) dropNotice(form form) func(lost uint64) []byte {
	return func(lost uint64) []byte {
		var line bytes.Buffer
		l.level = LevelDebug // whatever is asked for, this is told
		if handler, err := form(l, &line); err == nil {
			slog.New(handler).Warn("lines of this log are missing here: it could not be written fast enough", "count", lost)
		}
		return line.Bytes()
	}
}
