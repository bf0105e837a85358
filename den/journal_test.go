package den

import "testing"

// journalWith returns a journal in which these numbers were seen.
func journalWith(numbers ...int) *journal {
	j := newJournal(3000001)
	for _, n := range numbers {
		j.published(&DENM{StationID: 3000001, Management: Management{
			ActionID: ActionID{OriginatingStationID: 3000001, SequenceNumber: uint16(n)},
		}})
	}
	return j
}

func numbersFrom(first, last int) (numbers []int) {
	for n := first; n <= last; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

// The next number is the first of the longest row of numbers that are not in the
// journal: from there it takes the longest to come to one that receivers may know.
// The numbers form a circle.
func TestNextNumber(t *testing.T) {
	for _, row := range []struct {
		name string
		seen []int
		want uint16
	}{
		{"none", nil, 0},
		{"first", []int{0}, 1},
		{"one", []int{17}, 18},
		{"last", []int{65535}, 0},
		{"last_but_one", []int{65534}, 65535},
		{"row", numbersFrom(100, 199), 200},
		{"row_with_an_old_event_before", append(numbersFrom(100, 199), 3), 200},
		{"row_with_an_old_event_behind", append(numbersFrom(100, 199), 60000), 200},
		{"around_the_end", append(numbersFrom(65000, 65535), numbersFrom(0, 99)...), 100},
		{"longest_row_around_the_end", []int{20000, 40000}, 40001},
		{"equal_rows", []int{0, 32768}, 1},
		{"one_free", append(numbersFrom(0, 41), numbersFrom(43, 65535)...), 42},
		{"last_one_free", numbersFrom(0, 65534), 65535},
		{"first_one_free", numbersFrom(1, 65535), 0},
		{"all", numbersFrom(0, 65535), 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := journalWith(row.seen...).nextNumber(); got != row.want {
				t.Errorf("the next number is %d; want %d", got, row.want)
			}
		})
	}
}

// Numbers of other stations, and of DENMs that others sent about our events, are
// not ours.
func TestJournalOfOtherStations(t *testing.T) {
	j := newJournal(3000001)
	for _, d := range []*DENM{
		{StationID: 9, Management: Management{ActionID: ActionID{OriginatingStationID: 9, SequenceNumber: 5}}},
		{StationID: 9, Management: Management{ActionID: ActionID{OriginatingStationID: 3000001, SequenceNumber: 5}}},
	} {
		j.published(d)
	}
	if n := j.nextNumber(); n != 0 || j.replayed != 0 || len(j.records()) != 0 {
		t.Errorf("the next number is %d, %d DENMs count, %d events are open; want 0 each", n, j.replayed, len(j.records()))
	}
}
