package den

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// The properties that hold for any bytes at all: no panic; an error is a
// *FieldError whose text can be logged as it is; what was decoded is written
// again and decodes to an equal value.

func checkErrorText(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	if len(text) >= 1024 {
		t.Errorf("the error has %d bytes: %.100s...", len(text), text)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		t.Errorf("the error cannot be logged as it is: %q", text)
	}
}

func checkFieldError(t *testing.T, err error) {
	t.Helper()
	checkErrorText(t, err)
	if field, ok := errors.AsType[*FieldError](err); !ok || field.Problem == "" {
		t.Errorf("%#v is not a FieldError that tells a problem", err)
	}
}

func addSeeds(f *testing.F) {
	denm, collisions := readTestdata(f, "denm.json"), readTestdata(f, "collisions.json")
	seeds := [][]byte{
		denm,
		collisions,
		[]byte(negation),
		event(SchemaDENM, denm),
		event(SchemaStationCollisions, collisions),
		event("", collisions),
		event("urn:denm", []byte(negation)),
		wantDENM().AppendJSON(nil),
		wantCollisions().AppendJSON(nil),
		[]byte(`{"data":"{\"managementContainer\":{}}"}`),
		[]byte(`{"dataschema":"denm","data":""}`),
		[]byte(`[{},{}]`),
		[]byte(`{"managementContainer":{"actionId":{"originatingStationId":1,"sequenceNumber":2},"termination":1}}`),
		[]byte(`{"\u0000":{"":[[[["\ud800"]]]]}`),
		[]byte("{\"a\":1,\"a\":2}\xff"),
		bytes.Repeat([]byte(`{"a":[`), 40),
		nil,
	}
	for _, m := range malformed {
		seeds = append(seeds, m.message(f))
	}
	for _, seed := range seeds {
		if len(seed) < 1<<14 {
			f.Add(seed)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		ev, err := ParseEvent(data)
		if err != nil {
			checkFieldError(t, err)
			if ev.DENM != nil || ev.Collisions != nil {
				t.Error("an event with an error holds a message")
			}
			return
		}
		if (ev.DENM == nil) == (ev.Collisions == nil) {
			t.Fatalf("not exactly one message: %+v", ev)
		}
		// The names of an event decide how it is read again, so the names that
		// belong to its kind are used.
		ev.Type, ev.DataSchema = "", ""
		if ev.ID == "" {
			ev.ID = "-"
		}
		again, err := ParseEvent(ev.AppendJSON(nil))
		if err != nil {
			t.Fatal(err)
		}
		again.Type, again.DataSchema = "", ""
		if d := ev.DENM; d != nil && d.Management.DetectionTime == 0 || d != nil && d.Management.ReferenceTime == 0 {
			// Only the end of an event was readable, and only that is kept.
			checkSameEnd(t, d, again.DENM)
			return
		}
		if diff := cmp.Diff(ev, again); diff != "" {
			t.Fatalf("(-read +read again)\n%s", diff)
		}
	})
}

func FuzzParseDENM(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDENM(data)
		if err != nil {
			checkFieldError(t, err)
			return
		}
		again, err := ParseDENM(d.AppendJSON(nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, again); diff != "" {
			t.Fatalf("(-read +read again)\n%s", diff)
		}
		if d.Management.Termination.Valid {
			end, err := ParseTermination(data)
			if err != nil {
				t.Fatal(err)
			}
			checkSameEnd(t, d, end)
		}
	})
}

func FuzzParseStationCollisions(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseStationCollisions(data)
		if err != nil {
			checkFieldError(t, err)
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("decoded but not valid: %v", err)
		}
		again, err := ParseStationCollisions(c.AppendJSON(nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatalf("(-read +read again)\n%s", diff)
		}
	})
}

func FuzzParseTermination(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseTermination(data)
		if err != nil {
			checkFieldError(t, err)
			return
		}
		again, err := ParseTermination(d.AppendJSON(nil))
		if err != nil {
			t.Fatal(err)
		}
		checkSameEnd(t, d, again)
		// Inside an event it is found as well.
		ev, err := ParseEvent(event(SchemaDENM, data))
		if err != nil {
			t.Fatal(err)
		}
		checkSameEnd(t, d, ev.DENM)
	})
}

func checkSameEnd(t *testing.T, want, got *DENM) {
	t.Helper()
	if got.StationID != want.StationID || got.Management.ActionID != want.Management.ActionID ||
		got.Management.Termination != want.Management.Termination {
		t.Fatalf("ends %+v of %d, want %+v of %d", got.Management, got.StationID, want.Management, want.StationID)
	}
}
