package logging

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// TimeRotatingFile is the [Handler] for a file that is begun anew at set times. Files,
// their names and the times are those of Python's TimedRotatingFileHandler: the old
// file is renamed when the first line comes after its time, to Filename, a dot and when
// its interval began.
//
// Two differences lose no lines and no hour. A file whose name is taken, as it is when an
// hour comes twice in autumn, gets a number behind it instead of taking the other's
// place. And a day ends at midnight, also the day on which the clocks change.
type TimeRotatingFile struct {
	// Filename is that of [File], and so are the modes of the files and what must
	// not stand there.
	Filename string
	// When is the unit of Interval: "S", "M", "H" or "D" for seconds, minutes,
	// hours or days from the first line on; "midnight"; or a weekday from "W0", Monday,
	// to "W6", at whose end a new file is begun. "" is "midnight".
	When string
	// Interval is the number of units; 0 is 1. Midnight and weekdays ignore it.
	Interval int
	// BackupCount is how many old files are kept; 0 keeps all.
	BackupCount int
	// Location is whose midnight and whose times in names are meant; nil is UTC.
	Location *time.Location
	// Level, Format and TimeFormat are those of [File].
	Level      slog.Leveler
	Format     Format
	TimeFormat TimeFormat
}

var _ Handler = TimeRotatingFile{}

// Open implements [Handler], with the errors of [File.Open].
func (f TimeRotatingFile) Open() (slog.Handler, io.Closer, error) {
	l := layout{f.Level, f.Format, f.TimeFormat}
	if err := l.check(); err != nil {
		return nil, nil, err
	}
	s, err := newSchedule(f.When, f.Interval, f.Location)
	if err == nil && f.BackupCount < 0 {
		err = errors.New("BackupCount must not be negative")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("file %q: %w", f.Filename, err)
	}
	begun := time.Now()
	if info, err := os.Lstat(f.Filename); err == nil {
		begun = info.ModTime() // of the lines that are in it already
	}
	file, err := openLogFile(f.Filename, false)
	if err != nil {
		return nil, nil, err
	}
	return opened(l.open(&timeRotator{logFile: file, schedule: s, backups: f.BackupCount, until: s.next(begun)}, layout.form))
}

type timeRotator struct {
	*logFile
	schedule schedule
	backups  int
	until    time.Time // when the file ends
}

func (r *timeRotator) Write(line []byte) (int, error) {
	var failed error
	if now := time.Now(); !now.Before(r.until) {
		if r.size > 0 {
			failed = r.rotate(now)
		}
		r.until = r.schedule.next(now) // after a failure, too: not with every line
	}
	n, err := r.logFile.Write(line)
	if n < len(line) || err != nil {
		return n, errors.Join(failed, err)
	}
	return n, failed
}

// rotate moves the file away and removes those that are too many.
func (r *timeRotator) rotate(now time.Time) error {
	stem := r.name + "." + r.schedule.stamp(r.until, now)
	name := stem
	for n := 1; ; n++ {
		_, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err == nil && n > mostOfOneTime {
			err = fmt.Errorf("there are %d files of this time", mostOfOneTime)
		}
		if err != nil {
			return err
		}
		name = fmt.Sprintf("%s.%d", stem, n)
	}
	if err := r.moveTo(name); err != nil {
		return err
	}
	return r.removeOld()
}

// mostOfOneTime is how many files of the same time there can be.
const mostOfOneTime = 1000

// stamped is the end of the name of an old file, whatever its schedule was: when its
// interval began, and the number that tells those of one time apart.
var stamped = regexp.MustCompile(`^(\d{4}-\d\d-\d\d(?:_\d\d(?:-\d\d(?:-\d\d)?)?)?)(?:\.(\d{1,9}))?$`)

// oldFile is an old file, by the end of its name.
type oldFile struct {
	name, stamp string
	number      int
}

// removeOld removes the oldest files until as many are left as are to be kept.
func (r *timeRotator) removeOld() error {
	if r.backups == 0 {
		return nil
	}
	dir, base := filepath.Split(r.name)
	entries, err := os.ReadDir(filepath.Clean(dir + "."))
	if err != nil {
		return err
	}
	var old []oldFile
	for _, entry := range entries {
		end, ours := strings.CutPrefix(entry.Name(), base+".")
		parts := stamped.FindStringSubmatch(end)
		if !ours || parts == nil || !entry.Type().IsRegular() {
			continue
		}
		number, _ := strconv.Atoi(parts[2])
		old = append(old, oldFile{entry.Name(), parts[1], number})
	}
	slices.SortFunc(old, func(a, b oldFile) int {
		return cmp.Or(cmp.Compare(a.stamp, b.stamp), cmp.Compare(a.number, b.number))
	})
	var failed []error
	for _, file := range old[:max(len(old)-r.backups, 0)] {
		failed = append(failed, os.Remove(filepath.Join(dir, file.name)))
	}
	return errors.Join(failed...)
}
