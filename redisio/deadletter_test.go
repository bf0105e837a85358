package redisio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio"
)

// What is no message is put aside with the reason, where it came from, and its
// original fields.
func TestDeadLetter(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, client := openProbe(t, o), open(t, o)
		server.do("XADD", "negations", "5-7", "message", "{nonsense", "sender", "bus 12")
		before := dentest.Now()
		batches := receive(t, client.Subscriber(), 1)
		ackAll(t, batches...)
		letters := server.entries("dead")
		want(t, "dead letters", len(letters), 1)
		fields := letters[0].FieldValues
		var at den.Timestamp
		if err := at.UnmarshalText([]byte(fields["time"])); err != nil || at < before {
			t.Errorf("time is %q; want now, %v", fields["time"], before)
		}
		delete(fields, "time")
		want(t, "fields", fmt.Sprint(fields), fmt.Sprint(map[string]string{
			"reason":           batches[0].Inputs()[0].Err.Error(),
			"stream":           "negations",
			"id":               "5-7",
			"original.message": "{nonsense",
			"original.sender":  "bus 12",
		}))
		want(t, "DeadLetters", client.Stats().DeadLetters, 1)
	})
}

// Poison is in nobody's way: the inputs around it are answered, in the same
// commit, and each poison has its reason.
func TestPoison(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, client := openProbe(t, o), open(t, o)
		reasons := []struct{ message, want string }{
			{"", "invalid JSON"},
			{"\x00\xff", "invalid JSON"},
			{`{"data":{}}`, "data: is neither a collision array nor a DENM"},
			{`{"dataschema":"StationCollisionArrayV1","data":{"stations":[]}}`, "data.detectionTime: missing"},
			{`{"managementContainer":{"actionId":{"originatingStationId":-1}}}`, "managementContainer.actionId"},
			{strings.Repeat("[", 1000), "nested deeper"},
		}
		for i, poison := range reasons {
			server.send("collisions", arrays(den.StationID(i+1), 1)[0], []byte(poison.message))
		}
		s := run(t, client)
		awaitDENMs(t, server, len(reasons))
		eventually(t, "all is put aside", func() bool { return server.number("XLEN", "dead") == len(reasons) })
		_ = s.stop()
		want(t, "pending", server.pending("collisions"), 0)
		want(t, "Rejected", s.Stats().Rejected, uint64(len(reasons)))
		for i, letter := range server.entries("dead") {
			if got := letter.FieldValues["reason"]; !strings.Contains(got, reasons[i].want) {
				t.Errorf("the reason of %.50q is %q; want %q", reasons[i].message, got, reasons[i].want)
			}
			want(t, "message", letter.FieldValues["original.message"], reasons[i].message)
		}
	})
}

// A dead letter is sent again as the documentation says.
func TestDeadLetterSentAgain(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server, client := openProbe(t, o), open(t, o)
		message := string(arrays(7, 1)[0])
		server.do("XADD", "collisions", "*", "stuff", message, "sender", "bus 12") // an unusual name
		sub := client.Subscriber()
		ackAll(t, receive(t, sub, 1)...)
		letter := server.entries("dead")[0].FieldValues
		server.do("XADD", letter["stream"], "*", "message", letter["original.stuff"])
		want(t, "inputs", references(receive(t, sub, 1)...), "7")
	})
}

// Without a dead-letter stream, poison is counted and dropped.
func TestNoDeadLetterStream(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		o.DeadLetter = redisio.DeadLetter{}
		server, client := openProbe(t, o), open(t, o)
		server.send("collisions", []byte("{nonsense"), arrays(1, 1)[0])
		s := run(t, client)
		awaitDENMs(t, server, 1)
		eventually(t, "all is acknowledged", func() bool { return server.pending("collisions") == 0 })
		_ = s.stop()
		want(t, "Rejected", s.Stats().Rejected, 1)
		want(t, "DeadLetters", client.Stats().DeadLetters, 0)
	})
}

func TestDeadLetterMaxLength(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		o.DeadLetter.MaxLength = 10
		server, client := openProbe(t, o), open(t, o)
		for range 500 {
			server.do("XADD", "collisions", "*", "message", "{nonsense")
		}
		ackAll(t, receive(t, client.Subscriber(), 500)...)
		want(t, "DeadLetters", client.Stats().DeadLetters, 500)
		if n := server.number("XLEN", "dead"); n < 10 || n > 10+nodeLength {
			t.Errorf("%d dead letters are kept; want about 10", n)
		}
	})
}

// A dead letter is bounded, whatever somebody sent, and so is a call of the
// script.
func TestDeadLetterOfGiants(t *testing.T) {
	many := []string{"XADD", "collisions", "*"}
	for i := range 5000 {
		many = append(many, fmt.Sprint("name", i), "value")
	}
	wide := []string{"XADD", "collisions", "*"}
	for i := range 20 {
		wide = append(wide, fmt.Sprint("name", i), strings.Repeat("x", 200<<10))
	}
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		server, client := openProbe(t, o), open(t, o)
		for range 3 {
			server.do("XADD", "collisions", "*", "message", strings.Repeat("x", 3<<20))
		}
		server.do(wide...)
		server.do(many...)
		server.send("collisions", arrays(1, 1)...)
		b := receiveBatch(t, client.Subscriber(), 6)
		want(t, "inputs", references(b), "! ! ! ! ! 1")
		ackAll(t, b)
		letters := server.entries("dead")
		want(t, "dead letters", len(letters), 5)
		for _, letter := range letters {
			size := 0
			for name, value := range letter.FieldValues {
				size += len(name) + len(value)
			}
			if size > 3<<19 {
				t.Errorf("a dead letter has %d bytes", size)
			}
		}
		if n := len(letters[0].FieldValues["original.message"]); n < den.MaxMessageSize {
			t.Errorf("%d bytes of the message are kept; want %d at least", n, den.MaxMessageSize)
		}
		var all []string
		must(t, json.Unmarshal([]byte(letters[4].FieldValues["originalFields"]), &all))
		want(t, "original fields", len(all), 10000)
		if n := client.Stats().Commits; n < 4 {
			t.Errorf("%d calls of the script wrote all this; want one for each giant", n)
		}
	})
}

// An entry that was trimmed while it was pending is lost. It is told, and the
// rest goes on. Only a real server knows of such entries.
func TestPendingEntryTrimmed(t *testing.T) {
	o := startRedis(t)
	oneInput(&o)
	server := openProbe(t, o)
	server.send("collisions", arrays(1, 3)...)
	receive(t, open(t, o).Subscriber(), 3)
	entries := server.entries("collisions")
	server.do("XDEL", "collisions", entries[0].ID, entries[2].ID)

	client := open(t, o)
	b := receiveBatch(t, client.Subscriber(), 3)
	want(t, "inputs", references(b), "! 2 !")
	for i, in := range b.Inputs() {
		if lost := i != 1; errors.Is(in.Err, den.ErrInputLost) != lost {
			t.Errorf("input %d has the error %v", i, in.Err)
		}
	}
	s := run(t, client)
	awaitDENMs(t, server, 1)
	eventually(t, "all is acknowledged", func() bool { return server.pending("collisions") == 0 })
	_ = s.stop()
	want(t, "Lost", s.Stats().Lost, 2)
	want(t, "dead letters", server.number("XLEN", "dead"), 0)
}
