package denstore

import (
	"iter"

	"github.com/step-its/producer/den"
)

// All iterates over the records as they were when the iteration began, the one
// that waits longest for an update first. Taking that snapshot takes O(log n) for each
// record that was updated since the last time, and does not copy the others; the store can
// be changed while the iteration goes on, also by the loop itself.
func (s *DenStore) All() iter.Seq[den.Record] {
	return func(yield func(den.Record) bool) {
		s.mu.Lock()
		s.arrange()
		snapshot := s.byTime.Copy()
		s.mu.Unlock()
		snapshot.Scan(func(_ uint64, record den.Record) bool { return yield(record) })
	}
}
