package denstore

import (
	"iter"

	"github.com/step-its/producer/den"
)

// All iterates over the records as they were when the iteration began, the one
// that waits longest for an update first. That snapshot is a list of all records; the store
// can be changed while the iteration goes on, also by the loop itself.
func (s *DenStore) All() iter.Seq[den.Record] {
	return func(yield func(den.Record) bool) {
		for _, r := range s.snapshot() {
			if !yield(r) {
				return
			}
		}
	}
}

func (s *DenStore) snapshot() []den.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrange()
	records := make([]den.Record, 0, s.byTime.Len())
	s.byTime.Scan(func(_ uint64, r *record) bool {
		records = append(records, r.Record)
		return true
	})
	return records
}
