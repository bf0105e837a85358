package redisio

// groupLost tells what of an input was lost together with its group, and returns
// where the group has to begin again: before all that was delivered to us and not
// settled, or at the beginning of a stream that is another one now.
func (s *Subscriber) groupLost(input int, v view) (start entryID) {
	s.mu.Lock()
	in := s.inputs[input]
	start, first, last, count := s.lostWith(in, v)
	s.mu.Unlock()
	if count > 0 {
		s.client.counts.lost.Add(uint64(count))
		s.client.log.Error("input lost", "stream", in.stream, "first", first.String(), "last", last.String(), "count", count)
	}
	return start
}

// lostWith returns where a group begins again, and what is lost with it. The caller
// holds the lock.
func (s *Subscriber) lostWith(in *inputState, v view) (start, first, last entryID, count int64) {
	outstanding := s.outstanding(in.index)
	if in.isKnown {
		start = in.known
		if len(outstanding) > 0 && outstanding[0].compare(start) <= 0 {
			start = outstanding[0].before()
		}
	}
	another := !v.exists || v.last.compare(start) < 0 || v.added >= 0 && v.added < in.tally.added
	for _, id := range outstanding {
		if !another && v.length > 0 && id.compare(v.first) >= 0 {
			break // it is still there, and so are those behind it
		}
		if count++; count == 1 {
			first = id
		}
		last = id
		delete(s.held, entryKey{in.index, id})
	}
	if unread := in.tally.unread(); another && unread > 0 {
		if count == 0 {
			first = in.known.next()
		}
		last = in.tally.last
		count += unread
	}
	if another {
		start = entryID{}
	}
	in.known, in.tally = start, tally{}
	s.restarts++ // a read that is going on was answered by the group that is gone
	s.restart()
	return start, first, last, count
}
