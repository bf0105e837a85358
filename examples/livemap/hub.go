package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/step-its/producer/den"
)

const (
	// queueSize is how many frames may wait for one page. One that lags behind by more
	// is dropped: it comes again and resumes, when it can.
	queueSize = 512
	// mostPages bounds the pages that look at the same time.
	mostPages = 200
)

// hub tells all pages what happens. All its methods may be called concurrently; none
// waits for a page.
type hub struct {
	log *slog.Logger

	mu        sync.Mutex // Protects following.
	board     board
	ring      ring
	pages     map[*page]bool
	connected bool // to where the DENMs come from
	closed    bool
	dropped   int // pages that were too slow
	toldFull  bool
	toldAhead bool
}

// page is one browser window that looks.
type page struct {
	greeting []byte      // what to write first
	frames   chan []byte // what to write then; closed when the page is dropped
}

var (
	errClosed  = errors.New("the map is closing")
	errCrowded = errors.New("too many pages look already")
)

func newHub(log *slog.Logger) *hub {
	h := &hub{log: log, board: newBoard(), pages: make(map[*page]bool)}
	h.ring.since = entryID{1<<64 - 1, 1<<64 - 1} // it has nothing until begin says from where on it has all
	return h
}

// add tells of the DENM of an entry. Entries must come in the order of their ids.
func (h *hub) add(a arrival) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if text := h.take(a); text != nil {
		h.tell(text)
	}
}

// connect says whether the place where the DENMs come from can be reached.
func (h *hub) connect(connected bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.connected != connected {
		h.connected = connected
		h.tell(event("state", "", h.state()))
	}
}

// arrival is the DENM of an entry.
type arrival struct {
	id   entryID
	denm *den.DENM
}

// begin begins anew with what is known at first: entries that come after the entry
// since. All else is forgotten, and pages get a snapshot.
func (h *hub) begin(since entryID, known []arrival) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.board = newBoard()
	h.ring.reset(since)
	for _, a := range known {
		h.take(a)
	}
	h.tell(h.snapshot())
}

// take takes a DENM over, and returns what to tell the pages: nothing, if they need
// not know. The caller holds the lock.
func (h *hub) take(a arrival) []byte {
	w, dropped := h.board.apply(a.denm, den.TimestampOf(time.Now()))
	h.complain(a, dropped)
	if w == nil {
		h.ring.pass(a.id)
		return nil
	}
	f := frame{a.id, event("denm", a.id.String(), w)}
	if dropped != "" {
		f.text = append(event("dropped", "", dropped), f.text...)
	}
	h.ring.add(f)
	return f.text
}

// complain says once, and not for every DENM, that something is wrong with what comes.
// The caller holds the lock.
func (h *hub) complain(a arrival, dropped string) {
	if h.board.ahead > 0 && !h.toldAhead {
		h.toldAhead = true
		h.log.Warn("a DENM was made in the future; it is passed over, and so are others like it: look whether the clocks are right",
			"entry", a.id, "event", a.denm.Management.ActionID, "made", a.denm.Management.ReferenceTime)
	}
	if dropped != "" && !h.toldFull {
		h.toldFull = true
		h.log.Warn("more events are active than a map can show; those heard of least lately are left out", "most", mostWarnings)
	}
}

// join adds a page, which has seen everything up to the entry last, or nothing where
// that is not an id.
func (h *hub) join(last string) (*page, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return nil, errClosed
	case len(h.pages) >= mostPages:
		return nil, errCrowded
	}
	p := &page{frames: make(chan []byte, queueSize), greeting: []byte("retry: 1000\n\n")}
	p.greeting = append(p.greeting, event("state", "", h.state())...)
	missed, resumes := []frame(nil), false
	if id, ok := parseEntryID(last); ok {
		missed, resumes = h.ring.after(id)
	}
	for _, f := range missed {
		p.greeting = append(p.greeting, f.text...)
	}
	if !resumes {
		p.greeting = append(p.greeting, h.snapshot()...)
	}
	h.pages[p] = true
	return p, nil
}

// leave removes a page.
func (h *hub) leave(p *page) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(p)
}

// close drops all pages, and lets no more in.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for p := range h.pages {
		h.drop(p)
	}
}

// tell sends a frame to all pages. The caller holds the lock.
func (h *hub) tell(text []byte) {
	for p := range h.pages {
		select {
		case p.frames <- text:
		default:
			h.drop(p)
			h.dropped++
		}
	}
}

// drop ends a page. The caller holds the lock.
func (h *hub) drop(p *page) {
	if h.pages[p] {
		delete(h.pages, p)
		close(p.frames)
	}
}

// state is what a page needs to know beside the events. Now lets it find out how far
// its clock is off.
type state struct {
	Now       int64 `json:"now"`
	Connected bool  `json:"connected"`
	LeftOut   int   `json:"leftOut"` // active events that there is no room for
}

// state returns the state as it is. The caller holds the lock.
func (h *hub) state() state {
	now := den.TimestampOf(time.Now())
	return state{int64(now), h.connected, h.board.countLeftOut(now)}
}

// snapshot is the event that says everything anew. The caller holds the lock.
func (h *hub) snapshot() []byte {
	return event("snapshot", h.ring.newest.String(), h.board.warnings(den.TimestampOf(time.Now())))
}

// ping is the event by which a page sees that the connection is alive.
func (h *hub) ping() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return event("state", "", h.state())
}

// event returns a server-sent event. JSON has no line breaks, so one line of data is
// enough.
func event(name, id string, data any) []byte {
	text, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("livemap: %T is no JSON: %v", data, err)) // numbers are finite, so it is a mistake in the code
	}
	var b []byte
	if id != "" {
		b = fmt.Appendf(b, "id: %s\n", id)
	}
	return fmt.Appendf(b, "event: %s\ndata: %s\n\n", name, text)
}
