package den

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"

	"github.com/go-json-experiment/json/jsontext"
)

// The attributes that this module writes by default, and by which it knows the
// two kinds of message.
const (
	TypeDENM              = "step.denm.v1"
	TypeStationCollisions = "step.station_collision_array.v1"

	SchemaDENM              = "DenmDataV1"
	SchemaStationCollisions = "StationCollisionArrayV1"
)

// Event is a message in its CloudEvents 1.0 envelope. It holds exactly one of
// Collisions and DENM.
type Event struct {
	ID         string    // unique per source; when empty, AppendJSON writes a new random UUID
	Source     string    // the sending subsystem, such as "step_producer"
	Type       string    // when empty, AppendJSON writes TypeDENM or TypeStationCollisions
	Time       Timestamp // of publication; 0 where it is not known
	DataSchema string    // when empty, AppendJSON writes SchemaDENM or SchemaStationCollisions
	// TraceParent and TraceState say which trace the event belongs to, in the form of
	// W3C Trace Context (CloudEvents, Distributed Tracing). They are empty where the event
	// has none, or none of that form.
	TraceParent, TraceState string

	Collisions *StationCollisions
	DENM       *DENM
}

// AppendJSON appends the event in the JSON format of CloudEvents and returns the
// extended buffer. It allocates nothing when the buffer is large enough; an
// event with a DENM takes about 2 KB. An [Encoder] does the same for many events in less
// time.
func (e *Event) AppendJSON(b []byte) []byte {
	b = e.appendAttributes(e.appendID(b))
	switch {
	case e.Collisions != nil:
		b = e.Collisions.AppendJSON(b)
	case e.DENM != nil:
		b = e.DENM.AppendJSON(b)
	default:
		b = append(b, "null"...)
	}
	return append(b, '}')
}

func (e *Event) appendID(b []byte) []byte {
	b = append(b, `{"specversion":"1.0","id":`...)
	if e.ID != "" {
		return appendText(b, e.ID)
	}
	return appendUUID(b)
}

// appendAttributes appends what stands between the id and the data.
func (e *Event) appendAttributes(b []byte) []byte {
	typ, schema := TypeDENM, SchemaDENM
	if e.Collisions != nil {
		typ, schema = TypeStationCollisions, SchemaStationCollisions
	}
	if e.Type != "" {
		typ = e.Type
	}
	if e.DataSchema != "" {
		schema = e.DataSchema
	}
	b = appendText(append(b, `,"source":`...), e.Source)
	b = appendText(append(b, `,"type":`...), typ)
	if e.Time != 0 {
		b = appendTime(append(b, `,"time":`...), e.Time)
	}
	b = append(b, `,"datacontenttype":"application/json","dataschema":`...)
	b = appendText(b, schema)
	if e.TraceParent != "" {
		b = appendText(append(b, `,"traceparent":`...), e.TraceParent)
	}
	if e.TraceState != "" {
		b = appendText(append(b, `,"tracestate":`...), e.TraceState)
	}
	return append(b, `,"data":`...)
}

// appendText appends a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if !ordinary[text[i]] {
			quoted, _ := jsontext.AppendQuote(b, text)
			return quoted
		}
	}
	b = append(append(b, '"'), text...)
	return append(b, '"')
}

// appendUUID appends a random UUID (RFC 9562, version 4). It only has to be
// unique, not secret, so the fast generator of the runtime serves.
func appendUUID(b []byte) []byte {
	high, low := rand.Uint64(), rand.Uint64()
	high = high&^(0xf<<12) | 4<<12 // the version
	low = low&^(3<<62) | 2<<62     // the variant
	a, c, d, e := hexOf(uint32(high>>32)), hexOf(uint32(high)), hexOf(uint32(low>>32)), hexOf(uint32(low))
	b = append(b, `"00000000-0000-0000-0000-000000000000"`...)
	text := b[len(b)-38:]
	binary.LittleEndian.PutUint64(text[1:], a)
	binary.LittleEndian.PutUint32(text[10:], uint32(c))
	binary.LittleEndian.PutUint32(text[15:], uint32(c>>32))
	binary.LittleEndian.PutUint32(text[20:], uint32(d))
	binary.LittleEndian.PutUint32(text[25:], uint32(d>>32))
	binary.LittleEndian.PutUint64(text[29:], e)
	return b
}

// hexOf returns the eight digits of n as their text, the first one in the lowest byte. It
// gives each half of a byte a byte of its own, and makes all eight letters or digits at once.
func hexOf(n uint32) uint64 {
	const each = 0x0101010101010101
	word := uint64(bits.ReverseBytes32(n))
	word = (word | word<<16) & 0x0000ffff0000ffff
	word = (word | word<<8) & 0x00ff00ff00ff00ff
	word = word>>4&0x000f000f000f000f | word&0x000f000f000f000f<<8
	letters := (word + each*6) >> 4 & each
	return word + each*'0' + letters*('a'-'0'-10)
}
