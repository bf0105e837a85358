//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
)

// TestMain has the test binary be the program itself when a test starts it so:
// the processes of the tests are this very code, with the race detector if the
// tests have it, and need not be built.
func TestMain(m *testing.M) {
	if os.Getenv("PRODUCER_OF_A_TEST") != "" {
		main()
	}
	os.Exit(m.Run())
}

// process is a producer in a process of its own.
type process struct {
	name    string
	log     string // the file with what it wrote to stderr
	started time.Time

	command *exec.Cmd
	ended   chan struct{} // is closed when the process has ended

	mu    sync.Mutex // guards what follows
	asked syscall.Signal
	err   error
}

// start starts a producer. Its name is that of its log, so each process has one
// of its own.
func start(t testing.TB, dir, name string, args ...string) *process {
	t.Helper()
	p := &process{name: name, log: filepath.Join(dir, name+".log"), ended: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p.command = exec.Command(os.Args[0], args...)
	p.command.Env = append(os.Environ(), "PRODUCER_OF_A_TEST=1")
	p.command.Stdout, p.command.Stderr = log, log
	p.started = time.Now()
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		err := p.command.Wait()
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.signal(syscall.SIGKILL)
		<-p.ended
	})
	return p
}

// signal sends a signal. What ends the process is noted: any other end is a
// failure.
func (p *process) signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.ended:
		return
	default:
	}
	if s == syscall.SIGKILL || s == syscall.SIGTERM {
		p.asked = s
	}
	_ = p.command.Process.Signal(s)
}

// stop ends the process in order, and waits for that.
func (p *process) stop(t testing.TB) {
	t.Helper()
	p.signal(syscall.SIGTERM)
	p.awaitEnd(t)
	if err := p.failure(); err != nil {
		t.Error(err)
	}
}

func (p *process) awaitEnd(t testing.TB) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(60 * time.Second):
		t.Fatalf("%s does not end", p.name)
	}
}

// failure returns what is wrong with how the process ended, or nil: it ended as it
// was asked to, or still runs.
func (p *process) failure() error {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err
	}
	for _, bad := range []string{"panic:", "fatal error:", "DATA RACE"} {
		if at := strings.Index(string(text), bad); at >= 0 {
			return fmt.Errorf("%s: %.4000s", p.name, text[at:])
		}
	}
	select {
	case <-p.ended:
	default:
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked == syscall.SIGTERM && p.err == nil {
		return nil
	}
	// SIGTERM ends a process in which nothing has begun as SIGKILL does: it has written nothing.
	var exit *exec.ExitError
	if errors.As(p.err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == p.asked && (p.asked == syscall.SIGKILL || len(text) == 0) {
		return nil
	}
	return fmt.Errorf("%s ended with %v after the signal %v:\n%s", p.name, p.err, p.asked, lastLines(string(text), 5))
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(len(lines)-n, 0):], "\n")
}

// line is a line of a producer's log.
type line struct {
	message string
	fields  map[string]any
}

// text returns an attribute that is text.
func (l line) text(key string) string {
	text, _ := l.fields[key].(string)
	return text
}

// number returns an attribute that is a number.
func (l line) number(key string) int {
	n, _ := l.fields[key].(float64)
	return int(n)
}

// time returns when the line was written.
func (l line) time(t testing.TB) den.Timestamp {
	t.Helper()
	at, err := time.Parse(time.RFC3339, l.text("time"))
	if err != nil {
		t.Fatal(err)
	}
	return den.TimestampOf(at)
}

// lines returns the log so far.
func (p *process) lines(t testing.TB) []line {
	t.Helper()
	file, err := os.Open(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var lines []line
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var l line
		// The last line may be half there.
		if json.Unmarshal(scanner.Bytes(), &l.fields) == nil {
			l.message = l.text("msg")
			lines = append(lines, l)
		}
	}
	return lines
}

// logged returns the last line with the message, if there is one.
func (p *process) logged(t testing.TB, message string) (line, bool) {
	t.Helper()
	lines := p.lines(t)
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].message == message {
			return lines[i], true
		}
	}
	return line{}, false
}

// awaitLogged waits for a line with the message.
func (p *process) awaitLogged(t testing.TB, message string) line {
	t.Helper()
	var found line
	eventually(t, p.name+" says "+message, func() (ok bool) {
		found, ok = p.logged(t, message)
		return ok
	})
	return found
}

// raceDetector reports whether the tests and their processes have it.
func raceDetector() bool {
	info, _ := debug.ReadBuildInfo()
	return slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "-race" && s.Value == "true" })
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never came to this: %s", what)
		}
	}
}

// writeConfig writes the configuration file of the processes. They log to stderr
// in a form that a program can read.
func writeConfig(t testing.TB, dir string, change func(cfg *config.Config)) (cfg config.Config, path string) {
	t.Helper()
	cfg = demoConfig()
	cfg.InstanceName = "producer"
	cfg.LeaseTime, cfg.Redis.Streams.Inputs[0].WaitTimeout = 1, 250
	cfg.Log.Handlers = []config.Handler{{
		Type: config.StreamHandler, Level: "DEBUG", Format: "json", DateFormat: "rfc3339", Stream: "stderr",
	}}
	change(&cfg)
	text, err := cfg.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := config.Parse(text); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "producer.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return cfg, path
}

// harnessClient returns a client of the test's own. It repeats nothing by itself.
func harnessClient(t testing.TB, address string) rueidis.Client {
	t.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{address}, DisableCache: true, ForceSingleClient: true, DisableRetry: true,
		ConnWriteTimeout: 2 * time.Second, PipelineMultiplex: -1, AlwaysPipelining: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}
