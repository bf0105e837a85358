//go:build unix

package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/redisio/redistest"
)

// startIdle builds the program and runs it on a server where nothing happens. It
// returns when the program waits for input, in a read that takes a second.
func startIdle(t *testing.T) *exec.Cmd {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "producer")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file := string(config.Example())
	file = strings.Replace(file, `"producer.log"`, `"`+filepath.Join(t.TempDir(), "producer.log")+`"`, 1)
	server := server{address: redistest.Start(t).Addr}
	client, err := demoClient(demoConfig(), server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	command := exec.Command(binary, "-redis", server.address, "-config", writeFile(t, "producer.json", file))
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		clients, err := client.Do(t.Context(), client.B().ClientList().Build()).ToString()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(clients, " flags=b ") {
			return command
		}
	}
	t.Fatal("the producer does not wait for input")
	return nil
}

func TestSignalEndsInOrder(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		command := startIdle(t)
		if err := command.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := command.Wait(); err != nil {
			t.Errorf("after %v: %v", signal, err)
		}
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	command := startIdle(t)
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	// Which signal is the first one to be noticed cannot be seen from here, so
	// they come until one kills, which no clean stop looks like.
	for {
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			break
		}
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() {
				t.Fatalf("ended with %v, want the signal", err)
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatal("ended in order, want at once")
}
