package redistest_test

import (
	"bufio"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/redisio/redistest"
)

// ask sends a command to the server over a new connection and returns the first
// line of the answer.
func ask(t *testing.T, server *redistest.Server, command string) (string, error) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line), err
}

func wantAnswer(t *testing.T, server *redistest.Server, command, want string) {
	t.Helper()
	if got, err := ask(t, server, command); got != want || err != nil {
		t.Errorf("%s is answered %q, %v; want %q", command, got, err, want)
	}
}

func TestServerKeepsItsDataOverACrash(t *testing.T) {
	server := redistest.Start(t)
	wantAnswer(t, server, "SET k v", "+OK")
	addr := server.Addr
	server.Kill()
	server.Kill()
	if got, err := ask(t, server, "PING"); err == nil {
		t.Errorf("a killed server answers %q", got)
	}
	server.Restart(t)
	if server.Addr != addr {
		t.Errorf("the address is %s after a restart; want %s", server.Addr, addr)
	}
	wantAnswer(t, server, "STRLEN k", ":1")
	server.Restart(t) // while it runs
	wantAnswer(t, server, "STRLEN k", ":1")
}

func TestPausedServerDoesNotAnswer(t *testing.T) {
	server := redistest.Start(t)
	server.Pause(t)
	if got, err := ask(t, server, "PING"); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a paused server answers %q, %v", got, err)
	}
	server.Resume(t)
	wantAnswer(t, server, "PING", "+PONG")
}

func TestOptionsReachTheServer(t *testing.T) {
	server := redistest.Start(t, "--requirepass", "secret")
	wantAnswer(t, server, "PING", "-NOAUTH Authentication required.")
}

func TestServersAreApart(t *testing.T) {
	one, other := redistest.Start(t), redistest.Start(t)
	wantAnswer(t, one, "SET k v", "+OK")
	wantAnswer(t, other, "STRLEN k", ":0")
}
