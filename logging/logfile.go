package logging

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"time"
)

// logFile is a log file that is open, as a destination. When it is lost it is opened
// again, not more often than once a second.
type logFile struct {
	name string
	file *os.File // nil when the last try to open it has failed
	size int64
	next time.Time // when it is tried again

	closing atomic.Pointer[os.File] // the file, for interrupt
}

func openLogFile(name string, overwrite bool) (*logFile, error) {
	f := &logFile{name: name}
	return f, f.open(overwrite)
}

// open opens the file, which must not be open.
func (f *logFile) open(overwrite bool) error {
	file, err := openFile(f.name, overwrite)
	if err == nil {
		var info fs.FileInfo
		if info, err = file.Stat(); err == nil {
			f.file, f.size = file, info.Size()
			f.closing.Store(file)
			return nil
		}
		file.Close()
	}
	f.file, f.next = nil, time.Now().Add(time.Second)
	return fmt.Errorf("file %q: %w", f.name, err)
}

func (f *logFile) Write(line []byte) (int, error) {
	if f.file == nil {
		if time.Now().Before(f.next) {
			return 0, fmt.Errorf("file %q: %w", f.name, fs.ErrClosed)
		}
		if err := f.open(false); err != nil {
			return 0, err
		}
	}
	n, err := f.file.Write(line)
	f.size += int64(n)
	return n, err
}

// reopen opens the file anew, which may have been moved away. If that fails the old
// one is written on.
func (f *logFile) reopen() error {
	before := f.file
	err := f.open(false)
	switch {
	case before == nil:
		return err
	case err != nil:
		f.file = before
		return err
	}
	return before.Close()
}

// moveTo gives the file another name and begins a new one. If it cannot be moved it is
// written on.
func (f *logFile) moveTo(name string) error {
	if f.file != nil {
		// Some systems do not move a file that is open.
		if err := f.file.Close(); err != nil {
			return errors.Join(err, f.open(false))
		}
	}
	return errors.Join(os.Rename(f.name, name), f.open(false))
}

func (f *logFile) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// interrupt ends a write that does not come back.
func (f *logFile) interrupt() {
	if file := f.closing.Load(); file != nil {
		file.Close()
	}
}
