package redisio

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"github.com/step-its/producer/den"
)

// entryID is the id of an entry of a stream: the server's time in milliseconds and
// a number within it. Its zero value is the beginning of every stream.
type entryID struct{ ms, seq uint64 }

// parseID reads an id as the server writes it; without its second part it means 0.
func parseID(text string) (entryID, error) {
	first, second, has := strings.Cut(text, "-")
	ms, err := strconv.ParseUint(first, 10, 64)
	var seq uint64
	if err == nil && has {
		seq, err = strconv.ParseUint(second, 10, 64)
	}
	if err != nil {
		return entryID{}, &Error{Meaning: strconv.Quote(text) + " is not the id of an entry"}
	}
	return entryID{ms, seq}, nil
}

// String returns the id as the server writes it.
func (id entryID) String() string {
	return strconv.FormatUint(id.ms, 10) + "-" + strconv.FormatUint(id.seq, 10)
}

func (id entryID) compare(other entryID) int {
	return cmp.Or(cmp.Compare(id.ms, other.ms), cmp.Compare(id.seq, other.seq))
}

// time returns when the entry was added, by the server's clock.
func (id entryID) time() den.Timestamp {
	if id.ms > math.MaxInt64 {
		return 0 // somebody gave the entry an id of his own
	}
	return den.Timestamp(id.ms)
}

// addedAt is the time of an id that is a text, 0 of what is no id.
func addedAt(id string) den.Timestamp {
	parsed, _ := parseID(id)
	return parsed.time()
}

// next returns the smallest id that is greater.
func (id entryID) next() entryID {
	if id.seq == math.MaxUint64 {
		return entryID{id.ms + 1, 0}
	}
	return entryID{id.ms, id.seq + 1}
}

func later(a, b entryID) entryID {
	if a.compare(b) < 0 {
		return b
	}
	return a
}
