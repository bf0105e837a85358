package den

import (
	"fmt"
	"sync"
	"time"
)

// MaxReceived is how many events a table of received DENMs holds where its
// configuration does not say.
const MaxReceived = 65536

// What a received DENM can be refused for, beside ErrTooLate, ErrFuture, ErrOwnMessage,
// ErrUnknownAction and ErrOutdated.
var (
	// ErrRepetition means that a DENM says nothing that the table does not know.
	ErrRepetition error = reason("den: the DENM is a repetition")
	// ErrNotOriginator means that a DENM opens, updates or cancels an event of
	// another station than the one that sends it.
	ErrNotOriginator error = reason("den: only the originating station can open, update or cancel its event")
	// ErrReceivedFull means that the table of received DENMs has no room for another
	// event.
	ErrReceivedFull error = reason("den: the table of received DENMs is full")
)

// ReceivedConfig says how a [Received] works. A field that is zero takes the default
// named beside it.
type ReceivedConfig struct {
	// StationID is our own ITS station id.
	StationID StationID
	// Most is how many events the table holds, 1..16 777 216; zero means MaxReceived.
	// An event takes about 100 bytes, beside the 240 of its DENM.
	Most int
	// MaxClockSkew is how far the clock of a sender may be from ours, 1 ms..60 s: so much
	// later than it says an event is over, and so far in the future its times may lie.
	// Some stations leave out the leap seconds, which are 5 s. Zero means 5 s.
	MaxClockSkew time.Duration
}

// Received is the table of the events of other stations, with the rules by which ETSI's
// DEN service receives (EN 302 637-3, clause 8.4): it takes what is new, and says of
// the rest why it is not. It is what a station has to have heard before it negates an
// event that is not its own, see [DenService.Negate].
//
// An event leaves the table when the validity of its latest DENM is over. One that was
// cancelled or negated stays as long, so that a DENM which was held up on its way, or is a
// repetition, does not open it again; one with a newer reference time does. Where there is
// no room for a new event, those that have ended make room first. What an earlier process
// has received is not known.
//
// The table keeps the DENMs that it takes: nobody may change them any more. It belongs to
// one service. Make it with NewReceived. All methods may be called concurrently.
type Received struct {
	cfg ReceivedConfig

	mu     sync.Mutex // guards everything below
	events map[ActionID]*receivedEvent
	// active and ended are the same events by when they leave the table.
	active, ended endings
}

// NewReceived returns an empty table, or a *[ConfigError].
func NewReceived(cfg ReceivedConfig) (*Received, error) {
	setDefault(&cfg.Most, MaxReceived)
	setDefault(&cfg.MaxClockSkew, 5*time.Second)
	var wrong []string
	if cfg.Most < 1 || cfg.Most > 1<<24 {
		wrong = append(wrong, fmt.Sprintf("den: ReceivedConfig.Most must be 1..%d but is %d", 1<<24, cfg.Most))
	}
	if cfg.MaxClockSkew < time.Millisecond || cfg.MaxClockSkew > time.Minute {
		wrong = append(wrong, fmt.Sprintf("den: ReceivedConfig.MaxClockSkew must be 1ms..1m0s but is %v", cfg.MaxClockSkew))
	}
	if wrong != nil {
		return nil, &ConfigError{wrong}
	}
	return &Received{cfg: cfg, events: make(map[ActionID]*receivedEvent)}, nil
}

// Handle looks at a DENM of another station at the time now. Nil says that it is news,
// which is to be delivered to whoever wants to know it. ErrTooLate, ErrFuture,
// ErrOwnMessage, ErrNotOriginator, ErrUnknownAction, ErrOutdated, ErrRepetition and
// ErrReceivedFull say why it is not. Any other error is a *[FieldError].
func (r *Received) Handle(d *DENM, now Timestamp) error {
	if d == nil {
		return problem("there is no DENM")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
	if err := r.check(d, now); err != nil {
		return err
	}
	r.put(d)
	return nil
}

// check applies the rules in ETSI's order. Of a DENM that ends an event only the action
// id and the termination have to be there; a time that is not there is not compared.
func (r *Received) check(d *DENM, now Timestamp) error {
	m := &d.Management
	known, latest := r.events[m.ActionID], now.Add(r.cfg.MaxClockSkew)
	ends := m.Termination.Valid
	switch {
	case d.StationID == r.cfg.StationID:
		return ErrOwnMessage
	case !d.Is(IsNegation) && d.StationID != m.ActionID.OriginatingStationID:
		return ErrNotOriginator
	case m.DetectionTime == 0 && !ends:
		return noDetectionTime()
	case m.ReferenceTime == 0 && !ends:
		return &FieldError{Path: "managementContainer.referenceTime", Problem: "missing"}
	case m.DetectionTime > latest || m.ReferenceTime > latest:
		return ErrFuture
	case m.DetectionTime != 0 && d.ValidUntil().Add(r.cfg.MaxClockSkew) < now:
		return ErrTooLate
	case known == nil && ends:
		return ErrUnknownAction
	case known == nil && len(r.events) == r.cfg.Most && len(r.ended) == 0:
		return ErrReceivedFull
	case known == nil:
		return nil
	}
	last := &known.latest.Management
	switch {
	case older(m.ReferenceTime, last.ReferenceTime) || older(m.DetectionTime, last.DetectionTime):
		return ErrOutdated
	case last.Termination.Valid && !ends && m.ReferenceTime == last.ReferenceTime:
		return ErrOutdated // it is the version that was ended
	case sameOrNone(m.ReferenceTime, last.ReferenceTime) && sameOrNone(m.DetectionTime, last.DetectionTime) && m.Termination == last.Termination:
		return ErrRepetition
	}
	return nil
}

func older(t, than Timestamp) bool { return t != 0 && t < than }

func sameOrNone(t, as Timestamp) bool { return t == 0 || t == as }

// put makes the DENM the latest one of its event.
func (r *Received) put(d *DENM) {
	id, until := d.Management.ActionID, d.ValidUntil().Add(r.cfg.MaxClockSkew)
	event := r.events[id]
	switch {
	case event != nil:
		r.heapOf(event).remove(event)
	case len(r.events) == r.cfg.Most:
		delete(r.events, r.ended.removeFirst().id)
		fallthrough
	default:
		event = &receivedEvent{id: id}
		r.events[id] = event
	}
	if d.Management.Termination.Valid {
		until = max(until, event.until)
		d = withTimesOf(d, event.latest)
	}
	event.latest, event.until = d, until
	r.heapOf(event).add(event)
}

// withTimesOf returns the DENM that ends an event with the times of its latest one where it
// has none: with them is compared what comes later.
func withTimesOf(d, latest *DENM) *DENM {
	if d.Management.DetectionTime != 0 && d.Management.ReferenceTime != 0 {
		return d
	}
	filled := *d
	m := &filled.Management
	m.DetectionTime = max(m.DetectionTime, latest.Management.DetectionTime)
	m.ReferenceTime = max(m.ReferenceTime, latest.Management.ReferenceTime)
	return &filled
}

func (r *Received) heapOf(event *receivedEvent) *endings {
	if event.latest.Management.Termination.Valid {
		return &r.ended
	}
	return &r.active
}

// Negation returns the DENM that negates the event of another station at the time now.
// It repeats what the event's latest DENM says of it, and its reference time, as ETSI
// wants it, and has neither of its containers but the management. The table takes it
// for sent only when [Received.Sent] is told.
//
// ErrUnknownAction says that the table has no such event or that it has ended, and
// ErrTooLate that its validity is over.
func (r *Received) Negation(id ActionID, stationType TrafficParticipantType, now Timestamp) (*DENM, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	event := r.events[id]
	switch {
	case event == nil || event.latest.Management.Termination.Valid:
		return nil, ErrUnknownAction
	case event.latest.ValidUntil() < now:
		return nil, ErrTooLate
	}
	m := event.latest.Management
	m.Termination = Some(IsNegation)
	// When its end was detected. Receivers know by a newer detection time, too, that
	// this is no repetition.
	m.DetectionTime = max(now, m.DetectionTime+1)
	m.StationType = stationType
	m.ReferenceStationID, m.ReferenceObjectID = Optional[StationID]{}, Optional[ObjectID]{}
	return &DENM{StationID: r.cfg.StationID, Management: m}, nil
}

// Sent tells the table that a negation of Negation's was published: the event has ended,
// unless something newer was received since.
func (r *Received) Sent(negation *DENM) {
	if negation == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if event := r.events[negation.Management.ActionID]; event != nil && event.latest.Management.ReferenceTime == negation.Management.ReferenceTime {
		r.put(negation)
	}
}

// Lookup returns the latest DENM of an event, be it one that has ended.
func (r *Received) Lookup(id ActionID) (*DENM, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	event, ok := r.events[id]
	if !ok {
		return nil, false
	}
	return event.latest, true
}

// Len returns the number of events in the table, with those that have ended.
func (r *Received) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}

// Expire takes the events out of the table whose validity is over at the time now.
// Handle does so too; it is only for a table that gets nothing any more.
func (r *Received) Expire(now Timestamp) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
}

func (r *Received) expire(now Timestamp) {
	for _, h := range []*endings{&r.active, &r.ended} {
		for len(*h) > 0 && (*h)[0].until < now {
			delete(r.events, h.removeFirst().id)
		}
	}
}
