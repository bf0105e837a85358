package logging

import (
	"io"
	"log/slog"
	"os"
)

// Stream is the [Handler] for a console or any other writer. The zero Stream
// writes text to standard error from INFO on, in colour if that is a terminal.
type Stream struct {
	// Writer gets one line each Write; nil is os.Stderr. It is never closed.
	Writer io.Writer
	// Level is the lowest level written; nil is INFO. A *slog.LevelVar allows
	// to change it while the log is in use.
	Level slog.Leveler
	// Format is FormatText unless set.
	Format Format
	// TimeFormat is TimeRFC3339 unless set.
	TimeFormat TimeFormat
	// Color is ColorAuto unless set. It matters to FormatText only.
	Color Color
}

var _ Handler = Stream{}

// Open implements [Handler]. It fails only on a Format or a Color that does not
// exist.
func (s Stream) Open() (slog.Handler, io.Closer, error) {
	w := s.Writer
	if w == nil {
		w = os.Stderr
	}
	colored, err := s.Color.wanted(w)
	if err != nil {
		return nil, nil, err
	}
	form := layout.form
	if colored && s.Format == FormatText {
		form = layout.terminal
	}
	return opened(layout{s.Level, s.Format, s.TimeFormat}.open(stream{w}, form))
}

// stream is a writer that is somebody else's.
type stream struct{ io.Writer }

func (stream) reopen() error { return nil }
func (stream) Close() error  { return nil }
