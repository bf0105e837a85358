package uper

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/step-its/producer/den"
)

// checkError holds what is true of every error: it has a type that is told in the
// documentation, and its text can be logged as it is.
func checkError(t *testing.T, err error) {
	t.Helper()
	var syntax *SyntaxError
	var outside *RangeError
	var wrong *ValueError
	if !errors.As(err, &syntax) && !errors.As(err, &outside) && !errors.As(err, &wrong) {
		t.Errorf("%T: %v", err, err)
	}
	text := err.Error()
	if len(text) > 512 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		t.Errorf("the error cannot be logged as it is: %q", text)
	}
}

func addMessages(f *testing.F) {
	for _, v := range readVectors(f) {
		f.Add(fromHex(f, v.Hex))
	}
	for _, v := range handVectors {
		f.Add(fromHex(f, v.hex))
	}
	for _, s := range readSamples(f) {
		f.Add(s.message)
	}
	g := newDice(5)
	for i := range 40 {
		g.version1 = i%4 == 0
		message, err := Marshal(g.denm())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(message)
	}
	full, err := Marshal(everything(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(full)
	f.Add([]byte(nil))
}

// Any bytes are an error or a message; and a message is written in its canonical
// form, which is read as the same message and written as the same bytes.
func FuzzUnmarshal(f *testing.F) {
	addMessages(f)
	f.Fuzz(func(t *testing.T, message []byte) {
		before := bytes.Clone(message)
		d, err := Unmarshal(message)
		if !bytes.Equal(before, message) {
			t.Fatal("the message was changed")
		}
		if err != nil {
			if d != nil {
				t.Error("there is a DENM with an error")
			}
			checkError(t, err)
			return
		}
		if hasUnknownClass(d) {
			return // which cannot be written
		}
		canonical, err := Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if d.Skipped == 0 && len(canonical) > len(message)+1 { // a bit for what V2.2.1 did not know
			t.Errorf("the canonical form is longer: %x", canonical)
		}
		again, err := Unmarshal(canonical)
		if err != nil {
			t.Fatal(err)
		}
		d.Skipped = 0
		if diff := cmp.Diff(d, again); diff != "" {
			t.Fatalf("(-read +read again)\n%s", diff)
		}
		twice, err := Marshal(again)
		if err != nil || !bytes.Equal(twice, canonical) {
			t.Fatalf("%v\n%x is written as\n%x", err, canonical, twice)
		}
		checkToDENM(t, d)
	})
}

func hasUnknownClass(d *DENM) bool {
	if d.Alacarte == nil || d.Alacarte.PreCrash == nil {
		return false
	}
	for _, class := range d.Alacarte.PreCrash.PerceivedPreCrashObject.Classification {
		if class.Kind == KindUnknown {
			return true
		}
	}
	return false
}

// checkToDENM: what a message becomes can be written as JSON and read again.
func checkToDENM(t *testing.T, d *DENM) {
	t.Helper()
	for _, p := range []Profile{{Release: R1}, {Release: R2, WithoutLeapSeconds: true}} {
		m, err := d.ToDENM(p)
		if err != nil {
			checkError(t, err)
			continue
		}
		again, err := den.ParseDENM(m.AppendJSON(nil))
		if err != nil {
			t.Fatalf("%v\n%s", err, m.AppendJSON(nil))
		}
		again.PreCrash.Value.PerceivedObject.Type = m.PreCrash.Value.PerceivedObject.Type // which JSON does not have
		if diff := cmp.Diff(m, again); diff != "" {
			t.Fatalf("(-told +read)\n%s", diff)
		}
		// And it can be told in ETSI's terms once more.
		e, err := FromDENM(m, p)
		if err != nil {
			checkError(t, err)
			continue
		}
		if _, err := Marshal(e); err != nil {
			t.Fatal(err)
		}
	}
}

// What den.ParseDENM accepts can be told in ETSI's terms and written, and the
// service's own terms come back.
func FuzzFromDENM(f *testing.F) {
	f.Add(crash().AppendJSON(nil))
	ended := crash()
	ended.Management.Termination = den.Some(den.IsCancellation)
	f.Add(ended.AppendJSON(nil))
	g := newDice(6)
	for range 40 {
		d := g.denm()
		d.Management.StationType %= 16 // the others are reserved
		if d.Situation != nil {
			d.Situation.EventType.CauseCode = 97
		}
		if m, err := d.ToDENM(Profile{}); err == nil {
			f.Add(m.AppendJSON(nil))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := den.ParseDENM(text)
		if err != nil {
			return
		}
		for _, p := range []Profile{{}, {WithoutLeapSeconds: true}, {Release: R2, Participant: toCyclist}} {
			e, err := FromDENM(m, p)
			if err != nil {
				checkError(t, err)
				continue
			}
			message, err := Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			again, err := Unmarshal(message)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e, again); diff != "" {
				t.Fatalf("(-told +read)\n%s", diff)
			}
			back, err := e.ToDENM(p)
			if err != nil {
				checkError(t, err)
				continue
			}
			if back.StationID != m.StationID || back.Management.ActionID != m.Management.ActionID ||
				back.Management.DetectionTime != m.Management.DetectionTime ||
				back.Management.ReferenceTime != m.Management.ReferenceTime ||
				back.Management.Termination != m.Management.Termination {
				t.Fatalf("%+v\ncomes back as\n%+v", m.Management, back.Management)
			}
		}
	})
}
