package redisio_test

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/redisio"
)

// A journal that does not go back far enough is told while the producer works, once, and so
// is the end of that.
func TestReach(t *testing.T) {
	const needed = time.Minute
	for _, test := range []struct {
		name  string
		edit  func(out *redisio.OutputStream)
		quiet time.Duration // since the last entry
		trim  []string
		reach time.Duration
		short bool
	}{
		{"whole", nil, 0, []string{"PING"}, 50 * time.Second, false},
		{"trimmed", nil, 0, []string{"XTRIM", "denms", "MAXLEN", "2"}, 10 * time.Second, true},
		{"trimmed_and_quiet_for_long", nil, needed, []string{"XTRIM", "denms", "MAXLEN", "2"}, 10 * time.Second, false},
		{"trimmed_and_quiet", nil, needed - 5*time.Second, []string{"XTRIM", "denms", "MAXLEN", "2"}, 10 * time.Second, true},
		{"one_left", nil, 0, []string{"XTRIM", "denms", "MAXLEN", "1"}, 0, true},
		{"emptied", nil, 0, []string{"XTRIM", "denms", "MAXLEN", "0"}, 0, true},
		{
			"by_age",
			func(out *redisio.OutputStream) { out.MaxAge = time.Hour },
			0,
			[]string{"XTRIM", "denms", "MAXLEN", "2"},
			10 * time.Second,
			false,
		},
		{
			"by_age_and_length",
			func(out *redisio.OutputStream) { out.MaxAge, out.MaxLength = time.Hour, 2 },
			0,
			[]string{"XTRIM", "denms", "MAXLEN", "2"},
			10 * time.Second,
			true,
		},
		{
			"by_too_low_an_age",
			func(out *redisio.OutputStream) { out.MaxAge = 10 * time.Second },
			0,
			[]string{"XTRIM", "denms", "MAXLEN", "2"},
			10 * time.Second,
			true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := startRedis(t)
			oneInput(&o)
			log := new(syncBuffer)
			o.Logger = slog.New(slog.NewTextHandler(log, nil))
			if test.edit != nil {
				test.edit(&o.Outputs[0])
			}
			server, client := openProbe(t, o), open(t, o)
			last := time.Now().Add(-test.quiet)
			at := func(after time.Duration) { server.sendAt("denms", last.Add(after), events(0, 1)...) }
			for i := range 6 {
				at(time.Duration(i-5) * 10 * time.Second)
			}
			server.do(test.trim...)
			sub := client.Subscriber()
			sub.LookEvery(0)
			look := func() redisio.Journal {
				t.Helper()
				for range 3 {
					if b, err := sub.Receive(t.Context(), 1, 0); b != nil || err != nil {
						t.Fatalf("got %v and %v", b, err)
					}
				}
				return client.Stats().Journal
			}
			want(t, "before a Replay", look(), redisio.Journal{})
			replay(t, client, needed)
			length := int64(6)
			if test.trim[0] == "XTRIM" {
				length, _ = strconv.ParseInt(test.trim[3], 10, 64)
			}
			want(t, "journal", look(), redisio.Journal{Length: length, Reach: test.reach, Needed: needed, Short: test.short})
			told := func() int { return strings.Count(log.String(), "the journal is too short") }
			if want := map[bool]int{true: 1}[test.short]; told() != want {
				t.Errorf("it was told %d times, want %d:\n%s", told(), want, log.String())
			}
			if !test.short || length == 0 {
				return
			}
			at(50 * time.Second) // nothing is trimmed meanwhile
			at(65 * time.Second)
			want(t, "long enough again", look().Short, false)
			at(90 * time.Second)
			look()
			want(t, "told", told(), 1)
			if strings.Count(log.String(), "the journal is long enough") != 1 {
				t.Errorf("its end was not told once:\n%s", log.String())
			}
			server.do("XTRIM", "denms", "MAXLEN", "2")
			want(t, "too short again", look().Short, true)
			want(t, "told", told(), 2)
		})
	}
}
