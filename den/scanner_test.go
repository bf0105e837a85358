package den

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzScanner holds the scanner to jsontext: what it accepts, jsontext accepts, too, and
// both read the same. What it gives up on does not matter: that is read with jsontext.
func FuzzScanner(f *testing.F) {
	addSeeds(f)
	for _, seed := range []string{
		`[]`, `{}`, `[1,]`, `{"a":1,}`, `[1 2]`, `{"a" 1}`, `[,1]`, `{,}`, `[}`, `{]`, `{"a":1]`, `01`, `-`, `1.`, `1e`, `1e+`, `-0.0e-0`,
		`nul`, `nulll`, `truefalse`, `"`, `"\"`, "\"\x00\"", "\"\xff\"", "\x00", "{}\x00", `{"a":1,"a":2}`, `{"x":{"a":1,"a":2}}`, `[[]]]`, `{}{}`,
		`{"stations":[{"stationId":-1 2}]}`, `{"stationId":1e0,"stationId":2}`, `{"stationId" :1}`, `{"stationId":01}`, `{"stationId":-01}`, `{"stationId":1234567890123456789}`,
		`{"stations":[{"stationId":1,"stationId":2}]}`, strings.Repeat(`[`, 32) + strings.Repeat(`]`, 32), strings.Repeat(`{"a":`, 33) + `1` + strings.Repeat(`}`, 33),
		`{"x":` + strings.Repeat(`[`, 31) + strings.Repeat(`]`, 31) + `}`, `{"x":` + strings.Repeat(`[`, 32) + strings.Repeat(`]`, 32) + `}`,
	} {
		f.Add([]byte(seed))
		f.Add([]byte(`{"dataschema":"denm","data":` + seed + `}`))
		f.Add([]byte(`{"stations":[],"unknown":` + seed + `}`))
	}
	for _, number := range []string{
		`90.0000001`, `91 1`, `-90`, `90.`, `-.5`, `01.5`, `45.12345678`, `45.1234567e1`, `45.1E-1`, `4 5`, `45.1.2`, `1e1`, `1234`, `-0`, `0.0000001`, `"45"`, `null`,
	} {
		f.Add([]byte(`{"stations":[{"position":{"latitude":` + number + `,"longitude":7.1}}]}`))
	}
	for _, quantity := range []string{
		`{"value":1,"confidence":2}`, `{"value": 1, "confidence": null}`, `{"value":1}`, `{"confidence":2,"value":1}`, `{"value":1,"confidence":2,"value":3}`,
		`{"value":1,"confidence":2,"x":3}`, `{"value":1 2,"confidence":2}`, `{"value":16384,"confidence":2}`, `{"value":1,"confidence":0}`, `{"value":1,"confidence":2`,
		`{"value":1.0,"confidence":2}`, `{"value":null,"confidence":null}`, `{"value":1,"confidence":2]`, `{,"value":1,"confidence":2}`, `{"value":1,"confidence":2,}`,
	} {
		f.Add([]byte(`{"stations":[{"speed":` + quantity + `,"heading":` + quantity + `,"objectDimensionX":` + quantity + `}]}`))
	}
	for _, end := range []string{`"id":"a\u0041"}`, `"id":"b"`, `"data":1,"id":"b"}`} {
		f.Add([]byte(`{"data":{"stations":[]},"dataschema":"StationCollisionArrayV1",` + end))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		compareReaders(t, data, func(r *reader, v *any) error { return r.skip() })
		compareReaders(t, data, func(r *reader, v *[]byte) (err error) { *v, err = r.value(); return err })
		compareReaders(t, data, intoCollisions)
		compareReaders(t, data, denmKeys.read)
		compareReaders(t, data, terminationKeys.read)
		type parsed struct {
			Event Event
			Data  []byte
			Done  bool
			Bare  kind
		}
		compareEvents(t, data)
		compareReaders(t, data, func(r *reader, v *parsed) error {
			p := eventParser{text: data}
			err := p.parse(r)
			*v = parsed{p.event, p.data, p.done, p.bare}
			return err
		})
	})
}

// compareReaders reads data into a T in both ways, with the scanner twice: what the reader
// remembers of the first time must not matter.
func compareReaders[T any](t *testing.T, data []byte, decode func(*reader, *T) error) {
	t.Helper()
	first, plain, exact := new(T), new(T), new(T)
	var r reader
	read := r.readPlain(data, func(r *reader) error { return decode(r, first) })
	if r.readPlain(data, func(r *reader) error { return decode(r, plain) }) != read {
		t.Fatalf("only one time of two the scanner accepts it as a %T", plain)
	}
	if !read {
		return
	}
	if diff := cmp.Diff(first, plain); diff != "" {
		t.Fatalf("(-first time +second time)\n%s", diff)
	}
	if err := r.readAny(data, func(r *reader) error { return decode(r, exact) }); err != nil {
		t.Fatalf("only the scanner accepts it as a %T: %v", plain, err)
	}
	if diff := cmp.Diff(exact, plain); diff != "" {
		t.Fatalf("(-jsontext +scanner)\n%s", diff)
	}
}

// compareEvents reads data as an event in both ways, and with jsontext alone: what the
// scanner has begun must not matter, also when both fail.
func compareEvents(t *testing.T, data []byte) {
	t.Helper()
	both, alone := eventParser{text: data}, eventParser{text: data}
	err := read(data, both.parse)
	want := new(reader).readAny(data, alone.parse)
	if diff := cmp.Diff(want, err, cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) })); diff != "" {
		t.Fatalf("(-jsontext +both)\n%s", diff)
	}
	if diff := cmp.Diff(alone.event, both.event); diff != "" || string(both.data) != string(alone.data) || both.done != alone.done || both.bare != alone.bare {
		t.Fatalf("with jsontext alone %+v; after the scanner %+v", alone, both)
	}
}

// What senders write is read by the scanner, or there would be no use in it.
func TestScannerReadsWhatSendersWrite(t *testing.T) {
	for name, message := range map[string]string{
		"collisions": string(event(SchemaStationCollisions, readTestdata(t, "collisions.json"))),
		"denm":       string(event(SchemaDENM, readTestdata(t, "denm.json"))),
		"negation":   negation,
		"ours":       string(wantDENM().AppendJSON(nil)),
		"UTF-8":      `{"source":"Prešov","n":-1.5e+3,"l":[true,false,null,{}]}`,
	} {
		var r reader
		if !r.readPlain([]byte(message), func(r *reader) error { return r.skip() }) {
			t.Errorf("%s is not plain: %s", name, message)
		}
	}
}

// Eight bytes at once are told apart as one by one.
func TestOrdinaryBytes(t *testing.T) {
	oneByOne := func(text []byte) (n int) {
		for n < len(text) && ordinary[text[n]] {
			n++
		}
		return n
	}
	for length := range 20 {
		for at := range length {
			for c := range 256 {
				for _, behind := range []byte{'a', ' ', '"', '!', '#', '[', ']', 0, 0x1f, 0x7f, 0x80, 0xff} {
					text := append(bytes.Repeat([]byte{'a'}, at), byte(c))
					text = append(text, bytes.Repeat([]byte{behind}, length-at-1)...)
					if got, want := ordinaryBytes(text), oneByOne(text); got != want {
						t.Fatalf("%d for %q; want %d", got, text, want)
					}
				}
			}
		}
	}
}
