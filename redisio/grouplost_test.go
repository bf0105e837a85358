package redisio_test

import (
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// receiveAll receives what there is, whatever errors come before it, until nothing
// more comes.
func receiveAll(t *testing.T, sub *redisio.Subscriber) []den.Batch {
	t.Helper()
	var batches []den.Batch
	for empty := 0; empty < 3; {
		b, err := sub.Receive(t.Context(), 100, time.Second)
		switch {
		case b != nil:
			batches = append(batches, b)
		case err == nil:
			empty++
		}
	}
	return batches
}

// A group that is lost begins again where everything before was settled: nothing is
// missed, and as little as possible comes twice.
func TestGroupLostBeginsAgain(t *testing.T) {
	destroy := func(x *reader) { x.server.do("XGROUP", "DESTROY", "collisions", "producer") }
	for _, test := range []struct {
		name string
		lose func(x *reader)
		want string // inputs that come then
	}{
		{"all_settled", func(x *reader) {
			x.read(6)
			destroy(x)
			x.send(2)
		}, "7 8"},
		{"some_unread", func(x *reader) {
			x.read(4)
			destroy(x)
		}, "5 6"},
		{"released", func(x *reader) {
			x.read(2)
			receiveBatch(x.t, x.sub, 2).Release()
			destroy(x)
		}, "3 4 5 6"},
		{"settled_out_of_order", func(x *reader) {
			x.read(1)
			first, second := receiveBatch(x.t, x.sub, 2), receiveBatch(x.t, x.sub, 2)
			ackAll(x.t, second)
			first.Release()
			destroy(x)
		}, "2 3 4 5 6"},
		{"settled_before_a_restart", func(x *reader) {
			x.read(6)
			x.restart()
			receiveNothing(x.t, x.sub)
			destroy(x)
		}, ""},
		{"pending_since_before_a_restart", func(x *reader) {
			x.read(2)
			receiveBatch(x.t, x.sub, 2)
			x.restart()
			receiveBatch(x.t, x.sub, 2).Release()
			destroy(x)
		}, "3 4 5 6"},
		{"before_anything_is_read", func(x *reader) {
			x.read(4)
			x.client = open(x.t, x.o)
			must(x.t, x.client.Setup(x.t.Context()))
			x.sub = x.client.Subscriber()
			destroy(x)
		}, "5 6"},
		{"while_nobody_works", func(x *reader) {
			x.read(2)
			receiveBatch(x.t, x.sub, 2)
			x.client.Close()
			destroy(x)
			x.o.Inputs[0].StartID = "$"
			x.restart()
		}, "3 4 5 6"},
		{"stream_begun_anew_while_nobody_works", func(x *reader) {
			x.read(6)
			x.client.Close()
			x.server.do("DEL", "collisions")
			x.sent = 0
			x.send(3)
			x.restart()
		}, "1 2 3"},
		{"stream_of_later_ids_while_nobody_works", func(x *reader) {
			if !x.server.real { // which alone can tell that it is another stream
				x.read(6)
				destroy(x)
				x.send(3)
				return
			}
			x.read(6)
			x.client.Close()
			x.server.do("DEL", "collisions")
			x.send(3)
			x.restart()
		}, "7 8 9"},
		{"twice", func(x *reader) {
			x.read(4)
			destroy(x)
			eventually(x.t, "it is back", func() bool {
				b, _ := x.sub.Receive(x.t.Context(), 1, time.Second)
				if b != nil {
					b.Release()
				}
				return b != nil
			})
			destroy(x)
		}, "5 6"},
		{"stream_deleted", func(x *reader) {
			x.read(6)
			x.server.do("DEL", "collisions")
			x.send(1)
		}, "7"},
		{"stream_begun_anew", func(x *reader) {
			x.read(6)
			x.server.do("FLUSHALL")
			x.sent = 0
			x.send(3)
		}, "1 2 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				x := startReader(t, o)
				x.send(6)
				test.lose(x)
				want(t, "inputs", references(receiveAll(t, x.sub)...), test.want)
				x.readOn()
				deleted := len(lines(x.log, "level=ERROR", "an input stream was deleted"))
				want(t, "losses", len(lines(x.log, "level=ERROR"))-deleted, 0)
				want(t, "warnings", len(lines(x.log, "level=WARN", "stream=collisions"))+deleted, 1+strings.Count(test.name, "twice"))
				if t.Failed() {
					t.Log(x.log)
				}
			})
		})
	}
}

// What is in hand when its group is lost is settled by whoever has it in hand, also
// where later inputs were settled before it.
func TestGroupLostUnderOneOfTwoBatches(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		x := startReader(t, o)
		x.send(6)
		first, second := receiveBatch(t, x.sub, 2), receiveBatch(t, x.sub, 2)
		publisher := x.client.Publisher()
		must(t, publisher.Commit(t.Context(), second, answers(second, 3)))
		x.server.do("XGROUP", "DESTROY", "collisions", "producer")
		want(t, "inputs", references(receiveAll(t, x.sub)...), "3 4 5 6")
		must(t, publisher.Commit(t.Context(), first, answers(first, 1)))
		want(t, "DENMs", numbers(x.server.published("denms")), "3 4 1 2")
		want(t, "pending", x.server.pending("collisions"), 4)
	})
}

// What was given back in a stream that is gone is lost, and that is told. What is in
// hand is answered, and once, unless nobody knows whether it was.
func TestInputLostWithItsStream(t *testing.T) {
	for _, test := range []struct {
		name  string
		lose  func(x *reader)
		after string // inputs that come then
		want  string // what the log says; how far it was settled only where the ledger is left
	}{
		{"deleted", func(x *reader) {
			x.server.do("DEL", "collisions")
		}, "", "after=2-0 before=6-1 count=2"},
		{"flushed", func(x *reader) {
			x.server.do("FLUSHALL")
			x.send(2)
		}, "7 8", " before=6-1 count=2"},
		{"begun_anew", func(x *reader) {
			x.server.do("FLUSHALL")
			x.sent = 0
			x.send(2)
		}, "1 2", " before=6-1 count=2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				x := startReader(t, o)
				x.send(6)
				x.read(2)
				inHand := receiveBatch(t, x.sub, 2)
				receiveBatch(t, x.sub, 2).Release()
				test.lose(x)
				want(t, "inputs", references(receiveAll(t, x.sub)...), test.after)
				told := lines(x.log, "level=ERROR", "input lost")
				if len(told) != 1 || !strings.Contains(told[0], `msg="input lost" stream=collisions after=`) || !strings.Contains(told[0], test.want) {
					t.Errorf("the log says %q; want one line with %s", told, test.want)
				}
				want(t, "Lost", x.client.Stats().Lost, uint64(2))
				for range 2 {
					must(t, x.client.Publisher().Commit(t.Context(), inHand, answers(inHand, 3)))
				}
				want(t, "DENMs", numbers(x.server.published("denms")), "3 4")
				receiveAll(t, x.sub)
				want(t, "errors", len(lines(x.log, "level=ERROR")), 2)
				want(t, "that more may be lost", len(lines(x.log, "an input stream was deleted", "from=6-1")), 1)
			})
		})
	}
}

// The answer to the call that created a group can get lost. What follows from it is done
// all the same, once.
func TestAnswerAboutAGroupLost(t *testing.T) {
	for _, test := range []struct {
		name, lose string
		inputs     string // that come then
		logged     string
	}{
		{"stream", "DEL collisions", "", "an input stream was deleted"},
		{"group", "XGROUP DESTROY collisions producer", "3 4", "the consumer group of an input was lost"},
	} {
		t.Run(test.name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				faults := new(faults)
				faults.attach(&o)
				x := startReader(t, o)
				x.send(4)
				inHand := receiveBatch(t, x.sub, 2)
				faults.onGroups(fate{loseReply: true})
				x.server.do(strings.Fields(test.lose)...)
				got := receiveAll(t, x.sub)
				want(t, "inputs", references(got...), test.inputs)
				must(t, x.client.Publisher().Commit(t.Context(), inHand, answers(inHand, 1)))
				want(t, "DENMs", numbers(x.server.published("denms")), "1 2")
				want(t, "that it was told", len(lines(x.log, test.logged)), 1)
				want(t, "GroupsCreated", x.client.Stats().GroupsCreated, 3) // both at the start
				ackAll(t, got...)
				want(t, "pending", x.server.pending("collisions"), 0)
			})
		})
	}
}

// A stream may be deleted once more while the group of another one cannot be created. Each
// deletion is told, once.
func TestStreamDeletedTwiceDuringASetup(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		faults := new(faults)
		faults.attach(&o)
		o.Block = 20 * time.Millisecond
		server, client := openProbe(t, o), open(t, o)
		sub := client.Subscriber()
		receiveNothing(t, sub)
		first, second := o.Inputs[0].Stream, o.Inputs[1].Stream
		server.do("DEL", first, second)
		faults.onGroups(fate{}, fate{loseReply: true})
		eventually(t, "the first group is there and the second one not known", func() bool {
			_, _ = sub.Receive(t.Context(), 1, time.Second)
			return client.Stats().StreamsDeleted == 1
		})
		server.do("DEL", first)
		receiveAll(t, sub)
		want(t, "StreamsDeleted", client.Stats().StreamsDeleted, 3)
	})
}

// The group of a stream that was deleted may be destroyed before anybody has heard of it. What
// is in hand is written all the same.
func TestGroupDestroyedDuringASetup(t *testing.T) {
	o := startRedis(t)
	faults := new(faults)
	faults.attach(&o)
	x := startReader(t, o)
	x.send(2)
	inHand := receiveBatch(t, x.sub, 2)
	x.server.do("DEL", "collisions")
	faults.onGroups(fate{loseReply: true})
	if x.client.Publisher().Commit(t.Context(), inHand, nil) == nil {
		t.Error("a commit without its group did not fail")
	}
	if x.client.Setup(t.Context()) == nil {
		t.Error("the answer was not lost")
	}
	x.server.do("XGROUP", "DESTROY", "collisions", "producer")
	receiveNothing(t, x.sub)
	want(t, "StreamsDeleted", x.client.Stats().StreamsDeleted, 1)
	must(t, x.client.Publisher().Commit(t.Context(), inHand, answers(inHand, 1)))
	want(t, "DENMs", numbers(x.server.published("denms")), "1 2")
}

// What waited when the stream was last looked at is lost with it, too, whether somebody
// works at that moment or not. A server before version 7 cannot tell how much that was.
func TestWaitingInputLostWithItsStream(t *testing.T) {
	for _, test := range []struct {
		name, want string
		lose       func(x *reader)
	}{
		{"deleted", "after=3-0 before=9-1 count=6", func(x *reader) { x.server.do("DEL", "collisions") }},
		{"flushed", "after=2-0 before=9-1 count=6", func(x *reader) {
			x.server.do("FLUSHALL")
			x.send(1)
		}},
		{"deleted_while_nobody_works", "after=3-0 before=9-1 count=6", func(x *reader) {
			x.client.Close()
			x.server.do("DEL", "collisions")
			x.restart()
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := startReader(t, startRedis(t))
			x.send(9)
			x.read(2)
			x.pause()
			x.read(1) // and has looked before
			test.lose(x)
			want(t, "inputs", references(receiveAll(t, x.sub)...), map[bool]string{true: "10"}[x.sent == 10])
			want(t, "losses", len(lines(x.log, "level=ERROR", `msg="input lost"`)), 1)
			want(t, "right losses", len(lines(x.log, test.want)), 1)
			want(t, "that it was deleted", len(lines(x.log, "an input stream was deleted")), 1)
			want(t, "that more may be lost", len(lines(x.log, "level=ERROR", "nobody knows how much", "from=9-1")), 1)
			want(t, "StreamsDeleted", x.client.Stats().StreamsDeleted, 1)
		})
	}
}

// The group of an output that is lost is created again, although nobody here reads
// it: its reader would miss what comes before it notices.
func TestOutputGroupLost(t *testing.T) {
	for name, loss := range map[string][]string{
		"destroyed": {"XGROUP", "DESTROY", "denms", "client"},
		"deleted":   {"DEL", "denms"},
	} {
		t.Run(name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				x := startReader(t, o)
				must(t, x.client.Publisher().Publish(t.Context(), warnings(1, 1)))
				x.server.do(loss...)
				must(t, x.client.Publisher().Publish(t.Context(), warnings(2, 1)))
				x.readOn()
				want(t, "groups", x.server.groups("denms"), "client@0")
				want(t, "warnings", len(lines(x.log, "the consumer group of an output was lost")), 1)
				x.send(1)
				x.read(1)
			})
		})
	}
}

// A stream that was deleted and begun anew is told from one whose group was destroyed,
// also in a backlog that somebody reads ahead of what he has settled, and when the new
// one was trimmed.
func TestStreamBegunAnewUnseen(t *testing.T) {
	for _, test := range []struct {
		name string
		lose func(x *reader)
		lost string
	}{
		{"backlog", func(x *reader) {
			x.send(60)
			x.read(5)
			first := receiveBatch(x.t, x.sub, 5)
			for range 4 { // one batch ahead
				next := receiveBatch(x.t, x.sub, 5)
				ackAll(x.t, first)
				first = next
			}
			x.pause()
			receiveBatch(x.t, x.sub, 1) // and has looked
			x.client.Close()
			x.server.do("DEL", "collisions")
			x.send(5)
		}, "count=35"},
		{"trimmed", func(x *reader) {
			x.send(17)
			x.pause()
			x.read(10)
			x.client.Close()
			x.server.do("DEL", "collisions")
			x.send(25)
			x.server.do("XTRIM", "collisions", "MAXLEN", "15")
		}, "count=7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := startReader(t, startRedis(t))
			test.lose(x)
			x.restart()
			receiveAll(t, x.sub)
			want(t, "that it was deleted", len(lines(x.log, "an input stream was deleted")), 1)
			want(t, "losses", len(lines(x.log, `msg="input lost"`, test.lost)), 1)
		})
	}
}

// A stream that was deleted is missed also when somebody else has created it and its
// group before we could.
func TestStreamReplacedBySomebody(t *testing.T) {
	replace := func(x *reader) {
		x.server.do("EVAL", "redis.call('DEL', KEYS[1]) redis.call('XGROUP', 'CREATE', KEYS[1], 'producer', '0', 'MKSTREAM')", "1", "collisions")
	}
	for _, test := range []struct {
		name    string
		replace func(x *reader)
		inputs  string // that come then
		lost    uint64
	}{
		{"with_less", func(x *reader) { replace(x); x.send(3) }, "7 8 9", 2},
		{"with_more", func(x *reader) { replace(x); x.send(20) }, upTo(7, 26), 2},
		{"with_smaller_ids", func(x *reader) { replace(x); x.sent = 0; x.send(3) }, "1 2 3", 2},
		{"with_nothing", replace, "", 2},
		{"while_nobody_works", func(x *reader) { x.client.Close(); replace(x); x.send(3); x.restart() }, "7 8 9", 2},
		{"when_all_was_settled", func(x *reader) { x.read(2); x.pause(); receiveAll(x.t, x.sub); replace(x); x.send(3) }, "7 8 9", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := startReader(t, startRedis(t))
			x.send(6)
			x.read(4)
			x.pause()
			if test.lost > 0 {
				receiveBatch(t, x.sub, 1).Release() // the fifth is given back, the sixth waits
			}
			test.replace(x)
			want(t, "inputs", references(receiveAll(t, x.sub)...), test.inputs)
			x.readOn()
			x.readOn()
			stats := x.client.Stats()
			want(t, "StreamsDeleted", stats.StreamsDeleted, 1)
			want(t, "Lost", stats.Lost, test.lost)
			want(t, "errors", len(lines(x.log, "level=ERROR")), 1+int(min(test.lost, 1)))
			want(t, "warnings", len(lines(x.log, "level=WARN", "stream=collisions")), 0)
			if t.Failed() {
				t.Log(x.log)
			}
		})
	}
}
