package logging_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/logging"
)

// logTo returns a log to one writer, which the test has to close.
func logTo(t *testing.T, w io.Writer) *logging.Log {
	t.Helper()
	log, err := logging.New(logging.Options{Handlers: []logging.Handler{logging.Stream{Writer: w}}})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// gate is a writer that takes nothing while it is closed.
type gate struct {
	mu   sync.Mutex
	out  bytes.Buffer
	shut chan struct{} // nil while it is open
}

func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	shut := g.shut
	g.mu.Unlock()
	if shut != nil {
		<-shut
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.out.Write(p)
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = make(chan struct{})
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.shut)
	g.shut = nil
}

func (g *gate) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.out.String()
}

// Nobody waits for a destination that has stalled. What it cannot take is dropped, and
// counted, and told of in its place when it works again.
func TestStalledDestination(t *testing.T) {
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gate{}
				other := &gate{}
				log, err := logging.New(logging.Options{Handlers: []logging.Handler{l.stream(g), l.stream(other)}})
				if err != nil {
					t.Fatal(err)
				}
				g.close()
				began := time.Now()
				const n = 20_000
				for i := range n {
					log.Logger().Info("line", "i", i)
					if i%1000 == 0 {
						synctest.Wait() // the other one keeps up
					}
				}
				if took := time.Since(began); took > 0 {
					t.Errorf("the caller waited for %v", took)
				}
				dropped := log.Dropped()
				if dropped < n/2 || dropped >= n {
					t.Errorf("%d lines were dropped", dropped)
				}
				if err := log.Flush(); err == nil || !strings.Contains(err.Error(), "stalled") {
					t.Errorf("Flush returned %v", err)
				}
				if got := lines(other.String()); got != n {
					t.Errorf("the other destination has %d lines", got)
				}
				g.open()
				if err := log.Flush(); err != nil {
					t.Error(err)
				}
				log.Logger().Info("last")
				if err := log.Close(); err != nil {
					t.Error(err)
				}
				if got := lines(g.String()); got != n-int(dropped)+2 {
					t.Errorf("it has %d lines; want %d, the notice and the last one", got, n-int(dropped))
				}
				if !strings.Contains(g.String(), fmt.Sprint(dropped)) || !strings.Contains(g.String(), "lines of this log are missing here") {
					t.Error("nothing tells of what was dropped")
				}
				if log.Failures() != 0 {
					t.Errorf("%d failures", log.Failures())
				}
			})
		})
	}
}

// A destination that is a little too slow for long loses lines in stretches, each with
// one notice, and not one line after the other.
func TestSlowDestination(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &slowWriter{}
		log := logTo(t, slow)
		const n = 40_000
		for range n {
			log.Logger().Info("line")
			log.Logger().Info("line")
			time.Sleep(slowWrite)
		}
		dropped := int(log.Dropped())
		time.Sleep(time.Minute)
		if err := log.Close(); err != nil {
			t.Error(err)
		}
		notices := strings.Count(slow.String(), "lines of this log are missing here")
		if dropped < n/2 || notices < 2 || notices > 20 || lines(slow.String()) != 2*n-dropped+notices {
			t.Errorf("of %d lines %d were dropped, with %d notices, and %d are there", 2*n, dropped, notices, lines(slow.String()))
		}
	})
}

// slowWriter takes one line a millisecond.
type slowWriter struct{ bytes.Buffer }

const slowWrite = time.Millisecond

func (s *slowWriter) Write(p []byte) (int, error) {
	time.Sleep(slowWrite)
	return s.Buffer.Write(p)
}

// A pipe that nobody reads stalls nobody, and does not hold up the end.
func TestStalledPipe(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	log := logTo(t, write)
	const n = 20_000
	for i := range n {
		log.Logger().Info("a line that is long enough to fill a pipe of 64 KiB soon", "i", i)
	}
	if dropped := log.Dropped(); dropped < n/4 {
		t.Errorf("only %d lines were dropped", dropped)
	}
	closed := make(chan error)
	go func() { closed <- log.Close() }()
	if err := <-closed; err == nil || !strings.Contains(err.Error(), "lines are not written after 2s") {
		t.Errorf("Close returned %v", err)
	}
	read.Close() // which ends the write that was going on
}

// Large lines are bounded too, before they fill the memory.
func TestLargeLinesAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		log := logTo(t, g)
		g.close()
		large := strings.Repeat("x", 1<<20)
		for range 10 {
			log.Logger().Info(large)
		}
		if n := log.Dropped(); n < 5 {
			t.Errorf("only %d of 10 MiB were dropped", n)
		}
		g.open()
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A critical line is out when the call returns, unless the destination has stalled.
func TestCriticalIsFlushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		log := logTo(t, g)
		log.Logger().Info("before")
		log.Logger().Log(t.Context(), logging.LevelCritical, "the end")
		if lines(g.String()) != 2 {
			t.Errorf("got %q", g.String())
		}
		g.close()
		for range 9000 {
			log.Logger().Info("too many")
		}
		began := time.Now()
		log.Logger().Log(t.Context(), logging.LevelCritical, "stalled")
		if took := time.Since(began); took != time.Second {
			t.Errorf("the caller waited for %v; want 1s", took)
		}
		g.open()
		if err := log.Close(); err != nil {
			t.Error(err)
		}
		// What was dropped is missing where the notice is: before the last words.
		all := strings.Split(strings.TrimSuffix(g.String(), "\n"), "\n")
		n := len(all)
		if !strings.HasSuffix(all[n-1], "msg=stalled") || !strings.Contains(all[n-2], "are missing here") || !strings.Contains(all[n-3], "too many") {
			t.Errorf("it ends with %q", all[n-3:])
		}
	})
}

// Close does not wait for ever, and says what is not written.
func TestCloseOfAStalledLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		log := logTo(t, g)
		g.close()
		for range 3 {
			log.Logger().Info("line")
		}
		began := time.Now()
		if err := log.Close(); err == nil || !strings.Contains(err.Error(), "3 lines are not written") {
			t.Errorf("Close returned %v", err)
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("Close took %v; want 2s", took)
		}
		g.open()
	})
}

// limited is a disk that is full, and has room again later.
type limited struct {
	bytes.Buffer
	room int
}

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.room {
		n, _ := l.Buffer.Write(p[:l.room])
		l.room = 0
		return n, syscall.ENOSPC
	}
	l.room -= len(p)
	return l.Buffer.Write(p)
}

// A full disk loses lines, and is counted and told of once. When it has room again, what
// is logged stands in lines of its own.
func TestFullDisk(t *testing.T) {
	got := stderr(t)
	disk := &limited{room: 150}
	log := newLog(t, logging.Stream{Writer: disk, Format: logging.FormatJSON})
	for range 5 {
		prompt(log).Info("line")
	}
	disk.room = 1 << 20
	prompt(log).Info("after")
	all := strings.Split(strings.TrimSuffix(disk.String(), "\n"), "\n")
	if n := len(all); !strings.HasSuffix(all[n-1], `"msg":"after"}`) || strings.Contains(all[n-2], "after") {
		t.Errorf("got %q", all)
	}
	if log.Failures() < 3 {
		t.Errorf("%d failures", log.Failures())
	}
	if n := strings.Count(got(), "no space left on device"); n != 1 {
		t.Errorf("standard error got %q", got())
	}
}

// panicking is a writer that panics.
type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("no") }

// A destination that panics harms nobody, and is told of once.
func TestDestinationThatPanics(t *testing.T) {
	got := stderr(t)
	var out bytes.Buffer
	log := newLog(t, logging.Stream{Writer: panicking{}}, logging.Stream{Writer: &out})
	for range 3 {
		prompt(log).Info("line")
	}
	if lines(out.String()) != 3 || log.Failures() != 3 || strings.Count(got(), "panic: no") != 1 {
		t.Errorf("%q, %d failures, standard error %q", out.String(), log.Failures(), got())
	}
}

// Lines of one goroutine keep their order, whoever else logs, flushes, opens files
// again or looks at the counters.
func TestConcurrentUseOfAQueue(t *testing.T) {
	var out bytes.Buffer
	log := newLog(t, logging.Stream{Writer: &out}, logging.Stream{Writer: io.Discard})
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 500 {
				log.Logger().Info("line", "worker", worker, "i", i)
			}
		})
	}
	all.Go(func() {
		for range 50 {
			if err := errors.Join(log.Flush(), log.Reopen()); err != nil {
				t.Error(err)
			}
			_ = log.Dropped() + log.Failures()
		}
	})
	all.Wait()
	if err := log.Flush(); err != nil {
		t.Fatal(err)
	}
	next := map[string]int{}
	for line := range strings.Lines(out.String()) {
		var worker string
		var i int
		if _, err := fmt.Sscanf(line[strings.Index(line, "worker="):], "worker=%s i=%d", &worker, &i); err != nil {
			t.Fatal(err)
		}
		if i != next[worker] {
			t.Fatalf("worker %s: line %d comes where %d should", worker, i, next[worker])
		}
		next[worker]++
	}
	if lines(out.String()) != 2000 {
		t.Errorf("%d lines", lines(out.String()))
	}
}

// A line that is too long is dropped alone: the others have room.
func TestOneLineThatIsTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		log := logTo(t, g)
		g.close()
		for range 5000 {
			log.Logger().Info("line")
		}
		log.Logger().Info(strings.Repeat("x", 5<<20))
		for range 3000 {
			log.Logger().Info("line")
		}
		if n := log.Dropped(); n != 1 {
			t.Errorf("%d lines were dropped", n)
		}
		g.open()
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
}

// The errors of a log name the handlers as a configuration does, and log as a group.
func TestErrorsLogAsGroups(t *testing.T) {
	_, err := logging.New(logging.Options{Handlers: []logging.Handler{logging.Null{}, logging.File{Filename: "no/such/file"}, nil}})
	var failed *logging.Error
	if !errors.As(err, &failed) || len(failed.Handlers) != 2 || failed.Handlers[0].Index != 1 || failed.Handlers[1].Index != 2 || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
	value := failed.LogValue()
	if attrs := value.Group(); len(attrs) != 2 || attrs[0].Key != "handlers[1]" || attrs[1].Value.String() != "is nil" {
		t.Errorf("logs as %v", value)
	}
}
