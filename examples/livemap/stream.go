package main

import (
	"errors"
	"net/http"
	"time"
)

const (
	// pingInterval is how often a page hears of us at least. It takes the connection
	// for dead after twice as long and a bit.
	pingInterval = 5 * time.Second
	// writeTimeout is how long a page may take to read what it is sent.
	writeTimeout = 10 * time.Second
)

// stream serves the events to one page, until either side ends.
func (h *hub) stream(w http.ResponseWriter, r *http.Request) {
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		// A page that makes the connection anew itself cannot set the header.
		last = r.URL.Query().Get("last")
	}
	p, err := h.join(last)
	if err != nil {
		w.Header().Set("Retry-After", "5")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer h.leave(p)
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not wait for more
	if write(w, p.greeting) != nil {
		return
	}
	p.greeting = nil
	pings := time.NewTicker(pingInterval)
	defer pings.Stop()
	for {
		var text []byte
		select {
		case <-r.Context().Done():
			return
		case <-pings.C:
			text = h.ping()
		case frame, ok := <-p.frames:
			if !ok {
				return
			}
			text = p.gather(frame)
		}
		if write(w, text) != nil {
			return
		}
	}
}

// gather returns the frame and those that wait behind it, to write them at once.
func (p *page) gather(text []byte) []byte {
	if len(p.frames) == 0 {
		return text
	}
	all := append([]byte(nil), text...)
	for range len(p.frames) {
		all = append(all, <-p.frames...)
	}
	return all
}

// write writes within the time that a page has.
func write(w http.ResponseWriter, text []byte) error {
	control := http.NewResponseController(w)
	err := control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	return control.Flush()
}
