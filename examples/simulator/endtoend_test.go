//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/step-its/producer/redisio/redistest"
)

// TestWithProducer has a town and a client on both sides of the real producer.
func TestWithProducer(t *testing.T) {
	server := redistest.Start(t)
	log := startProducer(t, server.Addr)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var townOut, townErr, clientErr bytes.Buffer
	clientOut, clientIn := io.Pipe()
	var parts sync.WaitGroup
	defer parts.Wait()
	defer cancel()
	parts.Go(func() {
		if code := run(ctx, []string{"-redis", server.Addr}, &townOut, &townErr); code != 0 {
			t.Errorf("the town: exit code %d: %s", code, townErr.String())
		}
	})
	parts.Go(func() {
		if code := run(ctx, []string{"-redis", server.Addr, "-client", "-negate", "0.3"}, clientIn, &clientErr); code != 0 {
			t.Errorf("the client: exit code %d: %s", code, clientErr.String())
		}
		clientIn.Close()
	})
	missing := map[string]bool{" warn ": true, " slow down ": true, " go on ": true, " negate ": true}
	lines := bufio.NewScanner(clientOut)
	for len(missing) > 0 && lines.Scan() {
		for what := range missing {
			if strings.Contains(lines.Text(), what) {
				delete(missing, what)
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("the client never said %v", missing)
	}
	wantNegated(ctx, t, log)
	wantNoDeadLetters(ctx, t, server.Addr)
	cancel()
	_, _ = io.Copy(io.Discard, clientOut)
}

// wantNegated waits until the producer says in its log that it took a negation.
func wantNegated(ctx context.Context, t *testing.T, log string) {
	t.Helper()
	for {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("denm negated")) {
			return
		}
		if !wait(ctx, time.After(20*time.Millisecond)) {
			t.Fatal("the producer took no negation")
		}
	}
}

// wantNoDeadLetters fails if the producer put aside anything that we sent.
func wantNoDeadLetters(ctx context.Context, t *testing.T, address string) {
	t.Helper()
	redis, err := connect(ctx, address, io.Discard)
	if err != nil || redis == nil {
		t.Fatal("connect:", err)
	}
	defer redis.Close()
	n, err := redis.Do(ctx, redis.B().Xlen().Key("step_producer_dead_letter").Build()).AsInt64()
	if n != 0 || err != nil {
		t.Errorf("the producer has put %d inputs aside, %v", n, err)
	}
}

// startProducer runs the producer on its example configuration for the time of the test,
// and returns the path of its log file.
func startProducer(t *testing.T, address string) string {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "producer")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../producer").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	example, err := exec.CommandContext(t.Context(), program, "-print-example").Output()
	if err != nil {
		t.Fatal(err)
	}
	configuration := filepath.Join(dir, "producer.json")
	if err := os.WriteFile(configuration, example, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-config", configuration, "-redis", address)
	cmd.Dir = dir // for its log file
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	drained := make(chan struct{})
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-drained
		if err := cmd.Wait(); err != nil {
			t.Errorf("the producer: %v", err)
		}
	})
	lines := bufio.NewScanner(log)
	for lines.Scan() && !strings.Contains(lines.Text(), "msg=started") {
	}
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, log)
	}()
	return filepath.Join(dir, "producer.log")
}

// A user name and a password come from the environment, and a refusal ends the
// simulator instead of having it try for ever.
func TestCredentials(t *testing.T) {
	server := redistest.Start(t, "--requirepass", "sesame")
	t.Setenv("STEP_REDIS_USERNAME", "")
	for password, want := range map[string]int{"sesame": 0, "wrong": 1} {
		t.Setenv("STEP_REDIS_PASSWORD", password)
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"-redis", server.Addr, "-for", "300ms"}, &stdout, &stderr)
		if code != want {
			t.Errorf("password %q: exit code %d, want %d: %s", password, code, want, stderr.String())
		}
		if strings.Contains(stdout.String()+stderr.String(), password) {
			t.Errorf("password %q is shown", password)
		}
	}
}

// A server that is away for a while costs what was predicted meanwhile, and no more.
func TestServerRestarts(t *testing.T) {
	server := redistest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var parts sync.WaitGroup
	defer parts.Wait()
	defer cancel()
	var stdout bytes.Buffer
	parts.Go(func() {
		// A town that is full, so that there is always something to send.
		if code := run(ctx, []string{"-redis", server.Addr, "-vehicles", "300", "-blocks", "2"}, &stdout, in); code != 0 {
			t.Errorf("exit code %d", code)
		}
		in.Close()
	})
	client, err := connect(ctx, server.Addr, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	grows := func() {
		t.Helper()
		within, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		before, _ := client.Do(within, client.B().Xlen().Key("step_producer").Build()).AsInt64()
		for wait(within, time.After(20*time.Millisecond)) {
			if n, err := client.Do(within, client.B().Xlen().Key("step_producer").Build()).AsInt64(); err == nil && n > before {
				return
			}
		}
		t.Fatal("nothing comes into the stream")
	}
	grows()
	server.Kill()
	told := bufio.NewScanner(out)
	if !told.Scan() || !strings.Contains(told.Text(), "write to the stream step_producer") {
		t.Errorf("of the server that is gone it says %q", told.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	server.Restart(t)
	grows()
	cancel()
	parts.Wait()
	if !regexp.MustCompile(`\d+ arrays sent, [1-9]\d* lost`).MatchString(stdout.String()) {
		t.Errorf("at the end it says %q", stdout.String())
	}
}
