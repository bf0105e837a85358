package logging_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/step-its/producer/logging"
)

// messages returns the messages of a text log, in order; a line without one
// stands for itself.
func messages(content string) []string {
	var found []string
	for line := range strings.Lines(content) {
		line = strings.TrimSuffix(line, "\n")
		if _, msg, ok := strings.Cut(line, " msg="); ok {
			line = msg
		}
		found = append(found, line)
	}
	return found
}

// logOnce opens the file, writes one line, and closes it.
func logOnce(t *testing.T, file logging.File, message string) {
	t.Helper()
	log := newLog(t, file)
	prompt(log).Info(message)
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAppendAndOverwrite(t *testing.T) {
	tests := []struct {
		name, before string
		overwrite    bool
		want         []string
	}{
		{"append", "old\n", false, []string{"old", "one", "two"}},
		{"append-after-half-a-line", "ol", false, []string{"ol", "one", "two"}},
		{"append-to-nothing", "", false, []string{"one", "two"}},
		{"overwrite", "old\n", true, []string{"two"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "p.log")
			if err := os.WriteFile(name, []byte(tt.before), 0o600); err != nil {
				t.Fatal(err)
			}
			file := logging.File{Filename: name, Overwrite: tt.overwrite}
			logOnce(t, file, "one")
			logOnce(t, file, "two")
			if diff := cmp.Diff(tt.want, messages(read(t, name))); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

// Overwriting happens once, at the start: a file that somebody truncates while
// it is in use is not filled up with zeros.
func TestTruncationByOthers(t *testing.T) {
	name := filepath.Join(t.TempDir(), "p.log")
	log := newLog(t, logging.File{Filename: name, Overwrite: true})
	prompt(log).Info("one")
	if err := os.Truncate(name, 0); err != nil {
		t.Fatal(err)
	}
	prompt(log).Info("two")
	if diff := cmp.Diff([]string{"two"}, messages(read(t, name))); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestFileErrors(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing", "p.log")
	tests := []struct {
		name string
		file logging.File
		want string
		is   error
	}{
		{"missing-directory", logging.File{Filename: missing}, "is missing", fs.ErrNotExist},
		{"directory", logging.File{Filename: dir}, "is a directory, not a regular file", nil},
		{"device", logging.File{Filename: os.DevNull}, "is a device, pipe or socket, not a regular file", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := logging.New(logging.Options{Handlers: []logging.Handler{tt.file}})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.file.Filename) {
				t.Fatalf("error %v, want the file name and %q", err, tt.want)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v does not match %v", err, tt.is)
			}
		})
	}
}

// A mistake in the options is found before the file is emptied.
func TestWrongFormatKeepsTheFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "p.log")
	logOnce(t, logging.File{Filename: name}, "kept")
	_, err := logging.New(logging.Options{Handlers: []logging.Handler{
		logging.File{Filename: name, Overwrite: true, Format: 9},
	}})
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff([]string{"kept"}, messages(read(t, name))); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestLoggingAfterCloseIsCounted(t *testing.T) {
	stderr(t)
	log := newLog(t, logging.File{Filename: filepath.Join(t.TempDir(), "p.log")})
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	prompt(log).Info("late")
	if log.Failures() != 1 {
		t.Errorf("Failures = %d, want 1", log.Failures())
	}
}
