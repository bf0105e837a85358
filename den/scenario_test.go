package den_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// TestScenarios plays the scripts of testdata/scenarios: they tell step by step
// what the service does when a collision arrives, is negated, or expires.
//
// A script consists of lines that begin with # for the reader, and of steps: a
// command, a line "----", and what comes of it, up to an empty line. Commands:
//
//	service [cancelOnNegation] [delay=1s]  starts a new service and its Run; the first step
//	stop                                   ends its Run, as a crash does; what is sent then waits
//	takeover                               starts the next process: a new service on the same streams
//	collide 1001 1002... [detected=-1s]    sends a collision array, the reference first
//	negate 0 by=9 [made=-1s]               sends a negation of the sequence number
//	send TEXT                              sends anything
//	sleep 1s                               lets time pass
//	fail 2                                 makes the next publishes fail
//	lose 1                                 makes the next publishes lose their reply
//
// What comes of a step are the DENMs that were published and the counters of
// Stats that moved. Times are counted from the start of the service.
//
// If this test fails, run go test ./den -run Scenarios -update and look at the
// difference. Keep it only if you know why it came and mean it.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("../testdata/scenarios/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got string
			dentest.Bubble(t, func(t *testing.T) { got = play(t, string(want)) })
			if got == string(want) {
				return
			}
			if update := flag.Lookup("update"); update != nil && update.Value.String() == "true" {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("%s is not what happens; this is:\n%s", file, got)
		})
	}
}

// play returns the script with what really comes of its steps.
func play(t *testing.T, script string) string {
	s := &scenario{t: t}
	var told strings.Builder
	lines := strings.Split(strings.TrimRight(script, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		fmt.Fprintln(&told, lines[i])
		if lines[i] == "" || strings.HasPrefix(lines[i], "#") {
			continue
		}
		told.WriteString("----\n")
		for _, line := range s.step(lines[i]) {
			fmt.Fprintln(&told, line)
		}
		for i+1 < len(lines) && lines[i+1] != "" { // what came of it the last time
			i++
		}
	}
	s.end()
	return told.String()
}

// scenario is the state of a script that is being played.
type scenario struct {
	t     *testing.T
	start den.Timestamp
	edit  func(*den.Config)
	rig   *rig
	run   *running
	told  int       // DENMs of the output, at the last step
	stats den.Stats // at the last step
}

// end stops the service, if there is one.
func (s *scenario) end() {
	if s.run != nil {
		s.run.stop()
		s.run = nil
	}
}

// step plays one command and returns what came of it.
func (s *scenario) step(line string) []string {
	command, text, _ := strings.Cut(line, " ")
	if s.rig == nil && command != "service" {
		s.t.Fatalf("a script begins with the command service, and not with %q", line)
	}
	words, options := s.arguments(text)
	switch command {
	case "service":
		s.end()
		*s = scenario{t: s.t, start: dentest.Now()}
		s.edit = func(c *den.Config) {
			c.CancelOnNegation = len(words) > 0 && words[0] == "cancelOnNegation"
			c.LastUpdateMaxDelay = options["delay"]
		}
		s.rig = newRig(s.t, s.edit)
		s.run = s.rig.start()
	case "stop":
		s.end()
	case "takeover":
		s.end()
		s.rig, s.stats = s.rig.successor(s.edit), den.Stats{}
		s.run = s.rig.start()
	case "collide":
		at := dentest.Now().Add(options["detected"])
		s.rig.x.SendCollisions(dentest.Collisions(at, s.station(words[0]), s.stations(words[1:])...))
	case "negate":
		by := s.station(strings.TrimPrefix(words[1], "by="))
		s.rig.x.SendDENM(s.negation(uint16(s.station(words[0])), by, dentest.Now().Add(options["made"])))
	case "send":
		s.rig.x.Send([]byte(text))
	case "sleep":
		d, err := time.ParseDuration(words[0])
		s.check(err)
		time.Sleep(d)
	case "fail":
		s.rig.x.FailPublish(int(s.station(words[0])), errDown)
	case "lose":
		s.rig.x.LoseReplies(int(s.station(words[0])))
	default:
		s.t.Fatalf("there is no command %q", line)
	}
	synctest.Wait()
	return append(s.published(), s.counted()...)
}

func (s *scenario) negation(number uint16, by den.StationID, made den.Timestamp) *den.DENM {
	id := den.ActionID{OriginatingStationID: ourStation, SequenceNumber: number}
	return dentest.Negation(&den.DENM{
		Management: den.Management{ActionID: id, DetectionTime: made, ReferenceTime: made},
	}, by)
}

// arguments returns the words, and the durations that are given by name.
func (s *scenario) arguments(text string) (words []string, options map[string]time.Duration) {
	options = make(map[string]time.Duration)
	for word := range strings.FieldsSeq(text) {
		name, value, named := strings.Cut(word, "=")
		if d, err := time.ParseDuration(value); named && err == nil {
			options[name] = d
		} else {
			words = append(words, word)
		}
	}
	return words, options
}

func (s *scenario) station(word string) den.StationID {
	id, err := strconv.ParseUint(word, 10, 32)
	s.check(err)
	return den.StationID(id)
}

func (s *scenario) stations(words []string) (ids []den.StationID) {
	for _, word := range words {
		ids = append(ids, s.station(word))
	}
	return ids
}

// published returns a line for each DENM since the last step.
func (s *scenario) published() (lines []string) {
	for _, d := range s.rig.x.Published()[s.told:] {
		lines = append(lines, s.denm(d))
	}
	s.told += len(lines)
	return lines
}

// denm tells a DENM in one line.
func (s *scenario) denm(d *den.DENM) string {
	m := d.Management
	pair, _ := d.Key()
	what := "warning"
	if m.Termination.Valid {
		what = m.Termination.Value.String()
	}
	return fmt.Sprintf("publish %s %s pair=%s referenceTime=%s validUntil=%s",
		what, m.ActionID, pair, s.since(m.ReferenceTime), s.since(d.ValidUntil()))
}

func (s *scenario) since(at den.Timestamp) string {
	return fmt.Sprintf("+%.3fs", at.Sub(s.start).Seconds())
}

// counted returns a line with the counters that moved since the last step.
func (s *scenario) counted() []string {
	stats := s.rig.Stats()
	was, is := reflect.ValueOf(s.stats), reflect.ValueOf(stats)
	s.stats = stats
	var moved []string
	for i := range is.NumField() {
		if is.Field(i).Equal(was.Field(i)) {
			continue
		}
		moved = append(moved, fmt.Sprintf("%s %v", is.Type().Field(i).Name, is.Field(i)))
	}
	if moved == nil {
		return nil
	}
	return []string{"stats: " + strings.Join(moved, ", ")}
}

func (s *scenario) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
