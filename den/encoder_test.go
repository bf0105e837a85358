package den

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// appendAll writes events with an Encoder and holds it to AppendJSON.
func appendAll(t interface{ Fatalf(string, ...any) }, c *Encoder, events ...Event) {
	var texts [][]byte
	before := c.Len()
	for i := range events {
		texts = append(texts, c.Append(&events[i]))
	}
	length := before
	for i := range events { // at the end, since all texts must have stayed
		want := events[i].AppendJSON(nil)
		if got := texts[i]; string(got) != string(want) {
			t.Fatalf("event %d\nwant %s\ngot  %s", i, want, got)
		}
		length += len(want)
	}
	if c.Len() != length {
		t.Fatalf("Len is %d after %d bytes", c.Len(), length)
	}
}

// Whatever two events differ in, none is given what belongs to the other.
func TestEncoderTellsEventsApart(t *testing.T) {
	event := func() Event {
		e := denmEvent()
		e.DENM.PreCrash.Value.PerceivedObject.Type = Optional[TrafficParticipantType]{} // not in JSON
		e.TraceParent, e.TraceState = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=b"
		return e
	}
	base, changed := event(), 0
	var eachLeaf func(path string, v func(e *Event) reflect.Value)
	eachLeaf = func(path string, v func(e *Event) reflect.Value) {
		other := event()
		leaf := v(&other)
		switch leaf.Kind() {
		case reflect.Struct:
			for i := range leaf.NumField() {
				eachLeaf(path+"."+leaf.Type().Field(i).Name, func(e *Event) reflect.Value { return v(e).Field(i) })
			}
			return
		case reflect.Pointer:
			if leaf.IsNil() { // the collisions
				return
			}
			eachLeaf(path, func(e *Event) reflect.Value { return v(e).Elem() })
			leaf.SetZero()
			if path == ".DENM" {
				other.DENM = nil
			}
		case reflect.Bool:
			leaf.SetBool(!leaf.Bool())
		case reflect.String:
			leaf.SetString(leaf.String() + "+")
		case reflect.Uint8, reflect.Uint16, reflect.Uint32:
			leaf.SetUint(leaf.Uint() ^ 1)
		case reflect.Int16, reflect.Int32, reflect.Int64:
			leaf.SetInt(leaf.Int() + 1)
		default:
			t.Fatalf("%s is a %s", path, leaf.Kind())
		}
		changed++
		var c Encoder
		appendAll(t, &c, base, other, base, base, other, other)
	}
	eachLeaf("", func(e *Event) reflect.Value { return reflect.ValueOf(e).Elem() })
	if changed < 50 {
		t.Errorf("only %d fields were changed", changed)
	}
}

func TestEncoder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		denms := []*DENM{drawDENM(t), drawDENM(t), wantDENM()}
		var c Encoder
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			var events []Event
			for range rapid.IntRange(0, 12).Draw(t, "events") {
				d := *rapid.SampledFrom(denms).Draw(t, "denm")
				if rapid.Bool().Draw(t, "another target") {
					d.Management.ActionID.SequenceNumber++
					d.PreCrash = wantDENM().PreCrash
				}
				e := Event{ID: "7", Source: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "source"), DENM: &d}
				if rapid.Bool().Draw(t, "time") {
					e.Time = MinTimestamp
				}
				if rapid.IntRange(0, 9).Draw(t, "collisions") == 0 {
					e.DENM, e.Collisions = nil, wantCollisions()
				}
				events = append(events, e)
			}
			appendAll(t, &c, events...)
			if rapid.Bool().Draw(t, "reset") {
				c.Reset()
			}
		}
	})
}

// Every event without an id gets one of its own.
func TestEncoderGivesIDs(t *testing.T) {
	e := denmEvent()
	e.ID = ""
	var c Encoder
	seen := make(map[string]bool)
	for range 100 {
		got, err := ParseEvent(c.Append(&e))
		if err != nil {
			t.Fatal(err)
		}
		seen[got.ID] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d ids for 100 events", len(seen))
	}
}

func TestEncoderAllocatesNothing(t *testing.T) {
	e := denmEvent()
	var c Encoder
	write := func() {
		c.Reset()
		for range 20 {
			c.Append(&e)
		}
	}
	write()
	if n := testing.AllocsPerRun(100, write); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
