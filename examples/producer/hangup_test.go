//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/redisio/redistest"
)

// SIGHUP opens log files again, which were moved away, and reads the levels of the
// handlers anew. A file that is wrong changes nothing.
func TestHangup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "handler.log") // producer.log has what the process prints
	level := "INFO"
	write := func() string {
		_, path := writeConfig(t, dir, func(cfg *config.Config) {
			cfg.Log.Handlers = append(cfg.Log.Handlers, config.Handler{
				Type: config.FileHandler, Level: level, Format: "text", DateFormat: "rfc3339",
				Filename: name, Mode: "a", Encoding: "utf-8",
			})
		})
		return path
	}
	path := write()
	p := start(t, dir, "producer", "-config", path, "-redis", redistest.Start(t).Addr)
	written := func(file, text string) func() bool {
		return func() bool {
			content, _ := os.ReadFile(file)
			return strings.Contains(string(content), text)
		}
	}
	eventually(t, "the log says that it has started", written(name, "msg=started"))

	rename := func(to string) {
		if err := os.Rename(name, filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	rename("first.log")
	level = "DEBUG"
	write()
	p.signal(syscall.SIGHUP)
	eventually(t, "the log goes on in a new file", written(name, "the levels of the log are those of the configuration now"))

	rename("second.log")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	eventually(t, "the log says that the file is wrong", written(name, "the configuration is wrong"))
	p.signal(syscall.SIGTERM)
	<-p.ended
	if !written(name, "msg=stopped")() {
		t.Error("the end is not in the log")
	}
}
