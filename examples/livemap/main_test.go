package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-demo -redis 127.0.0.1:1":  "-demo uses no server",
		"-demo -stream x":           "-demo uses no server",
		"-redis redis://u:secret@h": "-redis must be host:port",
		"-listen 8080":              "-listen must be host:port",
		"-stream=":                  "-stream must not be empty",
		"-tiles https://x/":         "-tiles must have {z} in it",
		"-demo -outline x":          "-demo has streets of its own",
		"-for -1s":                  "-for must not be negative",
		"here":                      `unexpected argument "here"`,
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), &stdout, &stderr); code != 2 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: exit code %d, want 2 and %q in\n%s", args, code, want, stderr.String())
		}
		if strings.Contains(stderr.String(), "secret") {
			t.Errorf("%s: the password is shown", args)
		}
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"-help"}, &stdout, &stderr); code != 0 || !strings.Contains(stderr.String(), "-tiles URL") {
		t.Errorf("the help: exit code %d\n%s", code, stderr.String())
	}
}

// The demonstration shows new, updated and cancelled events to whoever looks, and ends
// in order when it is told to: pages that look are let go of, no goroutine is left.
func TestDemo(t *testing.T) {
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var parts sync.WaitGroup
	parts.Go(func() {
		defer in.Close()
		var stderr bytes.Buffer
		if code := run(ctx, []string{"-demo", "-listen", "127.0.0.1:0"}, in, &stderr); code != 0 || stderr.Len() > 0 {
			t.Errorf("exit code %d: %s", code, stderr.String())
		}
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("it says nothing")
	}
	addr := strings.TrimPrefix(lines.Text(), "the map is at http://")
	missing := map[string]bool{`"kind":"new"`: true, `"kind":"update"`: true, `"kind":"cancel"`: true}
	ended := false
	parts.Go(func() {
		watch(context.Background(), t, addr, "", func(line string) bool {
			for kind := range missing {
				if strings.Contains(line, kind) {
					delete(missing, kind)
				}
			}
			if len(missing) == 0 {
				cancel()
			}
			return true
		})
		ended = true // by the other side
	})
	parts.Wait()
	if len(missing) > 0 || !ended {
		t.Errorf("it never showed %v", missing)
	}
	goleak.VerifyNone(t, before)
}

// An address that is taken is an error that names it.
func TestListenFails(t *testing.T) {
	s := startSite(t, "127.0.0.1:0", site{})
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"-demo", "-listen", s.addr}, &stdout, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), s.addr) {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}
