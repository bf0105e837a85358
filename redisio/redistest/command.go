//go:build unix

package redistest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is how long a set-up may take.
const patience = 30 * time.Second

// Command sends a command, such as "CONFIG SET maxmemory 10mb", over a new
// connection, and returns the answer, which must be a status, a number, a text or
// an error. It is for what a test has an operator do; the words must not contain
// spaces.
func (s *Server) Command(command string) (string, error) {
	conn, err := s.dial()
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, command+"\r\n"); err != nil {
		return "", err
	}
	return readAnswer(bufio.NewReader(conn))
}

func (s *Server) dial() (net.Conn, error) {
	if s.secure != nil {
		return tls.Dial("tcp", s.Addr, s.secure)
	}
	return net.Dial("tcp", s.Addr)
}

func readAnswer(reader *bufio.Reader) (string, error) {
	line, err := reader.ReadString('\n')
	if err != nil {
		return "", err
	}
	kind, rest := line[0], strings.TrimSpace(line[1:])
	switch kind {
	case '-':
		return "", errors.New(rest)
	case '$':
		length, err := strconv.Atoi(rest)
		if err != nil || length < 0 {
			return "", err
		}
		text := make([]byte, length)
		_, err = io.ReadFull(reader, text)
		return string(text), err
	}
	return rest, nil
}

// must sends a command that has to succeed.
func (s *Server) must(t testing.TB, command string) {
	t.Helper()
	if _, err := s.Command(command); err != nil {
		t.Fatalf("%s: %v", command, err)
	}
}

// await waits until the answer to the command contains all of the given texts.
func (s *Server) await(t testing.TB, command string, texts ...string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		answer, err := s.Command(command)
		missing := 0
		for _, text := range texts {
			if !strings.Contains(answer, text) {
				missing++
			}
		}
		if err == nil && missing == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still answered, after %v, without %q: %v\n%s", command, patience, texts, err, answer)
		}
	}
}
