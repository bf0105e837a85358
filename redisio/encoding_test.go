package redisio_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// shout is an Encoding for a test: "!" and the sequence number. It refuses number 2 and
// has nothing to say of 3.
func shout(name string) *redisio.Encoding {
	return &redisio.Encoding{ContentType: "text/" + name, Append: func(dst []byte, d *den.DENM) ([]byte, error) {
		switch d.Management.ActionID.SequenceNumber {
		case 2:
			return append(dst, "half of it"...), errors.New("it is too loud")
		case 3:
			return dst, nil
		}
		return append(append(dst, "!\x00\xff"+name...), numbers([]*den.DENM{d})...), nil
	}}
}

// An output with an Encoding gets the same messages in another form, with what a receiver
// has to know before it reads them, in the same commit; one that cannot be encoded is
// missing there alone.
func TestEncoding(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		o.Outputs = append(o.Outputs, redisio.OutputStream{Stream: "loud", Encoding: shout("loud")},
			redisio.OutputStream{Stream: "copy", Field: "event"},
			redisio.OutputStream{Stream: "louder", Field: "bytes", Encoding: shout("louder"), MaxLength: 10})
		var log strings.Builder
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
		server, client := openProbe(t, o), open(t, o)
		b := batchInHand(t, server, client, 2)
		denms := warnings(1, 4)
		denms[3] = denms[3].Cancellation(denms[3].Management.ReferenceTime + 1)
		must(t, client.Publisher().Commit(t.Context(), b, alone(denms...)))
		must(t, client.Publisher().Publish(t.Context(), warnings(5, 1)))
		for _, stream := range []string{"denms", "copy"} {
			want(t, stream, len(server.entries(stream)), 5)
		}
		for stream, field := range map[string]string{"loud": "message", "louder": "bytes"} {
			entries := server.entries(stream)
			want(t, stream, len(entries), 3)
			for i, e := range entries {
				id := []string{"1", "4", "5"}[i]
				want(t, "fields", len(e.FieldValues), 4)
				want(t, "message", e.FieldValues[field], "!\x00\xff"+stream+id)
				want(t, "actionId", e.FieldValues["actionId"], "3000001/"+id)
				want(t, "termination", e.FieldValues["termination"], []string{"", "isCancellation", ""}[i])
				want(t, "contentType", e.FieldValues["contentType"], "text/"+stream)
			}
		}
		want(t, "pending", server.pending("collisions"), 0)
		want(t, "NotEncoded", client.Stats().NotEncoded, 4)
		want(t, "Published", client.Stats().Published, 5)
		if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "stream=loud action=3000001/2 error=\"it is too loud\"") {
			t.Errorf("the log says:\n%s", log.String())
		}
	})
}

func TestEncodingOptions(t *testing.T) {
	for name, test := range map[string]struct {
		outputs []redisio.OutputStream
		want    string
	}{
		"journal": {
			[]redisio.OutputStream{{Stream: "a", Encoding: shout("a")}},
			"redisio: Options.Outputs[0].Encoding must be nil: the first output is the journal, in JSON",
		},
		"type": {
			[]redisio.OutputStream{{Stream: "a"}, {Stream: "b", Encoding: &redisio.Encoding{Append: shout("").Append}}},
			"redisio: Options.Outputs[1].Encoding must have a ContentType and an Append",
		},
		"append": {
			[]redisio.OutputStream{{Stream: "a"}, {Stream: "b", Encoding: &redisio.Encoding{ContentType: "x"}}},
			"redisio: Options.Outputs[1].Encoding must have a ContentType and an Append",
		},
		"field": {
			[]redisio.OutputStream{{Stream: "a"}, {Stream: "b", Field: "termination", Encoding: shout("b")}},
			`redisio: Options.Outputs[1].Field "termination" is another field of an entry with an Encoding`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := options("127.0.0.1:6379")
			o.Outputs = test.outputs
			_, err := redisio.Open(o)
			if err == nil || err.Error() != test.want {
				t.Errorf("Open says %v; want %s", err, test.want)
			}
		})
	}
}

// A repetition is written once more, and only once however often its commit is repeated.
func TestCommitRepetition(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, client := openProbe(t, o), open(t, o)
		d := warnings(1, 1)[0]
		for _, repetition := range []den.Timestamp{0, 0, 100, 100, 200, 0, 100} {
			must(t, client.Publisher().Commit(t.Context(), nil, []den.Output{{DENM: d, Repetition: repetition}}))
		}
		want(t, "DENMs", numbers(server.published("denms")), "1 1 1")
	})
}

// An Encoding that does not append, but writes from the beginning of what it gets or returns
// a slice of its own, does no harm to the other outputs.
func TestEncodingThatDoesNotAppend(t *testing.T) {
	own := []byte(strings.Repeat("x", 5000))
	for name, encode := range map[string]func(dst []byte, d *den.DENM) ([]byte, error){
		"begins_anew": func(dst []byte, _ *den.DENM) ([]byte, error) { return append(dst[:0], "BINARY"...), nil },
		"own_slice":   func([]byte, *den.DENM) ([]byte, error) { return own, nil },
		"fails":       func(dst []byte, _ *den.DENM) ([]byte, error) { return append(dst[:0], "BINARY"...), errors.New("no") },
	} {
		t.Run(name, func(t *testing.T) {
			o := startRedis(t)
			o.Outputs = append(o.Outputs, redisio.OutputStream{Stream: "loud", Encoding: &redisio.Encoding{ContentType: "x/y", Append: encode}})
			server, client := openProbe(t, o), open(t, o)
			for i := range uint16(3) {
				must(t, client.Publisher().Publish(t.Context(), warnings(2*i, 2)))
			}
			want(t, "DENMs", numbers(server.published("denms")), "0 1 2 3 4 5")
			for _, e := range server.entries("loud") {
				if m := e.FieldValues["message"]; m != "BINARY" && m != strings.Repeat("x", 5000) {
					t.Errorf("the encoded message is %.100q", m)
				}
			}
			if string(own) != strings.Repeat("x", 5000) {
				t.Error("somebody wrote into the slice of the encoder")
			}
		})
	}
}
