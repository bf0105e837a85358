package logging

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Options say where the log goes and whose it is. The zero Options write to
// standard error from INFO on. [New] copies what it needs and changes nothing.
type Options struct {
	// Handlers are the destinations; each record goes to all of them whose
	// level it reaches, in this order. None means one zero [Stream]; a log
	// that is to be silent has the one handler [Null].
	Handlers []Handler
	// Component and Instance stand on every line under KeyComponent and
	// KeyInstance. An empty one is left out.
	Component string
	Instance  string
}

// Log is a logger together with what it opened. All methods may be called
// concurrently. A Log is made by [New].
type Log struct {
	logger  *slog.Logger
	tallies []*tally         // one for each handler
	queues  []placed[*queue] // of the handlers that have one
	closers []placed[io.Closer]
	close   func() error
}

const (
	closeTimeout = 2 * time.Second // for the end of a destination
	patience     = 2 * time.Second // for Flush and Reopen
	critical     = time.Second     // for a record of LevelCritical
)

// placed is something of the handler with an index.
type placed[T any] struct {
	index int
	of    T
}

// lastWords waits until a record of LevelCritical is written everywhere, for the
// program may end right after it.
type lastWords struct {
	slog.Handler
	log *Log
}

func (w lastWords) Handle(ctx context.Context, r slog.Record) error {
	err := w.Handler.Handle(ctx, r)
	if r.Level >= LevelCritical {
		// A destination that has stalled must not hold up the end.
		_ = w.log.each(func(q *queue) error { return q.flush(critical) })
	}
	return err
}

func (w lastWords) WithAttrs(attrs []slog.Attr) slog.Handler {
	return lastWords{w.Handler.WithAttrs(attrs), w.log}
}

func (w lastWords) WithGroup(name string) slog.Handler {
	return lastWords{w.Handler.WithGroup(name), w.log}
}

// New opens all handlers and returns the log that writes to them. If any cannot
// be opened it closes the others and returns an *[Error] that names each of those
// that failed by its index. It wraps the errors of Open.
func New(opts Options) (*Log, error) {
	handlers := opts.Handlers
	if len(handlers) == 0 {
		handlers = []Handler{Stream{}}
	}
	log := new(Log)
	log.close = sync.OnceValue(log.closeAll)

	var guards []slog.Handler
	var failed failures
	for i, handler := range handlers {
		guarded, err := log.open(i, handler)
		failed.add(i, err)
		guards = append(guards, guarded)
	}
	if err := failed.err(); err != nil {
		if closing, ok := errors.AsType[*Error](log.Close()); ok {
			return nil, &Error{append(failed, closing.Handlers...)}
		}
		return nil, err
	}
	log.logger = slog.New(lastWords{fanOut(guards), log}).With(origin(opts)...)
	return log, nil
}

// open opens the handler with an index and guards what it returns.
func (l *Log) open(index int, handler Handler) (slog.Handler, error) {
	if handler == nil {
		return nil, errors.New("is nil")
	}
	next, closer, err := handler.Open()
	if err != nil {
		return nil, err
	}
	t := &tally{name: fmt.Sprintf("%s (%T)", place(index), handler)}
	l.tallies = append(l.tallies, t)
	if closer != nil {
		l.closers = append(l.closers, placed[io.Closer]{index, closer})
	}
	if own, ok := closer.(queueCloser); ok {
		own.tally.Store(t)
		l.queues = append(l.queues, placed[*queue]{index, own.queue})
	}
	if next == nil {
		return nil, fmt.Errorf("%T opened as nil", handler)
	}
	return &guard{next: next, tally: t}, nil
}

// fanOut spares the lone handler the copy of each record that many need.
func fanOut(guards []slog.Handler) slog.Handler {
	if len(guards) == 1 {
		return guards[0]
	}
	return slog.NewMultiHandler(guards...)
}

// origin returns the attributes that every line bears.
func origin(opts Options) []any {
	var attrs []any
	if opts.Component != "" {
		attrs = append(attrs, slog.String(KeyComponent, opts.Component))
	}
	if opts.Instance != "" {
		attrs = append(attrs, slog.String(KeyInstance, opts.Instance))
	}
	return attrs
}

// Logger returns the logger, always the same one.
func (l *Log) Logger() *slog.Logger { return l.logger }

// Failures returns how often a handler or its destination returned an error or
// panicked since New, all handlers together. Each time a record, or what With added to
// it, was lost at one destination.
func (l *Log) Failures() uint64 {
	var sum uint64
	for _, t := range l.tallies {
		sum += t.count.Load()
	}
	return sum
}

// Dropped returns how many lines were dropped since New because a destination was too
// slow, all handlers together.
func (l *Log) Dropped() uint64 {
	var sum uint64
	for _, q := range l.queues {
		sum += q.of.lost()
	}
	return sum
}

// Flush waits until all lines are written that were logged before, for 2 s at most. It
// returns which destinations have stalled.
func (l *Log) Flush() error {
	return l.each(func(q *queue) error { return q.flush(patience) })
}

// Reopen closes all files and opens them again by their names, behind the lines that
// were logged before: call it when somebody has moved them away, as logrotate does. It
// waits for 2 s at most. A file that cannot be opened is written on under its old name.
func (l *Log) Reopen() error {
	return l.each(func(q *queue) error { return q.reopen(patience) })
}

// each does something with all queues at once, and returns what went wrong with any of
// them.
func (l *Log) each(do func(*queue) error) error {
	return atOnce(l.queues, do)
}

// Close writes what was logged before, for 2 s at most, and closes the files that New
// opened. It returns what went wrong with any of them. Writers that were passed in stay
// open. Later calls do nothing and return the same. What is logged after Close is lost,
// and counted as a failure.
func (l *Log) Close() error { return l.close() }

func (l *Log) closeAll() error {
	return atOnce(l.closers, io.Closer.Close)
}

// atOnce does something with all of a list, and returns what went wrong.
func atOnce[T any](list []placed[T], do func(T) error) error {
	errs := make([]error, len(list))
	var all sync.WaitGroup
	for i, p := range list {
		all.Go(func() { errs[i] = do(p.of) })
	}
	all.Wait()
	var failed failures
	for i, p := range list {
		failed.add(p.index, errs[i])
	}
	return failed.err()
}
