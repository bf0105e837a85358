package main

// frame is a server-sent event as it goes over the wire, and the entry it is about.
type frame struct {
	id   entryID
	text []byte
}

// ring keeps the newest frames, for pages that were away for a moment.
type ring struct {
	frames []frame // oldest first from next on
	next   int     // where the next one goes, once the ring is full
	// since and newest are the entries between which the ring has everything: after
	// since, up to newest.
	since, newest entryID
}

// ringSize is how many frames are kept: some minutes of a busy town, and a few MB.
const ringSize = 8192

// add puts a frame in, and the oldest one out if it must.
func (r *ring) add(f frame) {
	r.newest = f.id
	if len(r.frames) < ringSize {
		r.frames = append(r.frames, f)
		return
	}
	r.since = r.frames[r.next].id
	r.frames[r.next] = f
	r.next = (r.next + 1) % ringSize
}

// pass says that an entry has been read that no page needs to know.
func (r *ring) pass(id entryID) { r.newest = id }

// reset forgets all frames. What comes next comes after since.
func (r *ring) reset(since entryID) {
	*r = ring{frames: r.frames[:0], since: since, newest: since}
}

// after returns the frames that follow the entry. It reports false when it does not
// have all of them, or does not know the entry: it may be of another stream.
func (r *ring) after(id entryID) ([]frame, bool) {
	if id.less(r.since) || r.newest.less(id) {
		return nil, false
	}
	var missed []frame
	for i := range r.frames {
		if f := r.frames[(r.next+i)%len(r.frames)]; id.less(f.id) {
			missed = append(missed, f)
		}
	}
	return missed, true
}
