package den

import (
	"fmt"
	"time"
)

// Timestamp is an instant in milliseconds since 1970-01-01T00:00:00Z, without
// leap seconds: Unix time. It is the ITS time of every message of this module.
// The zero Timestamp means "not set".
//
// On the wire it is text in UTC with exactly three fraction digits,
// 2026-03-02T09:15:21.400Z. ETSI messages count instead the milliseconds that
// really passed since 2004-01-01T00:00:00Z, leap seconds included
// (TimestampIts, TS 102 894-2); [Timestamp.ITS] and [TimestampFromITS] convert.
//
// Times of messages lie between MinTimestamp and MaxTimestamp, the range of
// TimestampIts. Timestamps are ordered by the operators < and >.
type Timestamp int64

const (
	// MinTimestamp is 2004-01-01T00:00:00.000Z, where TimestampIts begins.
	MinTimestamp Timestamp = 1072915200000
	// MaxTimestamp is the last instant that the 42 bits of TimestampIts reach,
	// in the year 2143.
	MaxTimestamp Timestamp = 4398046511103 + MinTimestamp - 5000
)

// leapSeconds are the instants, after 2004, from which one more leap second
// counts. The International Earth Rotation Service announces the next one six
// months ahead; none has been announced since 2017.
var leapSeconds = [...]Timestamp{
	1136073600000, // 2006-01-01
	1230768000000, // 2009-01-01
	1341100800000, // 2012-07-01
	1435708800000, // 2015-07-01
	1483228800000, // 2017-01-01
}

// TimestampOf returns t as a Timestamp, cut to whole milliseconds.
func TimestampOf(t time.Time) Timestamp { return Timestamp(t.UnixMilli()) }

// TimestampFromITS converts an ETSI TimestampIts, 0..4398046511103. A value
// inside an inserted leap second, which Unix time cannot name, becomes the same
// fraction of the second that follows it.
func TimestampFromITS(its uint64) (Timestamp, error) {
	if its > 4398046511103 {
		return 0, problem(fmt.Sprintf("den: TimestampIts must be 0..4398046511103 but is %d", its))
	}
	t := Timestamp(its) + MinTimestamp
	for i := len(leapSeconds) - 1; i >= 0; i-- {
		if t-Timestamp(i+1)*1000 >= leapSeconds[i] {
			return t - Timestamp(i+1)*1000, nil
		}
	}
	// Inside the very first leap second the loop above finds no step yet.
	return t, nil
}

// ITS returns the ETSI TimestampIts of t: the milliseconds since
// 2004-01-01T00:00:00Z with leap seconds counted, of which there are 5 since 2017.
// Should a new one be announced, this package needs a new version. It is an error when t lies
// outside MinTimestamp..MaxTimestamp.
func (t Timestamp) ITS() (uint64, error) {
	if !t.inRange() {
		return 0, problem(fmt.Sprintf("den: %s is outside the range of TimestampIts", t))
	}
	its := t - MinTimestamp
	for _, step := range leapSeconds {
		if t >= step {
			its += 1000
		}
	}
	return uint64(its), nil
}

// Time returns t as a time.Time in UTC.
func (t Timestamp) Time() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Add returns t+d, with d cut to whole milliseconds.
func (t Timestamp) Add(d time.Duration) Timestamp { return t + Timestamp(d.Milliseconds()) }

// Sub returns the duration t-u.
func (t Timestamp) Sub(u Timestamp) time.Duration { return time.Duration(t-u) * time.Millisecond }

func (t Timestamp) inRange() bool { return t >= MinTimestamp && t <= MaxTimestamp }

// String returns the text form, as it stands in a message.
func (t Timestamp) String() string { return string(t.append(make([]byte, 0, 24))) }

// MarshalText implements encoding.TextMarshaler.
func (t Timestamp) MarshalText() ([]byte, error) { return t.append(make([]byte, 0, 24)), nil }

const wantTime = "must be an RFC 3339 time with Z or an offset, from 2004 to 2143,"

// UnmarshalText implements encoding.TextUnmarshaler. It reads RFC 3339 with any
// number of fraction digits and any offset, cuts to whole milliseconds, and
// refuses an instant outside MinTimestamp..MaxTimestamp.
func (t *Timestamp) UnmarshalText(text []byte) error {
	return t.unmarshal(text, new(second))
}

func (t *Timestamp) unmarshal(text []byte, last *second) error {
	if usual, ok := usualTime(text, last); ok && usual.inRange() {
		*t = usual
		return nil
	}
	var parsed time.Time
	if err := parsed.UnmarshalText(text); err != nil || !TimestampOf(parsed).inRange() {
		return problem(fmt.Sprintf("den: %s but is %s", wantTime, quoted(text)))
	}
	*t = TimestampOf(parsed)
	return nil
}

// usualTime reads the form that nearly all senders write, such as
// 2026-03-02T09:15:21.400Z, or the same without a fraction. time.Time.UnmarshalText
// would do the same in four times the time.
func usualTime(text []byte, last *second) (t Timestamp, ok bool) {
	const whole = len(last.text)
	if len(text) != whole+len("Z") && len(text) != whole+len(".000Z") || text[len(text)-1] != 'Z' {
		return 0, false
	}
	if last.at == 0 || [whole]byte(text) != last.text {
		if !last.read([whole]byte(text)) {
			return 0, false
		}
	}
	if len(text) == whole+len("Z") {
		return last.at, true
	}
	a, b, c := text[whole+1]-'0', text[whole+2]-'0', text[whole+3]-'0'
	ms := Timestamp(a)*100 + Timestamp(b)*10 + Timestamp(c)
	return last.at + ms, text[whole] == '.' && a < 10 && b < 10 && c < 10
}

// A second is one that was read from a text, such as 2026-03-02T09:15:21. Times that
// stand in one message are mostly of the same one.
type second struct {
	text [19]byte
	at   Timestamp
}

// read reports whether it could; if not, the second is the zero one.
func (s *second) read(text [19]byte) bool {
	*s = second{}
	const form = "0000-00-00T00:00:00"
	for i, c := range text {
		if form[i] == '0' && (c < '0' || c > '9') || form[i] != '0' && c != form[i] {
			return false
		}
	}
	two := func(i int) int { return int(text[i]-'0')*10 + int(text[i+1]-'0') }
	month, day, hour, minute, sec := time.Month(two(5)), two(8), two(11), two(14), two(17)
	if hour > 23 || minute > 59 || sec > 59 {
		return false
	}
	at := time.Date(two(0)*100+two(2), month, day, hour, minute, sec, 0, time.UTC)
	if at.Month() != month || at.Day() != day { // such as the 30th of February
		return false
	}
	*s = second{text, TimestampOf(at)}
	return true
}

// append writes the text form. time.Time.AppendFormat would do the same in
// four times the time, and three of these stand in every event.
func (t Timestamp) append(b []byte) []byte {
	at := t.Time()
	year, month, day := at.Date()
	if t < 0 || year > 9999 {
		return at.AppendFormat(b, "2006-01-02T15:04:05.000Z") // in no message, but in error texts
	}
	y, m, d := uint16(year), uint16(month), uint16(day)
	ofDay := uint32(t % (24 * 60 * 60 * 1000))
	minutes, ms := uint16(ofDay/60000), uint16(ofDay%60000)
	return append(b,
		digit(y/1000), digit(y/100), digit(y/10), digit(y), '-', digit(m/10), digit(m), '-', digit(d/10), digit(d), 'T',
		digit(minutes/60/10), digit(minutes/60), ':', digit(minutes%60/10), digit(minutes%60), ':',
		digit(ms/10000), digit(ms/1000), '.', digit(ms/100), digit(ms/10), digit(ms), 'Z')
}
