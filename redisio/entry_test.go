package redisio_test

import (
	"strings"
	"testing"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio"
)

// Senders write their messages into entries in different ways.
func TestEntry(t *testing.T) {
	array := dentest.Collisions(1772442921412, 7, 1000)
	event, bare := string(dentest.Event(array, nil)), string(array.AppendJSON(nil))
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, sub := openProbe(t, o), open(t, o).Subscriber()
		for _, test := range []struct {
			name   string
			fields []string
			wrong  string // part of the reason, where it is not read
		}{
			{"message", []string{"message", event}, ""},
			{"one_of_any_name", []string{"anything", event}, ""},
			{"one_without_name", []string{"", event}, ""},
			{"without_envelope", []string{"message", bare}, ""},
			{"beside_others", []string{"sender", "bus 12", "message", event, "trace", "1"}, ""},
			{"event", []string{"sender", "bus 12", "event", event}, ""},
			{"payload", []string{"payload", event, "sender", "bus 12"}, ""},
			{"value", []string{"key", "7", "value", event}, ""},
			{"likeliest_first", []string{"value", "{}", "message", event}, ""},
			{"last_of_a_name", []string{"message", "{}", "message", event}, ""},
			{"flattened", []string{"specversion", "1.0", "id", "1", "dataschema", "StationCollisionArrayV1", "data", bare}, ""},
			{"flattened_by_type", []string{"type", "step.station_collision_array.v1", "data", bare}, ""},
			{"flattened_without_names", []string{"specversion", "1.0", "id", "1", "data", bare}, ""},
			{"flattened_wrong", []string{"specversion", "1.0", "data", "{nonsense"}, "data: invalid JSON"},
			{"data_alone", []string{"data", bare, "sender", "bus 12"}, ""},
			{"no_usable_field", []string{"sender", "bus 12", "stuff", event}, "the entry has no field with a message: " +
				"expected one field, or one named message, event, cloudevent, payload, data, json, value"},
			{"name_in_capitals", []string{"MESSAGE", event, "sender", "bus 12"}, "no field with a message"},
			{"empty", []string{"message", ""}, "invalid JSON"},
			{"empty_beside_others", []string{"message", "", "value", event}, "invalid JSON"},
			{"large", []string{"message", event + strings.Repeat(" ", den.MaxMessageSize)}, "bytes; at most 1048576 are read"},
		} {
			t.Run(test.name, func(t *testing.T) {
				server.do(append([]string{"XADD", "collisions", "*"}, test.fields...)...)
				b := receiveBatch(t, sub, 1)
				in := b.Inputs()[0]
				switch {
				case test.wrong == "":
					want(t, "input", references(b), "7")
					want(t, "error", in.Err, nil)
				case in.Err == nil || !strings.Contains(in.Err.Error(), test.wrong):
					t.Errorf("the error is %v; want one with %q", in.Err, test.wrong)
				}
				ackAll(t, b)
			})
		}
	})
}

// An input is named for its stream and entry, and has the time of its id.
func TestEntryID(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, sub := openProbe(t, o), open(t, o).Subscriber()
		server.do("XADD", "negations", "1772442921412-5", "message", "{}")
		in := receiveBatch(t, sub, 1).Inputs()[0]
		want(t, "ID", in.ID, "negations/1772442921412-5")
		want(t, "Time", in.Time.String(), "2026-03-02T09:15:21.412Z")

		server.do("XADD", "negations", "18446744073709551615-1", "message", "{}")
		in = receiveBatch(t, sub, 1).Inputs()[0]
		want(t, "ID", in.ID, "negations/18446744073709551615-1")
		want(t, "Time of no time", in.Time, 0)
	})
}

// Whatever an entry holds, it becomes one input, a message or an error, and it
// can be acknowledged.
func FuzzEntry(f *testing.F) {
	event := string(dentest.Event(dentest.Collisions(1772442921412, 7, 1000), nil))
	f.Add("message", event, "", "", "", "")
	f.Add("specversion", "1.0", "type", "step.denm.v1", "data", "{}")
	f.Add("data", "[", "type", "\xff", "data", `"\ud800"`)
	f.Add("", "", "", "", "", "")
	o := startMiniredis(f)
	o.DeadLetter.MaxLength = 1
	server, client := openProbe(f, o), open(f, o)
	sub := client.Subscriber()
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2, name3, value3 string) {
		command := []string{"XADD", "collisions", "*", name1, value1}
		if name2+value2+name3+value3 != "" {
			command = append(command, name2, value2, name3, value3)
		}
		server.t = t
		server.do(command...)
		b := receiveBatch(t, sub, 10)
		want(t, "inputs", len(b.Inputs()), 1)
		in := b.Inputs()[0]
		if n := count(in.Event.Collisions != nil, in.Event.DENM != nil, in.Err != nil); n != 1 {
			t.Errorf("the input has %d of a collision array, a DENM and an error: %+v", n, in)
		}
		ackAll(t, b)
		want(t, "pending", server.pending("collisions"), 0)
		server.do("XTRIM", "collisions", "MAXLEN", "0") // or it becomes slow
	})
}

func count(conditions ...bool) int {
	n := 0
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n
}
