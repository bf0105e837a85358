package logging

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// filePerm is the mode of a new log file: lines tell who was where and when,
// which is not for everybody on the host.
const filePerm = 0o640

// File is the [Handler] for one file that grows without bound.
type File struct {
	// Filename is the path of the file; its directory must exist. A new file
	// is created with mode 0640 less the umask, an existing one keeps its
	// mode. The last element must not be a symbolic link, nor anything else
	// but a regular file: who may write to the directory could otherwise
	// direct the log into a file of ours.
	Filename string
	// Overwrite empties the file when it is opened. Otherwise lines are added
	// after what it holds.
	Overwrite bool
	// Level is the lowest level written; nil is INFO. A *slog.LevelVar allows
	// to change it while the log is in use.
	Level slog.Leveler
	// Format is FormatText unless set.
	Format Format
	// TimeFormat is TimeRFC3339 unless set.
	TimeFormat TimeFormat
}

var _ Handler = File{}

// Open implements [Handler]. Its errors name the file and wrap that of the
// operating system, so that [fs.ErrNotExist] and [fs.ErrPermission] match.
func (f File) Open() (slog.Handler, io.Closer, error) {
	l := layout{f.Level, f.Format, f.TimeFormat}
	if err := l.check(); err != nil {
		// Before the file is opened, for that may empty it.
		return nil, nil, err
	}
	file, err := openLogFile(f.Filename, f.Overwrite)
	if err != nil {
		return nil, nil, err
	}
	return opened(l.open(file, layout.form))
}

// openFile opens a log file for appending, after it was emptied if so wanted.
// Appending holds for both, so that lines of another process, or a copy and
// truncate by a rotation tool, do no damage.
func openFile(name string, overwrite bool) (*os.File, error) {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("is %s, not a regular file", kindOf(info.Mode()))
	}
	flags := os.O_RDWR | os.O_CREATE | os.O_APPEND | openNoFollow
	if overwrite {
		flags |= os.O_TRUNC
	}
	file, err := os.OpenFile(name, flags, filePerm)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("directory %q is missing: %w", filepath.Dir(name), err)
	}
	if err != nil {
		return nil, err
	}
	if err := endLine(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// kindOf names what stands where a log file should.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode.IsDir():
		return "a directory"
	}
	return "a device, pipe or socket"
}

// endLine completes the last line of the file, which a full disk or a power cut
// may have left half written, so that it does not swallow the next one.
func endLine(file *os.File) error {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := file.ReadAt(last, info.Size()-1); err != nil {
		return err
	}
	if last[0] != '\n' {
		_, err = file.Write([]byte{'\n'})
	}
	return err
}
