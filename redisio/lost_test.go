package redisio_test

import (
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// logged makes the client log into a buffer.
func logged(o *redisio.Options) *syncBuffer {
	log := new(syncBuffer)
	o.Logger = slog.New(slog.NewTextHandler(log, nil))
	return log
}

// lines returns the lines of a log that have all of the texts in them.
func lines(log *syncBuffer, texts ...string) []string {
	var found []string
	for line := range strings.Lines(log.String()) {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			found = append(found, line)
		}
	}
	return found
}

// lookEvery is how often the readers of these tests look around.
const lookEvery = 20 * time.Millisecond

// reader reads one stream to its end, again and again.
type reader struct {
	t      *testing.T
	o      redisio.Options
	log    *syncBuffer
	server probe
	client *redisio.Client
	sub    *redisio.Subscriber
	sent   int
}

// startReader starts a reader that has looked at its stream, in which nothing is yet.
func startReader(t *testing.T, o redisio.Options) *reader {
	oneInput(&o)
	o.Block = 20 * time.Millisecond
	log := logged(&o)
	x := &reader{t: t, o: o, log: log, server: openProbe(t, o)}
	x.restart()
	receiveNothing(t, x.sub)
	return x
}

// restart lets a new process take the place of the old one.
func (x *reader) restart() {
	x.client = open(x.t, x.o)
	x.sub = x.client.Subscriber()
	x.sub.LookEvery(lookEvery)
}

// send adds n entries, with the ids 1-0, 2-0 and so on, and with more words before
// the id.
func (x *reader) send(n int, words ...string) {
	for range n {
		x.sent++
		command := append([]string{"XADD", "collisions"}, words...)
		message := arrays(den.StationID(x.sent), 1)[0]
		x.server.do(append(command, fmt.Sprint(x.sent, "-0"), "message", string(message))...)
	}
}

// read receives n inputs and acknowledges them.
func (x *reader) read(n int) {
	x.t.Helper()
	ackAll(x.t, receive(x.t, x.sub, n)...)
}

// pause waits until the reader would look again.
func (x *reader) pause() { time.Sleep(lookEvery + time.Millisecond) }

// readOn receives and acknowledges what there is until it has looked around three times.
func (x *reader) readOn() {
	x.t.Helper()
	for range 3 {
		x.pause()
		for {
			b, err := x.sub.Receive(x.t.Context(), 100, time.Second)
			must(x.t, err)
			if b == nil {
				break
			}
			ackAll(x.t, b)
		}
	}
}

// Entries that are trimmed before they are read are told, with the ids between which
// they lay and their number, and once only; whether the gap is still to be seen or
// was read over already, whether others deleted entries before, and also by a process
// that comes later.
func TestTrimmedBeforeRead(t *testing.T) {
	for _, test := range []struct {
		name string
		lose func(x *reader)
		want []string
	}{
		{"gap", func(x *reader) {
			x.send(20)
			x.read(4)
			x.pause()
			x.read(1) // looks and reads, in this order
			x.server.do("XTRIM", "collisions", "MAXLEN", "8")
			x.pause()
			x.read(8)
		}, []string{"after=0-0 before=13-0 count=7"}},
		{"gap_read_over", func(x *reader) {
			x.send(20)
			x.read(5)
			x.server.do("XTRIM", "collisions", "MAXLEN", "8")
			x.read(8)
		}, []string{"after=0-0 before=20-1 count=7"}},
		{"sender_trims", func(x *reader) {
			x.send(50, "MAXLEN", "10")
			x.read(10)
		}, []string{"after=0-0 before=41-0 count=40"}},
		{"by_age", func(x *reader) {
			x.send(3)
			x.read(3)
			x.readOn()
			x.send(5)
			x.server.do("XTRIM", "collisions", "MINID", "6")
			x.read(3)
		}, []string{"after=3-0 before=(6-0|8-1) count=2"}}, // 8-1 on a machine that is slow to look
		{"all", func(x *reader) {
			x.send(5)
			x.read(2)
			x.server.do("XTRIM", "collisions", "MAXLEN", "0")
			x.pause()
		}, []string{"after=0-0 before=5-1 count=3"}},
		{"twice", func(x *reader) {
			x.send(5)
			x.server.do("XTRIM", "collisions", "MAXLEN", "2")
			x.read(2)
			x.readOn()
			x.send(5)
			x.server.do("XTRIM", "collisions", "MAXLEN", "1")
			x.read(1)
		}, []string{"after=0-0 before=4-0 count=3", "after=5-0 before=10-0 count=4"}},
		{"others_delivered_twice", func(x *reader) {
			x.send(16)
			receiveBatch(x.t, x.sub, 3).Release()
			x.read(3)
			x.server.do("XTRIM", "collisions", "MAXLEN", "4")
			x.read(4)
		}, []string{"after=0-0 before=16-1 count=9"}},
		{"after_deletions", func(x *reader) {
			x.send(5)
			x.read(5)
			x.server.do("XDEL", "collisions", "2-0", "5-0")
			x.readOn()
			x.send(5)
			x.server.do("XTRIM", "collisions", "MAXLEN", "1")
			x.read(1)
		}, []string{"after=5-0 before=10-0 count=4"}},
		{"during_a_restart", func(x *reader) {
			x.send(9)
			x.read(2)
			x.server.do("XTRIM", "collisions", "MAXLEN", "4")
			x.restart()
			x.read(4)
		}, []string{"after=0-0 before=6-0 count=3"}},
		{"nothing_read_yet", func(x *reader) {
			x.client = open(x.t, x.o)
			must(x.t, x.client.Setup(x.t.Context()))
			x.sub = x.client.Subscriber()
			x.send(9)
			x.server.do("XTRIM", "collisions", "MAXLEN", "4")
			x.read(4)
		}, []string{"after=0-0 before=6-0 count=5"}},
		{"with_its_group", func(x *reader) {
			x.send(20)
			x.read(5)
			x.server.do("XGROUP", "DESTROY", "collisions", "producer")
			x.server.do("XTRIM", "collisions", "MAXLEN", "8")
			x.readOn()
		}, []string{"after=0-0 before=20-1 count=7"}},
		{"in_hand_with_its_group", func(x *reader) {
			x.send(4)
			x.read(2)
			receiveBatch(x.t, x.sub, 2).Release()
			x.server.do("XTRIM", "collisions", "MAXLEN", "1")
			x.server.do("XGROUP", "DESTROY", "collisions", "producer")
			x.readOn()
		}, []string{"after=0-0 before=4-1 count=1"}},
		{"behind_a_deleted_one", func(x *reader) {
			x.send(3)
			x.read(3)
			x.readOn()
			x.server.do("XDEL", "collisions", "2-0")
			x.send(9)
			x.server.do("XTRIM", "collisions", "MAXLEN", "4")
			x.read(4)
		}, []string{"after=3-0 before=9-0 count=5"}},
		{"skipped_by_a_group_set_on", func(x *reader) {
			x.send(20)
			x.read(5)
			x.server.do("XGROUP", "SETID", "collisions", "producer", "$")
			x.readOn()
		}, []string{"after=0-0 before=20-1 count=15"}},
		{"skipped_by_a_group_made_by_hand", func(x *reader) {
			x.send(20)
			x.read(5)
			x.server.do("XGROUP", "DESTROY", "collisions", "producer")
			x.server.do("XGROUP", "CREATE", "collisions", "producer", "$")
			x.readOn()
		}, []string{"after=0-0 before=20-1 count=15"}},
		{"in_hand_of_a_consumer_that_was_deleted", func(x *reader) {
			x.send(9)
			x.read(5)
			b := receiveBatch(x.t, x.sub, 4)
			x.server.do("XGROUP", "DELCONSUMER", "collisions", "producer", x.o.Name)
			ackAll(x.t, b)
			x.readOn()
		}, []string{"after=0-0 before=9-1 count=4"}},
		{"acknowledged_by_hand", func(x *reader) {
			x.send(9)
			x.read(5)
			receiveBatch(x.t, x.sub, 4).Release()
			x.server.do("XACK", "collisions", "producer", "6-0", "7-0")
			x.read(2)
			x.readOn()
		}, []string{"after=0-0 before=9-1 count=2"}},
		{"skipped_in_a_trimmed_stream", func(x *reader) {
			x.send(3)
			x.read(3)
			x.readOn()
			x.server.do("XTRIM", "collisions", "MAXLEN", "1")
			x.send(2)
			x.server.do("XGROUP", "SETID", "collisions", "producer", "$")
			x.readOn()
		}, []string{"after=3-0 before=5-1 count=2"}},
		{"behind_a_group_that_began_in_the_middle", func(x *reader) {
			x.send(100)
			x.server.do("XGROUP", "DESTROY", "collisions", "producer")
			x.server.do("DEL", "collisions:producer:ledger")
			x.o.Inputs[0].StartID = "50-0"
			x.restart()
			x.read(20)
			x.server.do("XTRIM", "collisions", "MAXLEN", "10")
			x.read(10)
			x.readOn()
		}, []string{"after=50-0 before=100-1 count=20"}},
		{"before_a_crash", func(x *reader) {
			x.send(9)
			x.read(2)
			x.server.do("XTRIM", "collisions", "MAXLEN", "4")
			x.read(4)
			x.restart() // before it has looked
		}, []string{"after=0-0 before=9-1 count=3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := startReader(t, startRedis(t))
			lost := 0
			test.lose(x)
			x.readOn()
			lost += int(x.client.Stats().Lost)
			for range 2 { // who comes later does not tell of it again
				x.readOn()
				x.restart()
			}
			x.send(1)
			x.read(1)
			x.server.do("XTRIM", "collisions", "MAXLEN", "0")
			x.readOn()
			x.restart()
			x.readOn()
			told := lines(x.log, "level=ERROR")
			want(t, "losses", len(told), len(test.want))
			counted := 0
			for i, line := range told[:min(len(told), len(test.want))] {
				if !regexp.MustCompile(`msg="input lost" stream=collisions ` + test.want[i]).MatchString(line) {
					t.Errorf("the log says %s; want %s", line, test.want[i])
				}
				var n int
				_, err := fmt.Sscanf(line[strings.Index(line, "count="):], "count=%d", &n)
				must(t, err)
				counted += n
			}
			want(t, "Lost", lost, counted)
			if t.Failed() {
				t.Log(x.log)
			}
		})
	}
}

// What looks like a loss and is none is not told as one.
func TestNothingLost(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(x *reader)
	}{
		{"trimmed_after_read", func(x *reader) {
			x.send(20)
			x.read(15)
			x.server.do("XTRIM", "collisions", "MAXLEN", "5")
			x.pause()
			x.readOn()
			x.server.do("XTRIM", "collisions", "MAXLEN", "0")
			x.pause()
			x.restart()
		}},
		{"deleted_after_read", func(x *reader) {
			for range 3 {
				x.send(3)
				x.read(2)
				x.server.do("XDEL", "collisions", fmt.Sprint(x.sent-1, "-0"))
				x.readOn()
			}
		}},
		{"deleted_before_read", func(x *reader) {
			x.send(5)
			x.read(1)
			x.server.do("XDEL", "collisions", "2-0", "4-0")
			x.pause()
			x.readOn()
			x.server.do("XTRIM", "collisions", "MAXLEN", "0")
			x.restart()
			x.send(2)
			x.read(1)
			x.restart()
		}},
		{"deleted_next", func(x *reader) { // which puts the server's own count wrong
			x.send(10)
			x.read(3)
			x.server.do("XDEL", "collisions", "4-0", "5-0")
			x.read(5)
			x.restart()
			x.readOn()
		}},
		{"group_from_the_middle", func(x *reader) {
			x.send(20)
			x.server.do("DEL", "collisions:producer:ledger")
			x.server.do("XGROUP", "DESTROY", "collisions", "producer")
			x.server.do("XGROUP", "CREATE", "collisions", "producer", "10")
			x.restart()
			x.read(5)
			x.server.do("XTRIM", "collisions", "MAXLEN", "5")
			x.readOn()
			x.restart()
		}},
		{"group_of_an_old_stream", func(x *reader) {
			x.server.do("XGROUP", "DESTROY", "collisions", "producer")
			x.server.do("DEL", "collisions:producer:ledger")
			x.send(20)
			x.server.do("XTRIM", "collisions", "MAXLEN", "5")
			x.restart()
			x.read(5)
			x.readOn()
			x.restart()
		}},
		{"group_set_back", func(x *reader) {
			if !x.server.real {
				return
			}
			x.send(20)
			x.read(20)
			x.server.do("XTRIM", "collisions", "MAXLEN", "8")
			x.server.do("XGROUP", "SETID", "collisions", "producer", "15")
			x.readOn()
		}},
		{"read_by_another_consumer", func(x *reader) {
			x.send(9)
			x.read(2)
			x.server.do("XREADGROUP", "GROUP", "producer", "another", "COUNT", "3", "STREAMS", "collisions", ">")
			x.read(4)
			x.readOn()
			x.server.do("XCLAIM", "collisions", "producer", x.o.Name, "0", "3-0", "4-0", "5-0")
		}},
		{"ledger_deleted", func(x *reader) {
			x.send(30)
			x.read(30)
			x.readOn()
			x.server.do("DEL", "collisions:producer:ledger")
			x.readOn()
			x.send(3)
			x.read(3)
			x.restart()
		}},
		{"answer_lost", func(x *reader) {
			x.send(5)
			x.server.do("XREADGROUP", "GROUP", "producer", x.o.Name, "COUNT", "3", "STREAMS", "collisions", ">")
			x.readOn()
			x.server.do("XTRIM", "collisions", "MAXLEN", "0")
			x.pause()
		}},
		{"answers_in_disorder", func(x *reader) {
			x.send(3)
			x.read(3)
			x.send(3)
			x.server.do("XREADGROUP", "GROUP", "producer", x.o.Name, "STREAMS", "collisions", ">")
			x.send(3)
			x.read(6)
			x.readOn()
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				x := startReader(t, o)
				test.do(x)
				x.readOn()
				want(t, "pending", x.server.pending("collisions"), 0)
				if told := lines(x.log, "level=ERROR"); len(told) > 0 || x.client.Stats().Lost > 0 {
					t.Errorf("a loss was told: %q", told)
				}
			})
		})
	}
}

// What is counted survives a server and a producer that both start anew: nothing is
// told of that was not lost, and what was lost meanwhile is.
func TestLostAroundRestarts(t *testing.T) {
	server := redistest.Start(t, "--appendfsync", "always")
	x := startReader(t, options(server.Addr))
	x.send(20)
	x.read(20)
	for range 3 {
		x.client.Close()
		server.Restart(t)
		x.server = openProbe(t, x.o)
		x.send(5)
		x.restart()
		x.read(5)
		x.readOn()
	}
	want(t, "losses", len(lines(x.log, "level=ERROR")), 0)
	x.client.Close()
	x.send(5)
	x.server.do("XTRIM", "collisions", "MAXLEN", "2")
	server.Restart(t)
	x.server = openProbe(t, x.o)
	x.restart()
	x.read(2)
	x.readOn()
	want(t, "losses", len(lines(x.log, "level=ERROR", "after=35-0 before=39-0 count=3")), 1)
	want(t, "Lost", x.client.Stats().Lost, 3)
}

// A server that goes back to what it had saved takes its ledger with it.
func TestNothingLostInARollback(t *testing.T) {
	server := redistest.Start(t, "--appendonly", "no")
	x := startReader(t, options(server.Addr))
	x.send(20)
	x.read(20)
	x.readOn()
	x.server.do("SAVE")
	x.server.do("XGROUP", "SETID", "collisions", "producer", "10-0")
	x.readOn()
	server.Restart(t)
	x.server = openProbe(t, x.o)
	for range 3 {
		x.pause()
		_, _ = x.sub.Receive(t.Context(), 1, time.Second)
	}
	x.readOn()
	want(t, "losses", len(lines(x.log, "level=ERROR")), 0)
}
