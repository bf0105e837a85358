// Package redistest runs a real redis-server for the time of a test.
//
// The server listens on a free port of 127.0.0.1, keeps its data in a temporary
// directory, and is gone when the test ends. It can be killed and started again
// with its data, as a test of what survives a crash needs it.
//
// A test is skipped where no redis-server is installed. Set the environment
// variable REDISTEST_REQUIRE to have it fail instead, as a build that must not
// miss these tests does.
package redistest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
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

// Start runs a server with the given options, such as "--maxmemory", "10mb".
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
	s.command = exec.Command(s.binary, args...)
	output, err := s.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.command.Start(); err != nil {
		return err
	}
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
	if s.command == nil || s.command.Process == nil {
		return
	}
	_ = s.command.Process.Kill()
	_ = s.command.Wait()
	s.command = nil
}

// Restart starts a killed server again, with its data.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Kill()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}
