package logging

import (
	"fmt"
	"time"
)

// schedule says when files end, as Python's TimedRotatingFileHandler does.
type schedule struct {
	every    time.Duration // 0 for whole days
	weekday  time.Weekday  // at whose end a file ends; noWeekday for each day
	location *time.Location
	layout   string // of the stamps in names
}

const noWeekday time.Weekday = -1

func newSchedule(when string, interval int, location *time.Location) (schedule, error) {
	s := schedule{weekday: noWeekday, location: location, layout: time.DateOnly}
	if location == nil {
		s.location = time.UTC
	}
	if interval < 0 {
		return s, fmt.Errorf("interval %d: must not be negative", interval)
	}
	n := time.Duration(max(interval, 1))
	switch when {
	case "S":
		s.every, s.layout = n*time.Second, "2006-01-02_15-04-05"
	case "M":
		s.every, s.layout = n*time.Minute, "2006-01-02_15-04"
	case "H":
		s.every, s.layout = n*time.Hour, "2006-01-02_15"
	case "D":
		s.every = n * 24 * time.Hour
	case "", "midnight":
	case "W0", "W1", "W2", "W3", "W4", "W5", "W6": // from Monday on
		s.weekday = time.Weekday((when[1] - '0' + 1) % 7)
	default:
		return s, fmt.Errorf("when %q: must be S, M, H, D, midnight or W0 to W6", when)
	}
	return s, nil
}

// next returns when a file ends that began at t: full seconds, and later than t.
func (s schedule) next(t time.Time) time.Time {
	t = t.In(s.location).Truncate(time.Second)
	if s.every > 0 {
		return t.Add(s.every)
	}
	days := 1
	if s.weekday != noWeekday {
		days += int(s.weekday-t.Weekday()+7) % 7
	}
	midnight := time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, s.location)
	// Where the clocks change at midnight there may be none, and then this is late on
	// the day before.
	for midnight.Hour() > 12 || !midnight.After(t) {
		midnight = midnight.Add(30 * time.Minute)
	}
	return midnight
}

// stamp returns what the name of a file says that ended at a time and is moved away
// now: when its interval began, by the clock of then.
func (s schedule) stamp(ended, now time.Time) string {
	ended = ended.In(s.location)
	switch {
	case s.every > 0:
		began := ended.Add(-s.every)
		// What ends after the clocks have changed is named as if they had before.
		if then, now := began.IsDST(), now.In(s.location).IsDST(); now && !then {
			began = began.Add(time.Hour)
		} else if then && !now {
			began = began.Add(-time.Hour)
		}
		return began.Format(s.layout)
	case s.weekday != noWeekday:
		return ended.AddDate(0, 0, -7).Format(s.layout)
	}
	return ended.AddDate(0, 0, -1).Format(s.layout)
}
