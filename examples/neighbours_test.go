//go:build unix

package examples

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/step-its/producer/redisio/redistest"
)

// isNeighbour reports whether the command runs what stands beside the producer.
func isNeighbour(command string) bool {
	return strings.Contains(command, "./examples/simulator") || strings.Contains(command, "./examples/livemap")
}

// TestNeighbours follows the section "See it on a map": a town, the map and a client
// around the producer, with a server of its own in place of the one at the usual port.
func TestNeighbours(t *testing.T) {
	server := redistest.Start(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "producer.json")
	if out, err := shell(t.Context(), "go run ./examples/producer -print-example > "+file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	logIn(t, file, dir)
	defer startProducer(t, "go run ./examples/producer -config "+file+" -redis "+server.Addr)()
	seen := 0
	for _, command := range commands(t) {
		if !isNeighbour(command) || how[command] != nil {
			continue
		}
		seen++
		pasted := strings.NewReplacer("127.0.0.1:6379", server.Addr, "streets.geojson", filepath.Join(dir, "streets.geojson")).Replace(command)
		switch {
		case strings.Contains(command, ">"):
			if out, err := shell(t.Context(), pasted).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v: %s", pasted, err, out)
			}
		case strings.Contains(command, "livemap"):
			// The usual port may be taken.
			line := startProgram(t, pasted+" -listen 127.0.0.1:0", "the map is at http://")
			wantWarnings(t, strings.TrimPrefix(line, "the map is at "))
		case strings.Contains(command, "-client"):
			startProgram(t, pasted, " warn ")
		default:
			startProgram(t, pasted, "predict 10 times a second")
		}
	}
	if seen != 4 {
		t.Errorf("the section has %d commands, want 4", seen)
	}
}

// logIn has the producer of the configuration file write its log into the folder.
func logIn(t *testing.T, file, dir string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte(`"producer.log"`), []byte(`"`+filepath.Join(dir, "producer.log")+`"`), 1)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// showsWarnings runs the demonstration of the map.
func showsWarnings(t *testing.T, command string) {
	line := startProgram(t, command+" -listen 127.0.0.1:0", "the map is at http://")
	wantWarnings(t, strings.TrimPrefix(line, "the map is at "))
}

// wantWarnings waits until the map shows a warning that begins and one that ends.
func wantWarnings(t *testing.T, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	missing := map[string]bool{`"kind":"new"`: true, `"kind":"cancel"`: true}
	for lines := bufio.NewScanner(answer.Body); len(missing) > 0 && lines.Scan(); {
		for kind := range missing {
			if strings.Contains(lines.Text(), kind) {
				delete(missing, kind)
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("the map never showed %v", missing)
	}
}

// startProgram runs the command for the time of the test. It returns the first line of
// its output that has want in it.
func startProgram(t *testing.T, command, want string) string {
	t.Helper()
	cmd := shell(t.Context(), command)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		// The go command itself exits with 1 when it was interrupted; of the program it
		// says "exit status" where that was not 0.
		_ = cmd.Wait()
		if strings.Contains(stderr.String(), "exit status") {
			t.Errorf("%s: after an interrupt: %s", command, stderr.String())
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), want) {
			go drain(out.Read)
			return lines.Text()
		}
	}
	t.Fatalf("%s never said %q", command, want)
	return ""
}
