package logging

import (
	"encoding/json"
	"os"
	"testing"
	"time"
	_ "time/tzdata" // a system without time zones has them too
)

// Files end, and old ones are named, as Python 3.11's TimedRotatingFileHandler does;
// testdata/rollover.py has made the table.
//
// Around a change of the clocks Python may end a day an hour too early or too late, or
// by 90 minutes on Lord Howe Island, where they change by half an hour. We end it at
// midnight, and those rows differ by so much.
func TestRolloverAsPython(t *testing.T) {
	data, err := os.ReadFile("testdata/rollover.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Zone, When    string
		Interval      int
		Opened, First int64
		Old           string
		Second        int64
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	same, differ := 0, 0
	for _, row := range rows {
		location, err := time.LoadLocation(row.Zone)
		if err != nil {
			t.Fatal(err)
		}
		s, err := newSchedule(row.When, row.Interval, location)
		if err != nil {
			t.Fatal(err)
		}
		first := s.next(time.Unix(row.Opened, 0))
		second := s.next(time.Unix(row.First, 0))
		old := s.stamp(time.Unix(row.First, 0), time.Unix(row.First, 0))
		if s.every == 0 {
			for _, at := range []time.Time{first, second} {
				if at.Format(time.TimeOnly) != "00:00:00" {
					t.Errorf("%+v: a day ends at %v", row, at)
				}
			}
			if row.When == "midnight" && row.Interval > 1 {
				old = row.Old // Python names it as if it had lasted for so many days
			}
			if first.Unix() != row.First || second.Unix() != row.Second {
				change := max(abs(first.Unix()-row.First), abs(second.Unix()-row.Second))
				if row.Zone == "UTC" || row.Zone == "Asia/Kolkata" || change > 5400 {
					t.Errorf("%+v: ends at %v and %v", row, first.Unix(), second.Unix())
				}
				differ++
				continue
			}
		}
		if first.Unix() != row.First || second.Unix() != row.Second || old != row.Old {
			t.Errorf("%+v: ends at %d and %d, and is named %s", row, first.Unix(), second.Unix(), old)
		}
		same++
	}
	t.Logf("%d rows are the same, and %d differ because a day ends at midnight here", same, differ)
	if same < 450 {
		t.Errorf("only %d rows are the same", same)
	}
}

func abs(n int64) int64 { return max(n, -n) }
