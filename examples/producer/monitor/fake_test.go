package monitor

import (
	"bufio"
	"context"
	"iter"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// fake is a producer of which a test says what there is to tell.
type fake struct {
	mu      sync.Mutex
	service den.Stats
	redis   redisio.Stats
	backlog []redisio.Backlog
	err     error
	hang    bool
	denms   []*den.DENM
}

func (f *fake) Dropped() uint64  { return 901 }
func (f *fake) Failures() uint64 { return 902 }
func (f *fake) Len() int         { return len(f.denms) }

func (f *fake) All() iter.Seq[den.Record] {
	return func(yield func(den.Record) bool) {
		for _, d := range f.denms {
			if !yield(den.Record{Created: 1, DENM: d}) {
				return
			}
		}
	}
}

// client is the part of a fake that plays the client.
type client struct{ *fake }

func (f client) Stats() redisio.Stats { return f.redis }

func (f client) Backlog(ctx context.Context) ([]redisio.Backlog, error) {
	f.mu.Lock()
	hang, backlog, err := f.hang, f.backlog, f.err
	f.mu.Unlock()
	if hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return backlog, err
}

// service is the part that plays the service.
type service struct{ *fake }

func (f service) Stats() den.Stats { return f.fake.service }

func watching(f *fake) *Monitor {
	m := New()
	m.Watch(Sources{Version: `producer "1"`, Service: service{f}, Client: client{f}, Records: f, Log: f})
	return m
}

// get returns the answer of a page.
func get(t testing.TB, m *Monitor, path string) (code int, body string) {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler(false).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return answer.Code, answer.Body.String()
}

// values returns the samples of a page by name and labels. It fails at a line that is not
// in the format.
func values(t testing.TB, text string) map[string]float64 {
	t.Helper()
	line := regexp.MustCompile(`^([a-z][a-z0-9_]*(?:\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+\})?) (\S+)$`)
	head := regexp.MustCompile(`^# (HELP [a-z][a-z0-9_]* \S.*\.|TYPE [a-z][a-z0-9_]* (counter|gauge|histogram))$`)
	all := make(map[string]float64)
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if head.MatchString(lines.Text()) {
			continue
		}
		m := line.FindStringSubmatch(lines.Text())
		if m == nil {
			t.Fatalf("the line %q is not in the format", lines.Text())
		}
		v, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := all[m[1]]; twice {
			t.Errorf("%s is there twice", m[1])
		}
		all[m[1]] = v
	}
	return all
}
