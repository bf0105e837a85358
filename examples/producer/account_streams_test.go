//go:build unix

package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
)

// readStream calls entry for every entry of a stream.
func readStream(t testing.TB, client rueidis.Client, stream string, entry func(id entryID, fields map[string]string)) {
	t.Helper()
	for next := "-"; ; {
		page, err := client.Do(context.Background(), client.B().Xrange().Key(stream).Start(next).End("+").Count(1000).Build()).AsXRange()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			entry(parseEntryID(t, e.ID), e.FieldValues)
		}
		if len(page) < 1000 {
			return
		}
		next = "(" + page[len(page)-1].ID
	}
}

// parseOutput reads an entry of the output stream.
func parseOutput(t testing.TB, id entryID, fields map[string]string) denmEntry {
	t.Helper()
	event, err := den.ParseEvent([]byte(fields["message"]))
	if err != nil || event.DENM == nil {
		t.Fatalf("the output %v is not a DENM: %v", id, err)
	}
	return denmEntry{id, event.DENM}
}

// readOutputs returns what is in the output stream.
func readOutputs(t testing.TB, client rueidis.Client, cfg config.Config) []denmEntry {
	t.Helper()
	var outputs []denmEntry
	readStream(t, client, cfg.Redis.Streams.Outputs[0].StreamID, func(id entryID, fields map[string]string) {
		outputs = append(outputs, parseOutput(t, id, fields))
	})
	return outputs
}

// readHistory reads what the streams hold.
func readHistory(t testing.TB, client rueidis.Client, cfg config.Config) *history {
	t.Helper()
	h := &history{
		station:        den.StationID(cfg.StationID),
		delay:          cfg.DENMLastUpdateMaxDelay.Duration(),
		afterCollision: cfg.TimeAfterCollision.Duration(),
		outputs:        readOutputs(t, client, cfg),
		refusals:       make(map[string]string),
		applied:        make(map[den.ActionID][]den.Timestamp),
		expired:        make(map[den.ActionID][]dropped),
	}
	for _, in := range cfg.Redis.Streams.Inputs {
		readStream(t, client, in.StreamID, func(id entryID, fields map[string]string) {
			// What is poison is poison by the same rules: a test of its own says
			// what can be read.
			event, err := den.ParseEvent([]byte(fields["message"]))
			if err != nil {
				event = den.Event{}
			}
			h.inputs = append(h.inputs, input{stream: in.StreamID, id: id, array: event.Collisions, negation: event.DENM})
		})
	}
	readStream(t, client, cfg.Redis.Streams.DeadLetter.StreamID, func(_ entryID, fields map[string]string) {
		h.letters = append(h.letters, letter{fields["stream"], fields["id"], fields["reason"]})
	})
	return h
}

var refusal = regexp.MustCompile(`^den: (.*) \(pair (.*)\)$`)

// readLog adds what a producer said of inputs that it refused or lost.
func (h *history) readLog(t testing.TB, p *process) {
	t.Helper()
	lines := p.lines(t)
	h.doubts = append(h.doubts, doubtsOf(t, lines)...)
	for _, l := range lines {
		switch l.message {
		case "denm created", "denm updated":
			h.applied[l.action(t)] = append(h.applied[l.action(t)], l.referenceTime(t))
		case "denm expired":
			h.expired[l.action(t)] = append(h.expired[l.action(t)], dropped{l.referenceTime(t), l.time(t)})
		case "collisions refused":
			if one, ok := l.fields["error"].(map[string]any); ok { // of one pair
				where := fmt.Sprint(l.text("input"), " ", one["pair"])
				h.refusals[where] = cmp.Or(h.refusals[where], strings.TrimPrefix(fmt.Sprint(one["reason"]), "den: "))
			}
			for _, one := range strings.Split(l.text("error"), "\n") {
				if m := refusal.FindStringSubmatch(one); m != nil {
					where := l.text("input") + " " + m[2]
					h.refusals[where] = cmp.Or(h.refusals[where], m[1])
				}
			}
		case "input lost":
			if stream, id, ok := strings.Cut(l.text("input"), "/"); ok { // pending, and gone
				one := parseEntryID(t, id)
				h.lost = append(h.lost, lostInputs{stream, entryID{one.ms, one.seq - 1}, entryID{one.ms, one.seq + 1}})
				continue
			}
			h.lost = append(h.lost, lostInputs{
				l.text("stream"), parseEntryID(t, l.text("after")), parseEntryID(t, l.text("before")),
			})
		}
	}
}

// doubtsOf returns when a producer was in doubt, by what it logged.
func doubtsOf(t testing.TB, lines []line) (doubts []doubt) {
	t.Helper()
	var doubtful bool
	var began den.Timestamp
	for _, l := range lines {
		switch l.message {
		case "cancel failed; trying again":
			if !doubtful {
				doubtful, began = true, l.time(t)
			}
		case "cancel works again",
			"another owner has taken over; standing by": // when it works again, it begins with the journal
			if doubtful {
				doubts = append(doubts, doubt{began, l.time(t)})
			}
			doubtful = false
		}
	}
	if doubtful {
		doubts = append(doubts, doubt{began, den.MaxTimestamp})
	}
	return doubts
}

func (l line) action(t testing.TB) den.ActionID {
	t.Helper()
	var id den.ActionID
	if _, err := fmt.Sscanf(l.text("action"), "%d/%d", &id.OriginatingStationID, &id.SequenceNumber); err != nil {
		t.Fatal(err)
	}
	return id
}

func (l line) referenceTime(t testing.TB) den.Timestamp {
	t.Helper()
	var at den.Timestamp
	if err := at.UnmarshalText([]byte(l.text("referenceTime"))); err != nil {
		t.Fatal(err)
	}
	return at
}

// write leaves what was in the streams in a file, by time, for somebody who looks
// for the cause of a finding.
func (h *history) write(t testing.TB, dir string) {
	t.Helper()
	var lines []string
	add := func(id entryID, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("%v %s\n", id, fmt.Sprintf(format, args...)))
	}
	for _, in := range h.inputs {
		switch {
		case in.array != nil:
			add(in.id, "%s array %v %v", in.stream, in.array.DetectionTime, in.questions())
		case in.negation != nil:
			add(in.id, "%s negation %v", in.stream, in.negation.Management.ActionID)
		default:
			add(in.id, "%s poison", in.stream)
		}
	}
	for _, o := range h.outputs {
		add(o.id, "output %v %v reference time %v, ends %v", o.action(), o.answers(), int64(o.referenceTime()), o.ends())
	}
	for _, loss := range h.losses {
		add(entryID{loss.began, 0}, "%s group destroyed", loss.stream)
	}
	slices.Sort(lines)
	if err := os.WriteFile(filepath.Join(dir, "history.txt"), []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// settled reports whether everything in an input was delivered and acknowledged.
func settled(t testing.TB, client rueidis.Client, in config.Input) bool {
	t.Helper()
	groups, err := client.Do(context.Background(), client.B().XinfoGroups().Key(in.StreamID).Build()).ToArray()
	if err != nil {
		t.Fatal(err)
	}
	newest, err := client.Do(context.Background(), client.B().Xrevrange().Key(in.StreamID).End("+").Start("-").Count(1).Build()).AsXRange()
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range groups {
		fields, err := group.AsMap()
		if err != nil {
			t.Fatal(err)
		}
		name, delivered, pending := fields["name"], fields["last-delivered-id"], fields["pending"]
		if text, _ := name.ToString(); text != in.GroupID {
			continue
		}
		id, _ := delivered.ToString()
		n, _ := pending.AsInt64()
		return n == 0 && (len(newest) == 0 || id == newest[0].ID)
	}
	return false
}
