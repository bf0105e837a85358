package den

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTimestampReadsRFC3339(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no_fraction", "2026-03-02T09:15:21Z", "2026-03-02T09:15:21.000Z"},
		{"1_digit", "2026-03-02T09:15:21.4Z", "2026-03-02T09:15:21.400Z"},
		{"2_digits", "2026-03-02T09:15:21.16Z", "2026-03-02T09:15:21.160Z"},
		{"3_digits", "2026-03-02T09:15:21.160Z", "2026-03-02T09:15:21.160Z"},
		{"6_digits_are_cut", "2026-03-02T09:15:21.160999Z", "2026-03-02T09:15:21.160Z"},
		{"9_digits_are_cut", "2026-03-02T09:15:21.999999999Z", "2026-03-02T09:15:21.999Z"},
		{"east", "2026-03-02T10:15:21.400+01:00", "2026-03-02T09:15:21.400Z"},
		{"west_across_midnight", "2026-03-01T23:45:00.001-09:30", "2026-03-02T09:15:00.001Z"},
		{"zero_offset", "2026-03-02T09:15:21.400+00:00", "2026-03-02T09:15:21.400Z"},
		{"comma_of_ISO_8601", "2026-03-02T09:15:21,4Z", "2026-03-02T09:15:21.400Z"},
		{"leap_day", "2028-02-29T23:59:59.999Z", "2028-02-29T23:59:59.999Z"},
		{"first", "2004-01-01T00:00:00.000Z", "2004-01-01T00:00:00.000Z"},
		{"first_by_offset", "2003-12-31T23:00:00-01:00", "2004-01-01T00:00:00.000Z"},
		{"last", "2143-05-15T07:35:06.103Z", MaxTimestamp.String()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got Timestamp
			if err := got.UnmarshalText([]byte(tt.text)); err != nil {
				t.Fatal(err)
			}
			if got.String() != tt.want {
				t.Errorf("%s is read as %s, want %s", tt.text, got, tt.want)
			}
			if text, err := got.MarshalText(); err != nil || string(text) != tt.want {
				t.Errorf("MarshalText() = %s, %v, want %s", text, err, tt.want)
			}
		})
	}
}

func TestTimestampRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, found string }{
		{"empty", "", `""`},
		{"date_only", "2026-03-02", `"2026-03-02"`},
		{"no_offset", "2026-03-02T09:15:21.400", `"2026-03-02T09:15:21.400"`},
		{"space_for_T", "2026-03-02 09:15:21Z", `"2026-03-02 09:15:21Z"`},
		{"lower_case", "2026-03-02t09:15:21z", `"2026-03-02t09:15:21z"`},
		{"february_30", "2026-02-30T09:15:21Z", `"2026-02-30T09:15:21Z"`},
		{"hour_24", "2026-03-02T24:00:00Z", `"2026-03-02T24:00:00Z"`},
		{"leap_second", "2016-12-31T23:59:60Z", `"2016-12-31T23:59:60Z"`},
		{"offset_without_colon", "2026-03-02T09:15:21+0100", `"2026-03-02T09:15:21+0100"`},
		{"blank_before", " 2026-03-02T09:15:21Z", `" 2026-03-02T09:15:21Z"`},
		{"number", "1772442921400", `"1772442921400"`},
		{"1_ms_too_early", "2003-12-31T23:59:59.999Z", `"2003-12-31T23:59:59.999Z"`},
		{"1_ms_too_late", "2143-05-15T07:35:06.104Z", `"2143-05-15T07:35:06.104Z"`},
		{"long", strings.Repeat("2", 1000), `"` + strings.Repeat("2", 40) + `..."`},
		{"control_characters", "2026\x1b[31m\n", `"2026\x1b[31m\n"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Timestamp(7)
			err := got.UnmarshalText([]byte(tt.text))
			want := "den: must be an RFC 3339 time with Z or an offset, from 2004 to 2143, but is " + tt.found
			if err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
			if got != 7 {
				t.Errorf("the refused text changed the timestamp to %d", got)
			}
		})
	}
}

// Whatever a program puts into a Timestamp, its text can be logged: a time that
// no message can carry is shown too.
func TestTimestampStringOfAnyValue(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   Timestamp
		want string
	}{
		{"zero", 0, "1970-01-01T00:00:00.000Z"},
		{"before_1970", -1, "1969-12-31T23:59:59.999Z"},
		{"year_0", -62167219200000, "0000-01-01T00:00:00.000Z"},
		{"before_year_0", -62167219200001, "-0001-12-31T23:59:59.999Z"},
		{"year_9999", 253402300799999, "9999-12-31T23:59:59.999Z"},
		{"year_10000", 253402300800000, "10000-01-01T00:00:00.000Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.at.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		at := Timestamp(rapid.Int64().Draw(t, "ms"))
		for _, c := range at.String() {
			if !strings.ContainsRune("0123456789-:.TZ", c) {
				t.Fatalf("%d is written as %q", at, at.String())
			}
		}
	})
}

// The numbers are those that were published: the first in the description of
// TimestampIts itself, the second as Wireshark shows it.
//
// Reference: ETSI TS 102 894-2, TimestampIts.
func TestTimestampITSPublishedExamples(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		its        uint64
	}{
		{"start_of_2007", "2007-01-01T00:00:00.000Z", 94694401000},
		{"january_2026", "2026-01-05T10:40:00.000Z", 694694405000},
		{"first", "2004-01-01T00:00:00.000Z", 0},
		{"last", "2143-05-15T07:35:06.103Z", 4398046511103},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var at Timestamp
			if err := at.UnmarshalText([]byte(tt.text)); err != nil {
				t.Fatal(err)
			}
			if its, err := at.ITS(); err != nil || its != tt.its {
				t.Errorf("ITS() = %d, %v, want %d", its, err, tt.its)
			}
			if back, err := TimestampFromITS(tt.its); err != nil || back != at {
				t.Errorf("TimestampFromITS() = %s, %v, want %s", back, err, at)
			}
		})
	}
}

func TestTimestampITSAtLeapSeconds(t *testing.T) {
	for i, tt := range []struct{ name, text string }{
		{"2006", "2006-01-01T00:00:00.000Z"},
		{"2009", "2009-01-01T00:00:00.000Z"},
		{"2012", "2012-07-01T00:00:00.000Z"},
		{"2015", "2015-07-01T00:00:00.000Z"},
		{"2017", "2017-01-01T00:00:00.000Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var step Timestamp
			if err := step.UnmarshalText([]byte(tt.text)); err != nil {
				t.Fatal(err)
			}
			counted := uint64(step - MinTimestamp) // without leap seconds
			before, after := uint64(1000*i), uint64(1000*(i+1))
			for _, c := range []struct {
				at  Timestamp
				its uint64
			}{
				{step - 1, counted - 1 + before},
				{step, counted + after},
				{step + 1, counted + 1 + after},
			} {
				if its, err := c.at.ITS(); err != nil || its != c.its {
					t.Errorf("%s: ITS() = %d, %v, want %d", c.at, its, err, c.its)
				}
				if at, err := TimestampFromITS(c.its); err != nil || at != c.at {
					t.Errorf("TimestampFromITS(%d) = %s, %v, want %s", c.its, at, err, c.at)
				}
			}
			// Unix time has no name for 23:59:60.000 to 23:59:60.999.
			for _, ms := range []uint64{0, 500, 999} {
				at, err := TimestampFromITS(counted + before + ms)
				if want := step + Timestamp(ms); err != nil || at != want {
					t.Errorf("%d ms into the leap second: %s, %v, want %s", ms, at, err, want)
				}
			}
		})
	}
}

func TestTimestampITSRange(t *testing.T) {
	for _, at := range []Timestamp{MinTimestamp - 1, MaxTimestamp + 1, 0, -1 << 63, 1<<63 - 1} {
		if its, err := at.ITS(); err == nil {
			t.Errorf("%d has the TimestampIts %d, want an error", at, its)
		}
	}
	for _, its := range []uint64{4398046511104, 1<<64 - 1} {
		if at, err := TimestampFromITS(its); err == nil {
			t.Errorf("TimestampIts %d is %s, want an error", its, at)
		}
	}
	_, err := (MinTimestamp - 1).ITS()
	if want := "den: 2003-12-31T23:59:59.999Z is outside the range of TimestampIts"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	_, err = TimestampFromITS(4398046511104)
	if want := "den: TimestampIts must be 0..4398046511103 but is 4398046511104"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestTimestampRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := drawTime(t, "at")
		text, err := at.MarshalText()
		if err != nil || len(text) != len("2026-03-02T09:15:21.400Z") {
			t.Fatalf("written as %q, %v", text, err)
		}
		if want := at.Time().Format("2006-01-02T15:04:05.000Z"); string(text) != want {
			t.Fatalf("written as %s, package time writes %s", text, want)
		}
		var read Timestamp
		if err := read.UnmarshalText(text); err != nil || read != at {
			t.Fatalf("%s is read as %s, %v", text, read, err)
		}
		its, err := at.ITS()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := TimestampFromITS(its); err != nil || back != at {
			t.Fatalf("%s is %d in TimestampIts and %s, %v back", at, its, back, err)
		}
		if later, err := (min(at, MaxTimestamp-1) + 1).ITS(); err != nil || at < MaxTimestamp && later <= its {
			t.Fatalf("1 ms after %d comes %d, %v", its, later, err)
		}
	})
}

func TestTimestampArithmetic(t *testing.T) {
	at := TimestampOf(time.Date(2026, 3, 2, 9, 15, 21, 400_999_999, time.UTC))
	if want := "2026-03-02T09:15:21.400Z"; at.String() != want {
		t.Errorf("TimestampOf gives %s, want %s", at, want)
	}
	if got := at.Add(1600*time.Millisecond + time.Microsecond).String(); got != "2026-03-02T09:15:23.000Z" {
		t.Errorf("Add gives %s", got)
	}
	if got := at.Add(-2 * time.Second).Sub(at); got != -2*time.Second {
		t.Errorf("Sub gives %s", got)
	}
	if got := at.Time(); got.Location() != time.UTC || got.UnixMilli() != int64(at) {
		t.Errorf("Time gives %s", got)
	}
}

func FuzzTimestampText(f *testing.F) {
	for _, text := range []string{
		"2026-03-02T09:15:21.400Z", "2026-03-02T09:15:21Z", "2026-03-02T10:15:21.4+01:00",
		"2004-01-01T00:00:00Z", "2143-05-15T07:35:06.103Z", "2016-12-31T23:59:60Z", "", "\"2026", "\x00\xff",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var at Timestamp
		if err := at.UnmarshalText([]byte(text)); err != nil {
			checkErrorText(t, err)
			return
		}
		want, err := time.Parse(time.RFC3339, text)
		if err != nil || TimestampOf(want) != at {
			t.Fatalf("%q is read as %s, package time reads %s, %v", text, at, want, err)
		}
		var again Timestamp
		if err := again.UnmarshalText([]byte(at.String())); err != nil || again != at {
			t.Fatalf("%q is read as %s and that as %s, %v", text, at, again, err)
		}
	})
}

// FuzzUsualTime holds the fast way to read a time to the general one, whatever was read before.
func FuzzUsualTime(f *testing.F) {
	for _, seed := range []string{
		"2026-03-02T09:15:21.400Z", "2026-03-02T09:15:21Z", "2028-02-29T23:59:59.999Z", "2027-02-29T23:59:59.999Z", "2026-00-10T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-04-31T24:00:00Z", "2026-04-30T23:60:60Z",
		"0000-01-01T00:00:00Z", "2026-03-02T09:15:21.4Z", "2026-03-02T09:15:21+00:00", "2026-03-02 09:15:21Z", "2026-03-02T09:15:21,400Z", "",
		strings.Repeat("\x00", 19) + "Z", "2026-03-02T09:15:21.4x0Z",
	} {
		for _, before := range []string{"", "2026-03-02T09:15:21Z", strings.Repeat("\x00", 19) + "Z", seed} {
			f.Add([]byte(before), []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, before, text []byte) {
		var last second
		usualTime(before, &last)
		got, ok := usualTime(text, &last)
		if !ok {
			return
		}
		var want time.Time
		if err := want.UnmarshalText(text); err != nil || got != TimestampOf(want) {
			t.Errorf("%q after %q is read as %s; want %v, %v", text, before, got, want, err)
		}
	})
}
