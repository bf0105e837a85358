package logging

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
)

// SizeRotatingFile is the [Handler] for a file of limited size. When it is full it is
// renamed to Filename.1, what had that name to Filename.2, and so on; what had the
// greatest number is removed.
type SizeRotatingFile struct {
	// Filename is that of [File], and so are the modes of the files and what must
	// not stand there.
	Filename string
	// MaxBytes is the size, at least 1, at which a new file is begun. A line that is
	// longer stands in a file of its own.
	MaxBytes int64
	// BackupCount is how many old files are kept, at least 1.
	BackupCount int
	// Level, Format and TimeFormat are those of [File].
	Level      slog.Leveler
	Format     Format
	TimeFormat TimeFormat
}

var _ Handler = SizeRotatingFile{}

// Open implements [Handler], with the errors of [File.Open].
func (f SizeRotatingFile) Open() (slog.Handler, io.Closer, error) {
	l := layout{f.Level, f.Format, f.TimeFormat}
	if err := l.check(); err != nil {
		return nil, nil, err
	}
	if f.MaxBytes < 1 || f.BackupCount < 1 {
		return nil, nil, fmt.Errorf("file %q: MaxBytes and BackupCount must be at least 1", f.Filename)
	}
	file, err := openLogFile(f.Filename, false)
	if err != nil {
		return nil, nil, err
	}
	return opened(l.open(&sizeRotator{logFile: file, most: f.MaxBytes, backups: f.BackupCount}, layout.form))
}

type sizeRotator struct {
	*logFile
	most    int64
	backups int
	retry   int64 // after a failure: the size at which it is tried again
}

func (r *sizeRotator) Write(line []byte) (int, error) {
	var failed error
	if r.size == 0 {
		r.retry = 0
	}
	if after := r.size + int64(len(line)); r.size > 0 && after > r.most && after > r.retry {
		if failed = r.rotate(); failed != nil {
			r.retry = after + r.most
		} else {
			r.retry = 0
		}
	}
	n, err := r.logFile.Write(line)
	if n < len(line) || err != nil {
		return n, errors.Join(failed, err)
	}
	return n, failed
}

// rotate gives all files the next number.
func (r *sizeRotator) rotate() error {
	for n := r.backups - 1; n >= 1; n-- {
		err := os.Rename(r.numbered(n), r.numbered(n+1))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err // what has the next number must not be lost
		}
	}
	return r.moveTo(r.numbered(1))
}

func (r *sizeRotator) numbered(n int) string { return fmt.Sprintf("%s.%d", r.name, n) }
