//go:build unix

package logging_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/step-its/producer/logging"
)

// A link is refused wherever it leads, and what it leads to is left alone.
func TestSymbolicLinkIsRefused(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "passwd")
	if err := os.WriteFile(target, []byte("root"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, target string }{
		{"to-a-file", target},
		{"to-nothing", filepath.Join(dir, "nothing")},
		{"to-a-directory", dir},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			link := filepath.Join(dir, tt.name)
			if err := os.Symlink(tt.target, link); err != nil {
				t.Fatal(err)
			}
			file := logging.File{Filename: link, Overwrite: true}
			_, err := logging.New(logging.Options{Handlers: []logging.Handler{file}})
			if err == nil || !strings.Contains(err.Error(), link) || !strings.Contains(err.Error(), "is a symbolic link") {
				t.Errorf("error %v, want the file name and the reason", err)
			}
		})
	}
	if got := read(t, target); got != "root" {
		t.Errorf("the target now holds %q", got)
	}
	if _, err := os.Lstat(filepath.Join(dir, "nothing")); err == nil {
		t.Error("the target was created")
	}
}

// A directory may well be reached through a link.
func TestLinkedDirectoryIsAccepted(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "logs")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	logOnce(t, logging.File{Filename: filepath.Join(link, "p.log")}, "one")
	if lines(read(t, filepath.Join(dir, "p.log"))) != 1 {
		t.Error("no line")
	}
}

func TestModeOfTheFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "p.log")
	before := syscall.Umask(0)
	t.Cleanup(func() { syscall.Umask(before) })
	logOnce(t, logging.File{Filename: name}, "one")
	if got := mode(t, name); got != 0o640 {
		t.Errorf("a new file has mode %o, want 640", got)
	}
	if err := os.Chmod(name, 0o600); err != nil {
		t.Fatal(err)
	}
	logOnce(t, logging.File{Filename: name, Overwrite: true}, "two")
	if got := mode(t, name); got != 0o600 {
		t.Errorf("an existing file has mode %o, want 600", got)
	}
}

func mode(t *testing.T, name string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}
