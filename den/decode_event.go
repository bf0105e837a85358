package den

import (
	"bytes"
	"strings"
	"sync"
)

// kind is what a message turns out to be.
type kind uint8

const (
	unknownKind kind = iota
	collisionsKind
	denmKind
)

// ParseEvent reads a message as it comes from a stream: a collision array or a
// DENM in its CloudEvents envelope. It also takes one without an envelope, and
// one whose data is a JSON text inside a string.
//
// What the message is decide, in this order, the attributes dataschema and type
// and the keys of the data. Other attributes are read where they are text and
// ignored otherwise. Of a DENM that ends an event only what [ParseTermination]
// needs has to be right.
//
// It reads at most MaxMessageSize bytes. An error is a *[FieldError]; the event
// then still has the attributes that were read before it, to tell whose it was.
func ParseEvent(data []byte) (Event, error) {
	p := eventParsers.Get().(*eventParser)
	defer eventParsers.Put(p)
	*p = eventParser{text: data}
	err := read(data, p.parse)
	if err == nil {
		err = p.finish()
	}
	event := p.event
	if err != nil {
		event.Collisions, event.DENM = nil, nil
	}
	*p = eventParser{} // the caller's bytes are the caller's again
	return event, err
}

// eventParsers has those that are not in use: a table of functions reads into one, so each
// would cost an allocation.
var eventParsers = sync.Pool{New: func() any { return new(eventParser) }}

type eventParser struct {
	text  []byte // the whole message
	event Event
	data  []byte // the data, where it was passed over until the kind is known
	done  bool   // the data is decoded
	bare  kind   // what the keys beside the attributes look like
}

func (p *eventParser) parse(r *reader) error {
	if !r.plain { // it is the second run
		*p = eventParser{text: p.text}
	}
	if r.peek() == '[' {
		p.bare = collisionsKind
		return r.skip()
	}
	return eventKeys.read(r, p)
}

// eventKeys are the attributes that are read, in the order in which [Event.AppendJSON] writes
// them, and the keys by which a message without an envelope is known.
var eventKeys = newObject([]field[eventParser]{
	{"specversion", optional, passOver},
	{"id", optional, func(r *reader, p *eventParser) error { return lenientText(r, &p.event.ID) }},
	{"source", optional, func(r *reader, p *eventParser) error { return repeatedText(r, &p.event.Source, &r.source) }},
	{"type", optional, func(r *reader, p *eventParser) error { return repeatedText(r, &p.event.Type, &r.eventType) }},
	{"time", optional, func(r *reader, p *eventParser) error {
		return lenient(r, func(v []byte) { _ = p.event.Time.unmarshal(unquoteOr(v), &r.second) })
	}},
	{"datacontenttype", optional, passOver},
	{"dataschema", optional, func(r *reader, p *eventParser) error { return repeatedText(r, &p.event.DataSchema, &r.dataSchema) }},
	{"traceparent", optional, func(r *reader, p *eventParser) error {
		return lenientChecked(r, &p.event.TraceParent, traceParent)
	}},
	{"tracestate", optional, func(r *reader, p *eventParser) error {
		return lenientChecked(r, &p.event.TraceState, traceState)
	}},
	{"data", optional, func(r *reader, p *eventParser) error { return p.takeData(r) }},
	{"managementContainer", optional, func(r *reader, p *eventParser) error { return p.bareKind(r, denmKind) }},
	{"stations", optional, func(r *reader, p *eventParser) error { return p.bareKind(r, collisionsKind) }},
	{"stationCollisions", optional, func(r *reader, p *eventParser) error { return p.bareKind(r, collisionsKind) }},
})

func passOver(r *reader, _ *eventParser) error { return r.skip() }

func (p *eventParser) bareKind(r *reader, k kind) error {
	p.bare = k
	return r.skip()
}

// takeData decodes the data where it stands when the attributes before it have
// told that it is a collision array: that is the hot path, and one pass is
// enough. Anything else is kept for finish.
func (p *eventParser) takeData(r *reader) error {
	if k := r.peek(); (k == '{' || k == '[') && kindOf(p.event.DataSchema) == collisionsKind {
		p.done = true
		p.event.Collisions = new(StationCollisions)
		return intoCollisions(r, p.event.Collisions)
	}
	v, err := r.value()
	if err != nil {
		return err
	}
	end := r.offset()
	p.data = p.text[end-len(v) : end]
	return nil
}

// finish decodes what could not be decoded on the way.
func (p *eventParser) finish() error {
	if p.event.TraceParent == "" {
		p.event.TraceState = "" // it is of no trace
	}
	switch {
	case p.done:
	case p.data != nil:
		if p.data[0] == '"' {
			p.data = unquote(p.data)
		}
		k := kindOf(p.event.DataSchema)
		if k == unknownKind {
			k = kindOf(p.event.Type)
		}
		if err := p.payload(k, p.data); err != nil {
			return under("data", err)
		}
	case p.bare != unknownKind:
		if err := p.payload(p.bare, p.text); err != nil {
			return err
		}
	default:
		return &FieldError{Path: "data", Problem: "missing, and there are no stations and no managementContainer beside it"}
	}
	if c := p.event.Collisions; c != nil && c.DetectionTime == 0 {
		if p.event.Time == 0 {
			return under("data", noDetectionTime())
		}
		c.DetectionTime = p.event.Time
	}
	return nil
}

func (p *eventParser) payload(k kind, data []byte) (err error) {
	if k == unknownKind {
		k, err = kindByKeys(data)
		if err != nil {
			return err
		}
	}
	switch k {
	case collisionsKind:
		p.event.Collisions = new(StationCollisions)
		return read(data, func(r *reader) error { return intoCollisions(r, p.event.Collisions) })
	case denmKind:
		p.event.DENM, err = ParseDENM(data)
		if err != nil {
			if ending, endingErr := ParseTermination(data); endingErr == nil {
				p.event.DENM, err = ending, nil
			}
		}
		return err
	}
	return problem("is neither a collision array nor a DENM")
}

// kindOf reads the kind from a schema or type name, which the subsystems write
// in more than one way.
func kindOf(name string) kind {
	switch name {
	case SchemaStationCollisions, TypeStationCollisions:
		return collisionsKind
	case SchemaDENM, TypeDENM:
		return denmKind
	}
	name = strings.TrimRight(name, "/")
	name = strings.ToLower(name[strings.LastIndexByte(name, '/')+1:])
	name = strings.NewReplacer("_", "", "-", "", ".", "").Replace(name)
	switch {
	case strings.Contains(name, "denm"):
		return denmKind
	case strings.Contains(name, "stationcollision"):
		return collisionsKind
	}
	return unknownKind
}

// kindByKeys looks for a key that only one kind of message has.
func kindByKeys(data []byte) (k kind, err error) {
	data = bytes.TrimLeft(data, " \t\r\n")
	if len(data) == 0 || data[0] != '{' {
		if len(data) > 0 && data[0] == '[' {
			return collisionsKind, nil
		}
		return unknownKind, nil
	}
	p := eventParser{text: data}
	err = read(data, p.parse)
	return p.bare, err
}

// lenientChecked reads what check makes of a text.
func lenientChecked(r *reader, dst *string, check func([]byte) string) error {
	return lenient(r, func(v []byte) {
		if v[0] == '"' {
			*dst = check(r.unquote(v))
		}
	})
}

func lenientText(r *reader, dst *string) error {
	return lenient(r, func(v []byte) {
		if v[0] == '"' {
			*dst = usualText(r.unquote(v))
		}
	})
}

// repeatedText reads a text that is mostly the same as in the message before.
func repeatedText(r *reader, dst *string, last *remembered[string]) error {
	if !r.plain || r.peek() != '"' {
		return lenientText(r, dst)
	}
	whole := r.scan.text[r.scan.pos:]
	if says, behind := last.again(whole); behind != nil {
		*dst = says
		r.scan.pos += len(whole) - len(behind)
		return nil
	}
	err := lenientText(r, dst)
	if err == nil {
		last.remember(whole, r.scan.text[r.scan.pos:], *dst)
	}
	return err
}

// usualText copies the text, unless it is one that nearly all messages have.
func usualText(text []byte) string {
	for _, usual := range [...]string{SchemaStationCollisions, TypeStationCollisions, SchemaDENM, TypeDENM} {
		if usual == string(text) {
			return usual
		}
	}
	return string(text)
}
