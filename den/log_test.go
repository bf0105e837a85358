package den_test

import (
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// logLines keeps what a service logs, without the time, a line each.
type logLines struct {
	mu    sync.Mutex
	lines []string
}

// attach makes the service log here, at the debug level.
func (l *logLines) attach(c *den.Config) {
	c.Logger = slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime}))
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

var (
	lineStart = regexp.MustCompile(`^level=(\w+) msg="?([^"=]*?)"?( [\w.]+=.*)?\n$`)
	duration  = regexp.MustCompile(`(duration)=\S+`)
)

// Write implements io.Writer: a handler writes one line at a time.
func (l *logLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := lineStart.ReplaceAllString(string(line), "$1 $2$3")
	l.lines = append(l.lines, duration.ReplaceAllString(text, "$1=…"))
	return len(line), nil
}

// of returns the lines of a level.
func (l *logLines) of(level string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.lines), func(line string) bool { return !strings.HasPrefix(line, level+" ") })
}

func (l *logLines) want(t *testing.T, level string, want ...string) {
	t.Helper()
	if got := l.of(level); !slices.Equal(got, want) {
		t.Errorf("the lines of level %s are\n%s\nwant\n%s", level, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDebugLogTellsTheLifeOfARecord(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		r := newRig(t, log.attach)
		r.collide(1001, 1002, 1003)
		time.Sleep(100 * time.Millisecond)
		r.collide(1001, 1002)
		if err := r.HandleDENM(t.Context(), dentest.Negation(r.last(), 9)); err != nil {
			t.Fatal(err)
		}
		old := dentest.Collisions(dentest.Now().Add(-3500*time.Millisecond), 1001, 1004)
		if err := r.HandleCollisions(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		r.cleanup()
		log.want(t, "DEBUG",
			"DEBUG denm created action=3000001/0 pair=1001:0-1002:0 referenceTime=2026-03-02T09:15:00.000Z",
			"DEBUG denm created action=3000001/1 pair=1001:0-1003:0 referenceTime=2026-03-02T09:15:00.000Z",
			"DEBUG denm updated action=3000001/0 pair=1001:0-1002:0 referenceTime=2026-03-02T09:15:00.100Z",
			"DEBUG denm negated action=3000001/0 pair=1001:0-1002:0 referenceTime=2026-03-02T09:15:00.100Z",
			"DEBUG denm created action=3000001/2 pair=1001:0-1004:0 referenceTime=2026-03-02T09:15:00.100Z",
			"DEBUG denm expired action=3000001/2 pair=1001:0-1004:0 referenceTime=2026-03-02T09:15:00.100Z",
			"DEBUG denm cancelled action=3000001/1 pair=1001:0-1003:0 referenceTime=2026-03-02T09:15:02.100Z",
		)
	})
}

// What Run refuses or ignores has no caller to tell it to, so it is logged with
// the input's id.
func TestDebugLogTellsWhatRunRefuses(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		r := newRig(t, log.attach)
		stale := den.Event{ID: "e-1", Collisions: dentest.Collisions(dentest.Now().Add(-time.Minute), 1001, 1002)}
		foreign := den.Event{ID: "e-2", DENM: dentest.Negation(new(den.DENM), 9)}
		r.x.Send(stale.AppendJSON(nil), foreign.AppendJSON(nil), []byte(`{"id":"e-3","source":"crash","data":7}`))
		r.x.End()
		if err := r.Run(t.Context(), r.x); err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{
			`DEBUG collisions refused input=1 event=e-1 error.reason="den: the warning's validity is over" error.pair=1001:0-1002:0`,
			`DEBUG denm ignored input=2 event=e-2 error.reason="den: no open event has this action id"`,
			`DEBUG input rejected input=3 event=e-3 source=crash error.field=data error.problem=`,
			`DEBUG batch settled batch=3 denms=0 duration=`,
		} {
			if lines := log.of("DEBUG"); len(lines) != 4 || !strings.HasPrefix(lines[i], want) {
				t.Errorf("line %d is not %s:\n%s", i, want, strings.Join(lines, "\n"))
			}
		}
	})
}

// In normal work nothing is logged above the debug level, however much comes in;
// of rejected inputs a line tells at once and then at most once a minute.
func TestNothingIsLoggedPerMessage(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		r := newRig(t, log.attach)
		run := r.start()
		for i := range 100 {
			r.sendPairs(3)
			r.x.Send(fmt.Appendf(nil, "poison %d", i))
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		r.x.Send([]byte("more poison"))
		synctest.Wait()
		run.stop()
		for _, level := range []string{"INFO", "ERROR"} {
			log.want(t, level)
		}
		const why = `source="" error.problem="invalid JSON at byte 0: invalid character `
		log.want(t, "WARN",
			"WARN inputs rejected count=1 last=4 "+why+`'p' at start of value"`,
			"WARN inputs rejected count=99 last=400 "+why+`'p' at start of value"`, // although no other one comes
			"WARN inputs rejected count=1 last=401 "+why+`'m' at start of value"`)  // at the end at the latest
		if n := len(log.of("DEBUG")); n < 300 {
			t.Errorf("%d lines at the debug level; want one for each of 300 DENMs at least", n)
		}
	})
}

// A sender whose clock is wrong is told of, although each of its predictions is only a
// line at the debug level: nobody is warned of what it predicts.
func TestWrongClockIsTold(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		r := newRig(t, log.attach)
		run := r.start()
		for range 100 {
			r.x.SendCollisions(dentest.Collisions(dentest.Now().Add(time.Hour), 1001, 1002))
			r.x.SendCollisions(dentest.Collisions(dentest.Now().Add(-time.Hour), 1003, 1004))
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		run.stop()
		log.want(t, "WARN",
			`WARN predictions refused count=1 last=1 source=dentest error.reason="`+den.ErrFuture.Error()+`"`,
			`WARN predictions refused count=199 last=200 source=dentest error.reason="den: the warning's validity is over" error.pair=1003:0-1004:0`)
	})
}

// A long outage is told of when it begins, once a minute with what is wrong then, and
// when it ends.
func TestLongOutageIsTold(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		log := new(logLines)
		r := newRig(t, log.attach, func(c *den.Config) { c.RetryInterval = 10 * time.Second })
		r.x.FailReceive(1000000, errDown)
		run := r.start()
		time.Sleep(150 * time.Second)
		r.x.FailReceive(0, nil)
		time.Sleep(time.Minute)
		run.stop()
		warnings := log.of("WARN")
		if len(warnings) != 3 || !strings.HasPrefix(warnings[0], "WARN receive failed; trying again") ||
			!strings.HasPrefix(warnings[1], "WARN receive still fails; trying again failures=") || !strings.Contains(warnings[2], `error="the network is down"`) {
			t.Errorf("got %q", warnings)
		}
		if ends := log.of("INFO"); len(ends) != 1 || !strings.HasPrefix(ends[0], "INFO receive works again") {
			t.Errorf("got %q", ends)
		}
	})
}
