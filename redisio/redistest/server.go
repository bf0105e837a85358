//go:build unix

// Package redistest runs a real redis-server for the time of a test.
//
// The server listens on a free port of 127.0.0.1, keeps its data in a temporary
// directory, and is gone when the test ends. It writes an append-only file, so
// it can be killed and started again with its data. It can also be paused, to be
// like a server whose machine hangs.
//
//	func TestSomething(t *testing.T) {
//		server := redistest.Start(t)
//		client := connect(server.Addr)
//		…
//		server.Kill()
//		…
//		server.Restart(t)
//	}
//
// A test is skipped where no redis-server is installed. Set the environment
// variable REDISTEST_REQUIRE to have it fail instead, as a build that must not
// miss these tests does.
//
// The package is no client: it does not look into the data. It needs a Unix
// system, as redis-server does.
package redistest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a running redis-server. Its methods must be called from the
// goroutine of the test.
type Server struct {
	// Addr is "127.0.0.1:port"; it stays the same over Restart.
	Addr string

	binary  string
	dir     string
	options []string
	command *exec.Cmd
}

// Start runs a server with the given options, such as "--maxmemory", "10mb", and
// waits until it accepts connections.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("REDISTEST_REQUIRE") != "" {
			t.Fatal("redis-server is not installed, and REDISTEST_REQUIRE is set")
		}
		t.Skip("redis-server is not installed")
	}
	s := &Server{binary: binary, dir: t.TempDir(), options: options}
	t.Cleanup(s.Kill)
	// Between finding a free port and using it somebody else may take it.
	for range 5 {
		s.Addr = freeAddress(t)
		if err = s.start(); err == nil {
			return s
		}
	}
	t.Fatal("redis-server does not start: ", err)
	return nil
}

func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// start runs the server and waits until it accepts connections.
func (s *Server) start() error {
	_, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	args := append([]string{
		"--port", port, "--bind", "127.0.0.1", "--dir", s.dir,
		"--save", "", "--appendonly", "yes", "--daemonize", "no",
	}, s.options...)
	command := exec.Command(s.binary, args...)
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	s.command = command
	if err := awaitReady(output); err != nil {
		s.Kill()
		return err
	}
	return nil
}

// awaitReady reads the server's log until it says that it is ready, and has the
// rest thrown away.
func awaitReady(output io.ReadCloser) error {
	ready := make(chan error, 1)
	go func() {
		defer output.Close()
		var log strings.Builder
		for lines := bufio.NewScanner(output); lines.Scan(); {
			log.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "Ready to accept connections") {
				ready <- nil
				_, _ = io.Copy(io.Discard, output)
				return
			}
		}
		ready <- fmt.Errorf("the server ended:\n%s", log.String())
	}()
	select {
	case err := <-ready:
		return err
	case <-time.After(10 * time.Second):
		return fmt.Errorf("the server is not ready after 10 s")
	}
}

// Kill ends the server at once, as a crash does. It may be called twice.
func (s *Server) Kill() {
	if s.command == nil {
		return
	}
	_ = s.command.Process.Kill()
	_ = s.command.Wait()
	s.command = nil
}

// Restart starts the server again, with its data. If it runs, it is killed first.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Kill()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

// Pause stops the server where it is. Its connections stay, and nobody answers
// on them.
func (s *Server) Pause(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGSTOP)
}

// Resume lets a paused server go on.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGCONT)
}

func (s *Server) signal(t testing.TB, signal os.Signal) {
	t.Helper()
	if s.command == nil {
		t.Fatal("redistest: the server does not run")
	}
	if err := s.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}
