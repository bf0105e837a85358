package redisio_test

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/redisio"
)

// journalWatch is a client that looks at its journal whenever it is told to.
type journalWatch struct {
	t      *testing.T
	server probe
	client *redisio.Client
	sub    *redisio.Subscriber
	log    *syncBuffer
}

func watchJournal(t *testing.T, edit func(out *redisio.OutputStream)) journalWatch {
	o := startRedis(t)
	oneInput(&o)
	log := new(syncBuffer)
	o.Logger = slog.New(slog.NewTextHandler(log, nil))
	if edit != nil {
		edit(&o.Outputs[0])
	}
	w := journalWatch{t: t, server: openProbe(t, o), client: open(t, o), log: log}
	w.sub = w.client.Subscriber()
	w.sub.LookEvery(0)
	return w
}

// add adds an entry of that age.
func (w journalWatch) add(age time.Duration) {
	w.t.Helper()
	if age == 0 {
		w.server.send("denms", events(0, 1)...)
		return
	}
	w.server.sendAt("denms", time.Now().Add(-age), events(0, 1)...)
}

// look looks three times, and returns what was seen.
func (w journalWatch) look() redisio.Journal {
	w.t.Helper()
	for range 3 {
		if b, err := w.sub.Receive(w.t.Context(), 1, 0); b != nil || err != nil {
			w.t.Fatalf("got %v and %v", b, err)
		}
	}
	return w.client.Stats().Journal
}

// wantTold checks how often both was told.
func (w journalWatch) wantTold(short, enough int) {
	w.t.Helper()
	text := w.log.String()
	got := [2]int{strings.Count(text, "the journal is too short"), strings.Count(text, "the journal is long enough")}
	if got != [2]int{short, enough} {
		w.t.Errorf("told %v, want %d and %d:\n%s", got, short, enough, text)
	}
}

// A journal that does not go back far enough is told while the producer works, once.
func TestReach(t *testing.T) {
	const needed = time.Minute
	for _, test := range []struct {
		name  string
		edit  func(out *redisio.OutputStream)
		quiet time.Duration // since the last of six entries, with ten seconds between them
		left  int           // of them
		short bool
	}{
		{"whole", nil, 0, 6, false},
		{"trimmed", nil, 0, 2, true},
		{"one_left", nil, 0, 1, true},
		{"emptied", nil, 0, 0, true},
		{"trimmed_and_quiet", nil, needed - 20*time.Second, 2, true},
		{"trimmed_and_quiet_for_long", nil, needed, 2, false},
		{"emptied_and_quiet_for_long", nil, needed, 0, false},
		{"by_age", func(out *redisio.OutputStream) { out.MaxAge = time.Hour }, 0, 2, false},
		{"by_age_and_length", func(out *redisio.OutputStream) { out.MaxAge, out.MaxLength = time.Hour, 2 }, 0, 2, true},
		{"by_too_low_an_age", func(out *redisio.OutputStream) { out.MaxAge = 10 * time.Second }, 0, 2, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := watchJournal(t, test.edit)
			for i := range 6 {
				w.add(test.quiet + time.Duration(5-i)*10*time.Second)
			}
			if test.left < 6 {
				w.server.do("XTRIM", "denms", "MAXLEN", strconv.Itoa(test.left))
			}
			want(t, "before a Replay", w.look(), redisio.Journal{})
			replay(t, w.client, needed)
			seen := w.look()
			least := test.quiet + time.Duration(max(test.left-1, 0))*10*time.Second
			if seen.Reach < least-time.Second || seen.Reach > least+9*time.Second {
				t.Errorf("it reaches back %v, want %v", seen.Reach, least)
			}
			seen.Reach = 0
			want(t, "journal", seen, redisio.Journal{Length: int64(test.left), Needed: needed, Short: test.short})
			w.wantTold(map[bool]int{true: 1}[test.short], 0)
		})
	}
}

// What was told is told again only after it was over for some time.
func TestReachAgain(t *testing.T) {
	w := watchJournal(t, nil)
	replay(t, w.client, 5*time.Second)
	for range 5 {
		w.add(0)
	}
	want(t, "whole", w.look().Short, false)
	w.server.do("XTRIM", "denms", "MAXLEN", "2")
	want(t, "trimmed", w.look().Short, true)
	w.wantTold(1, 0)
	eventually(t, "the journal is long enough", func() bool { return !w.look().Short })
	eventually(t, "that is told", func() bool { w.look(); return strings.Contains(w.log.String(), "is long enough") })
	w.add(0)
	w.server.do("XTRIM", "denms", "MAXLEN", "1")
	want(t, "trimmed again", w.look().Short, true)
	w.wantTold(2, 1)
}

// A journal that was deleted lacks all that was in it.
func TestReachDeleted(t *testing.T) {
	w := watchJournal(t, func(out *redisio.OutputStream) { out.Group = "" })
	w.add(time.Minute)
	replay(t, w.client, 5*time.Second)
	want(t, "whole", w.look().Short, false)
	w.server.do("DEL", "denms")
	want(t, "what is gone is too old to matter", w.look().Short, false)
	w.add(0)
	want(t, "made anew", w.look().Short, false)
	w.server.do("DEL", "denms")
	want(t, "deleted", w.look().Short, true)
	w.add(0)
	want(t, "deleted and made anew", w.look().Short, true)
	w.wantTold(1, 0)
	w.add(-time.Hour) // by somebody with an id of his own
	w.look()
	w.server.do("DEL", "denms")
	want(t, "deleted with an id of the future", w.look().Short, true)
	eventually(t, "nothing of it matters any more", func() bool { return !w.look().Short })
}
