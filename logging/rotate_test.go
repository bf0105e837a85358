package logging_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/step-its/producer/logging"
)

// contents returns the messages in each file of a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		files[entry.Name()] = strings.Join(messages(read(t, filepath.Join(dir, entry.Name()))), " ")
	}
	return files
}

// A file that is full becomes number 1, and what had a number gets the next one.
func TestSizeRotatingFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "p.log")
	file := logging.SizeRotatingFile{Filename: name, MaxBytes: 120, BackupCount: 2} // two lines of about 50 bytes
	log := newLog(t, file)
	for i := range 5 {
		prompt(log).Info(fmt.Sprint("n", i))
	}
	want := map[string]string{"p.log": "n4", "p.log.1": "n2 n3", "p.log.2": "n0 n1"}
	if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	other := newLog(t, file) // another start goes on with the file
	prompt(other).Info("n5")
	prompt(other).Info(strings.Repeat("x", 500)) // is longer than a file
	prompt(other).Info("n6")
	want = map[string]string{"p.log": "n6", "p.log.1": strings.Repeat("x", 500), "p.log.2": "n4 n5"}
	if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	info, err := os.Stat(name + ".1")
	if err != nil || info.Mode().Perm()&0o137 != 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// When files cannot be renamed the log goes on in the one that is there, and the
// failure is told and counted, not with every line.
func TestRotationThatFails(t *testing.T) {
	for _, test := range []struct {
		name string
		file func(name string) logging.Handler
	}{
		{"size", func(name string) logging.Handler {
			return logging.SizeRotatingFile{Filename: name, MaxBytes: 120, BackupCount: 2}
		}},
		{"time", func(name string) logging.Handler {
			return logging.TimeRotatingFile{Filename: name, When: "S", BackupCount: 2}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := stderr(t)
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				name := filepath.Join(dir, "p.log")
				log := newLog(t, test.file(name))
				prompt(log).Info("n0")
				if err := os.RemoveAll(dir); err != nil { // even root cannot rename a file that is gone
					t.Fatal(err)
				}
				for i := range 10 {
					time.Sleep(300 * time.Millisecond)
					prompt(log).Info(fmt.Sprint("n", i))
				}
				if n := log.Failures(); n == 0 || n > 20 {
					t.Errorf("%d failures", n)
				}
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Second)
				prompt(log).Info("again")
				if files := contents(t, dir); !strings.HasSuffix(files["p.log"], "again") {
					t.Errorf("files %v", files)
				}
			})
			if !strings.Contains(got(), "no such file or directory") {
				t.Errorf("standard error got %q", got())
			}
		})
	}
}

// at returns a time of the bubble's clock after which it goes on.
func sleepUntil(t *testing.T, text string, location *time.Location) {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", text, location)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(at))
}

// Files are begun anew at their times, and as many old ones are kept as are to be.
func TestTimeRotatingFile(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		file  logging.TimeRotatingFile
		times []string // of the lines n0, n1 …
		want  map[string]string
	}{
		{
			"seconds",
			logging.TimeRotatingFile{When: "S", Interval: 10},
			[]string{"2026-03-02 09:00:00", "2026-03-02 09:00:09", "2026-03-02 09:00:11", "2026-03-02 09:01:00"},
			map[string]string{"p.log.2026-03-02_09-00-00": "n0 n1", "p.log.2026-03-02_09-00-11": "n2", "p.log": "n3"},
		},
		{
			"hours",
			logging.TimeRotatingFile{When: "H", BackupCount: 1},
			[]string{"2026-03-02 09:30:00", "2026-03-02 10:29:59", "2026-03-02 10:30:00", "2026-03-02 12:00:00"},
			map[string]string{"p.log.2026-03-02_10": "n2", "p.log": "n3"},
		},
		{
			"midnight_utc",
			logging.TimeRotatingFile{BackupCount: 2},
			[]string{"2026-03-02 09:00:00", "2026-03-02 23:59:59", "2026-03-03 00:00:00", "2026-03-04 12:00:00", "2026-03-05 12:00:00"},
			map[string]string{"p.log.2026-03-03": "n2", "p.log.2026-03-04": "n3", "p.log": "n4"},
		},
		{
			"midnight_in_spring",
			logging.TimeRotatingFile{When: "midnight", Location: berlin},
			[]string{"2026-03-28 23:59:59", "2026-03-29 00:00:00", "2026-03-29 23:59:59", "2026-03-30 00:00:00"},
			map[string]string{"p.log.2026-03-28": "n0", "p.log.2026-03-29": "n1 n2", "p.log": "n3"},
		},
		{
			"midnight_in_autumn",
			logging.TimeRotatingFile{When: "midnight", Location: berlin},
			[]string{"2026-10-24 23:59:59", "2026-10-25 00:00:00", "2026-10-25 23:59:59", "2026-10-26 00:00:00"},
			map[string]string{"p.log.2026-10-24": "n0", "p.log.2026-10-25": "n1 n2", "p.log": "n3"},
		},
		{
			"wednesdays",
			logging.TimeRotatingFile{When: "W2"},
			[]string{"2026-03-02 09:00:00", "2026-03-04 23:59:59", "2026-03-05 00:00:00", "2026-03-11 23:00:00", "2026-03-12 00:00:01"},
			map[string]string{"p.log.2026-02-26": "n0 n1", "p.log.2026-03-05": "n2 n3", "p.log": "n4"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, other := range []string{"p.log.txt", "p.log.2026-03-01x", "q.log.2026-01-01"} {
				if err := os.WriteFile(filepath.Join(dir, other), nil, 0o600); err != nil {
					t.Fatal(err)
				}
				test.want[other] = ""
			}
			synctest.Test(t, func(t *testing.T) {
				location := test.file.Location
				if location == nil {
					location = time.UTC
				}
				sleepUntil(t, test.times[0], location)
				test.file.Filename = filepath.Join(dir, "p.log")
				log := newLog(t, test.file)
				for i, text := range test.times {
					sleepUntil(t, text, location)
					prompt(log).Info(fmt.Sprint("n", i))
				}
			})
			if diff := cmp.Diff(test.want, contents(t, dir)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

// Old files are told apart by their time, whatever schedule they are of.
func TestOldFilesOfAnotherSchedule(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "p.log")
	for hour := range 6 {
		if err := os.WriteFile(fmt.Sprintf("%s.1999-01-02_%02d", name, hour), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		log := newLog(t, logging.TimeRotatingFile{Filename: name, BackupCount: 3})
		for range 3 {
			prompt(log).Info("line")
			time.Sleep(24 * time.Hour)
		}
		prompt(log).Info("line")
	})
	want := map[string]string{"p.log": "line", "p.log.2000-01-01": "line", "p.log.2000-01-02": "line", "p.log.2000-01-03": "line"}
	if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// A name to which nothing can be added is written on.
func TestNameThatIsTooLong(t *testing.T) {
	got := stderr(t)
	synctest.Test(t, func(t *testing.T) {
		name := filepath.Join(t.TempDir(), strings.Repeat("n", 245))
		log := newLog(t, logging.TimeRotatingFile{Filename: name})
		for range 3 {
			prompt(log).Info("line")
			time.Sleep(24 * time.Hour)
		}
		if lines(read(t, name)) != 3 || log.Failures() != 2 {
			t.Errorf("%d lines, %d failures", lines(read(t, name)), log.Failures())
		}
	})
	if !strings.Contains(got(), "file name too long") {
		t.Errorf("standard error got %q", got())
	}
}

// The hour that comes twice in autumn makes two files.
func TestHourThatComesTwice(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC))) // 02:00, for the first time
		log := newLog(t, logging.TimeRotatingFile{Filename: filepath.Join(dir, "p.log"), When: "H", Location: berlin})
		for i := range 4 {
			prompt(log).Info(fmt.Sprint("n", i))
			time.Sleep(time.Hour)
		}
	})
	files := contents(t, dir)
	all := ""
	for _, messages := range files {
		all += messages
	}
	if len(files) != 4 || len(all) != 8 {
		t.Errorf("files %v", files)
	}
}

// What was logged before a start is moved away when its time was over before. A clock
// that is set back moves nothing.
func TestTimeRotatingFileAcrossStarts(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "p.log")
	if err := os.WriteFile(name, []byte("msg=old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	yesterday := time.Date(1999, 12, 30, 20, 0, 0, 0, time.UTC) // the bubble begins in 2000
	if err := os.Chtimes(name, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		prompt(newLog(t, logging.TimeRotatingFile{Filename: name})).Info("new")
		tomorrow := time.Now().Add(30 * time.Hour)
		if err := os.Chtimes(name, tomorrow, tomorrow); err != nil { // then the clock was set back
			t.Fatal(err)
		}
		prompt(newLog(t, logging.TimeRotatingFile{Filename: name})).Info("newer")
	})
	want := map[string]string{"p.log.1999-12-30": "msg=old", "p.log": "new newer"}
	if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// A file that was moved away is written on until the log is told to open it again.
func TestReopen(t *testing.T) {
	for name, handler := range map[string]func(string) logging.Handler{
		"file": func(name string) logging.Handler { return logging.File{Filename: name, Overwrite: true} },
		"size": func(name string) logging.Handler {
			return logging.SizeRotatingFile{Filename: name, MaxBytes: 1000, BackupCount: 1}
		},
		"time": func(name string) logging.Handler { return logging.TimeRotatingFile{Filename: name} },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			name := filepath.Join(dir, "p.log")
			log := newLog(t, handler(name))
			prompt(log).Info("n0")
			if err := os.Rename(name, name+".moved"); err != nil {
				t.Fatal(err)
			}
			prompt(log).Info("n1")
			log.Logger().Info("n2")
			if err := log.Reopen(); err != nil {
				t.Fatal(err)
			}
			prompt(log).Info("n3")
			want := map[string]string{"p.log.moved": "n0 n1 n2", "p.log": "n3"}
			if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			// What stands there now is refused, and the old file is written on.
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("/etc/passwd", name); err != nil {
				t.Fatal(err)
			}
			if err := log.Reopen(); err == nil || !strings.Contains(err.Error(), "symbolic link") {
				t.Errorf("Reopen returned %v", err)
			}
			prompt(log).Info("n4")
			if n := log.Failures(); n != 0 {
				t.Errorf("%d failures", n)
			}
		})
	}
}

func TestRotatingFilesThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		handler logging.Handler
		want    string
		is      error
	}{
		{logging.SizeRotatingFile{Filename: filepath.Join(dir, "a", "p"), MaxBytes: 1, BackupCount: 1}, "is missing", fs.ErrNotExist},
		{logging.SizeRotatingFile{Filename: filepath.Join(dir, "p"), BackupCount: 1}, "MaxBytes and BackupCount must be at least 1", nil},
		{logging.SizeRotatingFile{Filename: filepath.Join(dir, "p"), MaxBytes: 1}, "MaxBytes and BackupCount must be at least 1", nil},
		{logging.TimeRotatingFile{Filename: filepath.Join(dir, "a", "p")}, "is missing", fs.ErrNotExist},
		{logging.TimeRotatingFile{Filename: filepath.Join(dir, "p"), When: "W7"}, `when "W7": must be S, M, H, D, midnight or W0 to W6`, nil},
		{logging.TimeRotatingFile{Filename: filepath.Join(dir, "p"), Interval: -1}, "interval -1: must not be negative", nil},
		{logging.TimeRotatingFile{Filename: filepath.Join(dir, "p"), BackupCount: -1}, "BackupCount must not be negative", nil},
		{logging.TimeRotatingFile{Filename: filepath.Join(dir, "p"), Format: 7}, "format 7", nil},
		{logging.SizeRotatingFile{Filename: filepath.Join(dir, "p"), TimeFormat: 7}, "time format 7", nil},
	} {
		_, err := logging.New(logging.Options{Handlers: []logging.Handler{test.handler}})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v; want %s", test.handler, err, test.want)
		}
		if test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%+v: %v", test.handler, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%d files were made", len(entries))
	}
}
