package redisio

// tally counts what of a stream is delivered to us, and so finds out how many entries
// never were: those that were added and lie behind the group, but were not
// delivered. The server alone cannot tell: it trims without asking whether an entry
// was read, and its own counts differ from version to version.
type tally struct {
	exact bool    // the numbers are known
	base  entryID // all entries up to here are accounted for
	index int64   // how many there ever were up to base
	count int64   // how many were delivered since

	missing int64 // what the last look found
	added   int64 // how many there ever were at the last look, and
	last    entryID
}

// begin starts anew where the group stands.
func (t *tally) begin(v view) {
	*t = tally{base: v.delivered, added: v.added, last: v.last}
	t.index, t.exact = v.passed()
	if v.added >= 0 && v.read >= 0 && v.deleted == (entryID{}) {
		// So we learn what was lost before we came. Where entries were deleted by their
		// ids, the server's count is an estimate.
		t.index, t.exact = v.read, true
	}
}

// delivered counts an entry that is delivered for the first time.
func (t *tally) delivered(id entryID) {
	if id.compare(t.base) > 0 {
		t.count++
	}
}

// missed returns how many entries were passed over since base. It believes it
// only when it finds them twice: in between somebody has to look at what is pending,
// for an answer that did not reach us looks like a loss.
func (t *tally) missed(v view) loss {
	t.added, t.last = v.added, v.last
	passed, known := v.passed()
	if !known {
		if t.exact && v.added-v.length <= t.index { // no entry behind base is gone
			t.base, t.index, t.count = v.delivered, t.index+t.count, 0
		}
		return loss{}
	}
	missing := passed - t.index - t.count
	if !t.exact || missing < 0 {
		*t = tally{exact: true, base: v.delivered, index: passed, added: v.added, last: v.last}
		return loss{}
	}
	lost := loss{count: min(missing, t.missing), after: t.base, before: v.first}
	if lost.deleted = v.deleted.compare(t.base) > 0; lost.deleted {
		lost.before = v.delivered
	} else if v.length == 0 {
		lost.before = v.last.next()
	}
	if lost.before.compare(t.base) <= 0 || t.base == v.last {
		lost.after = entryID{} // they were lost before we came
	}
	t.index += lost.count
	if t.missing = missing - lost.count; t.missing == 0 {
		t.base, t.index, t.count = v.delivered, passed, 0
	}
	return lost
}

// differs reports whether the server's own count of what the group has behind it is
// another one than ours, which includes the losses that were told. It returns ours.
func (t *tally) differs(v view, told loss) (index int64, wrong bool) {
	index = t.index + t.count
	certain := t.exact && v.added >= 0 && v.deleted == (entryID{}) &&
		(told.count > 0 || t.missing == 0 && t.base == v.delivered)
	return index, certain && v.read != index
}

// unread returns how many entries waited at least when the stream was last looked at
// and were not delivered since.
func (t *tally) unread() int64 {
	if !t.exact || t.added < 0 {
		return 0
	}
	return max(t.added-t.index-t.count, 0)
}

// loss is entries between two ids that never will be delivered.
type loss struct {
	after, before entryID
	count         int64
	deleted       bool // some may have been deleted by their ids, on purpose
}
