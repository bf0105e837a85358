package logging

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"time"
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

// critical is how long the caller waits at most for a line of LevelCritical to be
// written: the program may end right after it.
const critical = time.Second

// flushed writes a line and waits until it is out.
type flushed struct{ *queue }

func (f flushed) Write(line []byte) (int, error) {
	n, err := f.queue.Write(line)
	if err == nil {
		_ = f.flush(critical) // a stalled destination must not hold up the end
	}
	return n, err
}

// form makes what writes the lines of a layout: layout.form or layout.terminal.
type form func(layout, io.Writer) (slog.Handler, error)

// open starts the queue of a destination and returns what writes to it.
func (l layout) open(to destination, form form) (slog.Handler, *queue, error) {
	if err := l.check(); err != nil {
		return nil, nil, err
	}
	q := newQueue(to, l.dropNotice(form))
	normal, err := form(l, q)
	urgent, err2 := form(l, flushed{q})
	return leveled{{LevelDebug, normal}, {LevelCritical, urgent}}, q, errors.Join(err, err2)
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
