package redisio

import (
	"slices"
	"time"
)

// inputState is an input stream and how far it was delivered to us.
type inputState struct {
	index         int // into Options.Inputs
	stream, group string

	// A look at what is pending for us goes on at cursor until it is complete; rounds
	// counts how often it began.
	cursor   entryID
	complete bool
	rounds   int

	// Everything up to known that was ever delivered to us is settled or held. It is
	// known when the first look at what is pending is complete; until then the group
	// stood at start.
	known, start entryID
	isKnown      bool

	met     bool    // it was looked at once
	seen    view    // how it stood then, and
	settled int64   // what was settled since
	found   finding // for the ledger
}

// entryKey names an entry: the index of its stream in Options.Inputs and its id.
type entryKey struct {
	input int
	id    entryID
}

// begin forgets how far the streams were read, for another owner may have read on
// since. The caller holds the lock.
func (s *Subscriber) begin() {
	s.asked, s.looked = time.Time{}, time.Time{}
	for _, in := range s.inputs {
		in.met, in.isKnown, in.known, in.found = false, false, entryID{}, finding{}
	}
	s.restart()
}

// overtaken reports whether a batch was given back while this one was filled: it
// comes first.
func (s *Subscriber) overtaken(b *batch) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.restarts != b.restarts
}

func (s *Subscriber) lookAgainAtPending() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restart()
}

// beginAgain has what is pending delivered before the batch that is being filled.
func (s *Subscriber) beginAgain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restarts++
	s.restart()
}

// restart has all of what is pending looked at again. The caller holds the lock.
func (s *Subscriber) restart() {
	for _, in := range s.inputs {
		in.restart()
	}
}

func (in *inputState) restart() {
	in.cursor, in.complete = entryID{}, false
	in.rounds++
}

// settled takes the entries of a batch out of its hands. Those that were given back
// are looked for, and so is what may have been delivered again meanwhile.
func (s *Subscriber) settled(b *batch, givenBack, lookAgain bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range b.keys {
		if givenBack {
			s.held[key] = holding{attempt: s.held[key].attempt}
		} else {
			delete(s.held, key)
			s.inputs[key.input].settled++
		}
	}
	if givenBack && len(b.keys) > 0 {
		s.restarts++
	}
	if givenBack || lookAgain {
		s.restart()
	}
}

// forgetDone forgets the entries of an input that are done, though others of their batch are
// not, and returns how many they are. The caller holds the lock.
func (s *Subscriber) forgetDone(input int) (forgotten int64) {
	seen := make(map[*batch]bool)
	for key, h := range s.held {
		if key.input != input || !h.inHand || seen[h.batch] {
			continue
		}
		seen[h.batch] = true
		for i, done := range h.batch.done {
			key := h.batch.keys[i]
			if done && key.input == input && s.held[key].batch == h.batch { // and not forgotten already
				delete(s.held, key)
				forgotten++
			}
		}
	}
	return forgotten
}

// outstanding returns the entries of an input that were delivered to us and not
// acknowledged, in order. The caller holds the lock.
func (s *Subscriber) outstanding(input int) []entryID {
	var ids []entryID
	for key := range s.held {
		if key.input == input {
			ids = append(ids, key.id)
		}
	}
	slices.SortFunc(ids, entryID.compare)
	return ids
}
