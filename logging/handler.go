package logging

import (
	"errors"
	"io"
	"log/slog"
)

// A Handler describes one destination of the log. [Stream], [File],
// [SizeRotatingFile], [TimeRotatingFile], [Syslog] and [Null] are handlers; a program
// may bring its own, which is then called by whoever logs and has to be quick.
type Handler interface {
	// Open prepares the destination and returns what writes to it, with its
	// level and its format. The closer releases what Open acquired; it is nil
	// if there is nothing to release. [New] calls Open once; after an error it
	// calls nothing else.
	//
	// The slog.Handler obeys the rules of slog and may fail or panic: New
	// guards each of its methods. It never gets the same slice of attributes
	// as another handler.
	Open() (slog.Handler, io.Closer, error)
}

// opened turns what layout.open returns into what a Handler does.
func opened(handler slog.Handler, q *queue, err error) (slog.Handler, io.Closer, error) {
	if err != nil {
		if q != nil {
			err = errors.Join(err, q.close(closeTimeout))
		}
		return nil, nil, err
	}
	return handler, queueCloser{q}, nil
}

// queueCloser closes a queue within closeTimeout.
type queueCloser struct{ *queue }

func (c queueCloser) Close() error { return c.close(closeTimeout) }
