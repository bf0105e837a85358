//go:build unix

package redistest

import (
	"bufio"
	"crypto/tls"
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
	// Dir is the temporary directory of its files.
	Dir string

	binary    string
	arguments func(port string) []string
	ready     string      // what the server logs when it accepts connections
	secure    *tls.Config // to connect with; nil where the server has no TLS
	busPort   string      // of a node of a cluster, for the other nodes
	command   *exec.Cmd
}

// Start runs a server with the given options, such as "--maxmemory", "10mb", and
// waits until it accepts connections.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	s := newServer(t)
	s.arguments = func(port string) []string {
		return s.with(options, "--port", port)
	}
	s.startSomewhere(t)
	return s
}

// StartTLS runs a server that takes TLS connections only, and only from clients
// that show a certificate of the same authority.
func StartTLS(t testing.TB, certificates *Certificates, options ...string) *Server {
	t.Helper()
	s := newServer(t)
	s.secure = certificates.Client
	s.arguments = func(port string) []string {
		return s.with(options, "--port", "0", "--tls-port", port, "--tls-auth-clients", "yes",
			"--tls-ca-cert-file", certificates.CAFile,
			"--tls-cert-file", certificates.ServerCert, "--tls-key-file", certificates.ServerKey)
	}
	s.startSomewhere(t)
	return s
}

// with returns the arguments of a server with these options.
func (s *Server) with(options []string, more ...string) []string {
	arguments := []string{
		"--bind", "127.0.0.1", "--dir", s.Dir, "--save", "", "--appendonly", "yes", "--daemonize", "no",
		"--auto-aof-rewrite-percentage", "0", // another process would do it, beside all that is tested
		"--repl-diskless-sync-delay", "0", // replicas need not wait for others
	}
	return append(append(arguments, more...), options...)
}

func newServer(t testing.TB) *Server {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("REDISTEST_REQUIRE") != "" {
			t.Fatal("redis-server is not installed, and REDISTEST_REQUIRE is set")
		}
		t.Skip("redis-server is not installed")
	}
	return &Server{binary: binary, Dir: tempDir(t), ready: "Ready to accept connections"}
}

// tempDir is t.TempDir for a server that is killed: a process that it has started to rewrite
// its file outlives it for a moment, and may write there once more while all is removed.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "redistest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		const patience = 10 * time.Second
		for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
			err := os.RemoveAll(dir)
			if err == nil {
				return
			}
			if time.Now().After(deadline) {
				t.Error(err)
				return
			}
		}
	})
	return dir
}

// startSomewhere starts the server on a free port.
func (s *Server) startSomewhere(t testing.TB) {
	t.Helper()
	t.Cleanup(s.Kill)
	var err error
	// Between finding a free port and using it somebody else may take it.
	for range 5 {
		s.Addr = freeAddress(t)
		if err = s.start(); err == nil {
			return
		}
	}
	t.Fatal("redis-server does not start: ", err)
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

func (s *Server) port() string {
	_, port, _ := net.SplitHostPort(s.Addr)
	return port
}

// start runs the server and waits until it accepts connections.
func (s *Server) start() error {
	command := exec.Command(s.binary, s.arguments(s.port())...)
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	s.command = command
	if err := s.awaitReady(output); err != nil {
		s.Kill()
		return err
	}
	return nil
}

// awaitReady reads the server's log until it says that it is ready, and has the
// rest thrown away.
func (s *Server) awaitReady(output io.ReadCloser) error {
	ready := make(chan error, 1)
	go func() {
		defer output.Close()
		var log strings.Builder
		for lines := bufio.NewScanner(output); lines.Scan(); {
			log.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), s.ready) {
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
