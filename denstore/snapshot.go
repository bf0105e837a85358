package denstore

import (
	"cmp"
	"iter"
	"slices"

	"github.com/step-its/producer/den"
)

// All iterates over the records as they were when the iteration began, the one
// that waits longest for an update first. That snapshot is a list of all records: others
// wait for the store while it is copied, in O(n), but not while it is put in order. The
// store can be changed while the iteration goes on, also by the loop itself.
func (s *DenStore) All() iter.Seq[den.Record] {
	return func(yield func(den.Record) bool) {
		records := s.copied()
		slices.SortFunc(records, func(a, b den.Record) int { return cmp.Compare(timeKey(a.DENM), timeKey(b.DENM)) })
		for _, r := range records {
			if !yield(r) {
				return
			}
		}
	}
}

// copied returns all records, of which the updated ones are not in their order.
func (s *DenStore) copied() []den.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	records := make([]den.Record, 0, s.byTime.Len())
	s.byTime.Scan(func(_ uint64, r *record) bool {
		records = append(records, r.Record)
		return true
	})
	return records
}
