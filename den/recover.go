package den

import (
	"context"
	"slices"
	"time"
)

// recoverRecords fills the store with the events that an earlier process left
// open, where the Publisher can tell. Those whose validity is over are dropped.
func (s *DenService) recoverRecords(ctx context.Context) error {
	replayer, ok := s.publisher.(Replayer)
	if !ok {
		return nil
	}
	began := time.Now()
	// What a direct call published meanwhile might not be in the journal.
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.passTurn()
	j, err := s.replay(ctx, replayer)
	if err != nil {
		return err
	}
	now, known, over := s.now(), 0, 0
	records := slices.DeleteFunc(j.records(), func(r Record) bool {
		if r.DENM.ValidUntil() < now {
			over++
			return true
		}
		if s.knows(r) {
			known++
		}
		return false
	})
	s.store.Restore(records, j.nextNumber())
	taken := s.store.Len() - known
	// What was published of these is in the journal, and what was not is open again.
	s.unsettled = nil
	s.resumeRepetitions(records)
	s.counts.recovered.Add(uint64(taken))
	s.counts.expired.Add(uint64(over))
	if taken+over > 0 {
		s.log.Info("records recovered", "active", s.store.Len(), "expired", over,
			"replayed", j.replayed, "duration", time.Since(began))
	}
	return nil
}

// knows reports whether the store has the event already, from an earlier Run.
func (s *DenService) knows(r Record) bool {
	known, ok := s.store.Lookup(r.DENM.Management.ActionID)
	if !ok {
		return false
	}
	a, _ := known.DENM.Key()
	b, _ := r.DENM.Key()
	return a == b
}

// replay reads the journal, and does not give up before ctx ends.
func (s *DenService) replay(ctx context.Context, replayer Replayer) (*journal, error) {
	failing := retry{log: s.log, what: "replay", most: s.cfg.RetryInterval}
	for {
		j := newJournal(s.cfg.StationID)
		err := replayer.Replay(ctx, s.horizon(), j.published, j.received)
		switch {
		case err == nil:
			failing.succeeded()
			return j, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		}
		if err := failing.failed(ctx, err); err != nil {
			return nil, err
		}
	}
}

// forgetRecords empties the store: the events are another owner's now.
func (s *DenService) forgetRecords(ctx context.Context) {
	if s.takeTurn(ctx) != nil {
		return // Run ends, and the next one begins with the journal
	}
	defer s.passTurn()
	s.store.Restore(nil, 0)
	s.unsettled = nil
	s.resumeRepetitions(nil)
}

// horizon is how long ago the last DENM of an event was published at most, if it
// is still valid. The detection time may lie in the future by the clock skew.
func (s *DenService) horizon() time.Duration {
	const mostToCollision, roundedUp, margin = 10 * time.Second, time.Second, time.Second
	return mostToCollision + s.cfg.TimeAfterCollision + s.cfg.LastUpdateMaxDelay + roundedUp + s.cfg.MaxClockSkew + margin
}

// journal finds out which events are open from what was published and received.
type journal struct {
	station  StationID
	open     map[ActionID]Record
	ended    map[ActionID]Timestamp  // by the last DENM that ended the event
	numbers  [MaxRecords / 64]uint64 // a bit for each sequence number in the journal
	replayed int
}

func newJournal(station StationID) *journal {
	return &journal{station: station, open: make(map[ActionID]Record), ended: make(map[ActionID]Timestamp)}
}

// published looks at a DENM that we may have published.
func (j *journal) published(d *DENM) {
	id := d.Management.ActionID
	if id.OriginatingStationID != j.station || d.StationID != j.station {
		return // others may write to the same stream
	}
	j.replayed++
	j.numbers[id.SequenceNumber/64] |= 1 << (id.SequenceNumber % 64)
	key, named := d.Key()
	if !named || d.Management.Termination.Valid {
		delete(j.open, id)
		j.ended[id] = d.Management.ReferenceTime
		return
	}
	if d.Management.ReferenceTime <= j.ended[id] {
		return // a repetition that was held up on its way opens nothing again
	}
	record := Record{Created: d.Management.ReferenceTime, DENM: d}
	if before, ok := j.open[id]; ok {
		if pair, _ := before.DENM.Key(); pair == key {
			if d.Management.ReferenceTime < before.DENM.Management.ReferenceTime {
				return // so is one of an older version
			}
			record.Created = before.Created
		}
	}
	j.open[id] = record
}

// received looks at a DENM that was acknowledged. All that was published was looked
// at before: an event is not updated any more after it was negated.
func (j *journal) received(d *DENM) {
	record, ok := j.open[d.Management.ActionID]
	if ok && negates(d, j.station, record) == nil {
		delete(j.open, d.Management.ActionID)
	}
}

// records returns the open events, the one with the oldest version first.
func (j *journal) records() []Record {
	records := make([]Record, 0, len(j.open))
	for _, record := range j.open {
		records = append(records, record)
	}
	slices.SortFunc(records, func(a, b Record) int {
		x, y := &a.DENM.Management, &b.DENM.Management
		if d := x.ReferenceTime - y.ReferenceTime; d != 0 {
			return int(d)
		}
		return int(x.ActionID.SequenceNumber) - int(y.ActionID.SequenceNumber)
	})
	return records
}

// nextNumber returns the first number of the longest row of sequence numbers that
// are not in the journal: receivers may still hold the others, and from there it
// takes the longest to come to one of them.
func (j *journal) nextNumber() uint16 {
	var next, longest, row int
	// The numbers form a circle, so it is gone round twice.
	for i := range 2 * MaxRecords {
		number := i % MaxRecords
		if j.numbers[number/64]&(1<<(number%64)) != 0 {
			row = 0
			continue
		}
		if row++; row > longest {
			longest, next = row, i-row+1
		}
		if row == MaxRecords {
			return 0
		}
	}
	return uint16(next % MaxRecords)
}
