//go:build unix

package logging

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// The flag, not the look beforehand, is what holds against a link that appears
// in between.
func TestOpenNoFollow(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(os.DevNull, link); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(link, os.O_WRONLY|openNoFollow, 0)
	if err == nil {
		file.Close()
		t.Fatal("the link was followed")
	}
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		t.Errorf("error %v", err)
	}
}
