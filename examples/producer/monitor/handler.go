package monitor

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"
)

// Handler serves the pages of the package comment; those of pprof only if profiles is
// true, for they show the memory of the process. The pages below /debug are answered one
// at a time, since they cost something; the others always.
func (m *Monitor) Handler(profiles bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(m.metrics())
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", m.ready)
	alone := oneAtATime()
	mux.Handle("GET /debug/denms", alone(m.records))
	index := "/metrics\n/healthz\n/readyz\n/debug/denms\n"
	if profiles {
		alone := oneAtATime()
		mux.Handle("GET /debug/pprof/", alone(lasting(pprof.Index)))
		mux.Handle("GET /debug/pprof/cmdline", alone(pprof.Cmdline))
		mux.Handle("GET /debug/pprof/profile", alone(lasting(pprof.Profile)))
		mux.Handle("GET /debug/pprof/symbol", alone(pprof.Symbol))
		mux.Handle("GET /debug/pprof/trace", alone(lasting(pprof.Trace)))
		index += "/debug/pprof/\n"
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, index) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}

func (m *Monitor) ready(w http.ResponseWriter, _ *http.Request) {
	s := m.state()
	w.Header().Set("Content-Type", "application/json")
	if !s.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(s)
}

// longestProfile is the longest time that a profile may take, in s.
const longestProfile = 300

// lasting lets a profile take longer than other answers may.
func lasting(page http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if text := r.FormValue("seconds"); text != "" {
			if n, err := strconv.ParseFloat(text, 64); err != nil || !(n >= 0 && n <= longestProfile) {
				http.Error(w, "seconds must be 0.."+strconv.Itoa(longestProfile), http.StatusBadRequest)
				return
			}
		}
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add((longestProfile + 30) * time.Second))
		page(w, r)
	}
}

// oneAtATime returns a wrapper for pages of which one is answered at a time, and the
// others are refused meanwhile.
func oneAtATime() func(http.HandlerFunc) http.Handler {
	turn := make(chan struct{}, 1)
	return func(page http.HandlerFunc) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case turn <- struct{}{}:
				defer func() { <-turn }()
				page(w, r)
			default:
				http.Error(w, "somebody else asks for this; try again", http.StatusServiceUnavailable)
			}
		})
	}
}
