package den_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

// traffic is what happens in one half of a second: arrays, then negations.
type traffic struct {
	arrays    []arrayAt
	negations []negationOf
}

type arrayAt struct {
	detected          time.Duration // from now
	reference, target den.StationID
	alsoTarget        den.StationID
}

type negationOf struct {
	denm int // of those that are published before, counted from the last
	by   den.StationID
}

// drawTraffic draws a history of few road users, so that pairs meet again.
func drawTraffic(t *rapid.T) []traffic {
	detected := rapid.SampledFrom([]time.Duration{0, 0, 0, -time.Second, -3100 * time.Millisecond, -4500 * time.Millisecond, 100 * time.Millisecond})
	array := rapid.Custom(func(t *rapid.T) arrayAt {
		stations := rapid.Permutation([]den.StationID{1, 2, 3, 4}).Draw(t, "stations")
		return arrayAt{detected.Draw(t, "detected"), stations[0], stations[1], stations[2]}
	})
	negation := rapid.Custom(func(t *rapid.T) negationOf {
		by := rapid.SampledFrom([]den.StationID{500, 500, 500, ourStation}).Draw(t, "by")
		return negationOf{rapid.IntRange(0, 5).Draw(t, "denm"), by}
	})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) traffic {
		return traffic{rapid.SliceOfN(array, 0, 2).Draw(t, "arrays"), rapid.SliceOfN(negation, 0, 1).Draw(t, "negations")}
	}), 1, 25).Draw(t, "history")
}

// send puts the traffic on the input, and returns which events it negates.
func (r *rig) send(now traffic) (negated []den.ActionID) {
	denms := r.x.Published()
	for _, a := range now.arrays {
		r.x.SendCollisions(dentest.Collisions(dentest.Now().Add(a.detected), a.reference, a.target, a.alsoTarget))
	}
	for _, n := range now.negations {
		if len(denms) > n.denm {
			d := denms[len(denms)-1-n.denm]
			r.x.SendDENM(dentest.Negation(d, n.by))
			if n.by != ourStation {
				negated = append(negated, d.Management.ActionID)
			}
		}
	}
	synctest.Wait()
	return negated
}

// A process that takes over from another one publishes what the other one would
// have: the same pairs, versions and ends at the same times, under other sequence
// numbers at most. No pair has two events at once, and no action id two pairs.
func TestTakeoverChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		history := drawTraffic(rt)
		after := rapid.IntRange(0, len(history)-1).Draw(rt, "takeover after")
		order := rapid.SampledFrom([]denstore.PairOrder{denstore.AsSent, denstore.Canonical}).Draw(rt, "order")
		cancel := rapid.Bool().Draw(rt, "cancelOnNegation")
		var one, two []*den.DENM
		negated := make(map[den.ActionID]bool)
		dentest.Bubble(t, func(t *testing.T) {
			edit := func(c *den.Config) { c.Store, c.CancelOnNegation = denstore.New(order), cancel }
			a, b := newRig(t, edit), newRig(t, edit)
			first, second := a.start(), b.start()
			for i, now := range history {
				a.send(now)
				for _, id := range b.send(now) {
					negated[id] = true
				}
				// Nothing is due or over in the second half of a step.
				time.Sleep(200 * time.Millisecond)
				if i == after {
					second.stop()
					b = b.successor(edit)
					second = b.start()
				}
				time.Sleep(300 * time.Millisecond)
			}
			time.Sleep(20 * time.Second)
			first.stop()
			second.stop()
			one, two = a.x.Published(), b.x.Published()
		})
		if different := compare(one, two); different != "" {
			rt.Fatal(different)
		}
		if wrong := twice(two, order, negated); wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// compare tells the first difference between two outputs, other than the numbers.
func compare(one, two []*den.DENM) string {
	renumber := func(denms []*den.DENM) (texts []string) {
		numbers := make(map[den.ActionID]uint16)
		for _, d := range denms {
			c := *d
			id := c.Management.ActionID
			if _, known := numbers[id]; !known {
				numbers[id] = uint16(len(numbers))
			}
			c.Management.ActionID.SequenceNumber = numbers[id]
			texts = append(texts, string(c.AppendJSON(nil)))
		}
		return texts
	}
	a, b := renumber(one), renumber(two)
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("DENM %d is\n%s\nand with a takeover\n%s", i, a[i], b[i])
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%d DENMs are published, and with a takeover %d:\n%q\n%q", len(a), len(b), told(one), told(two))
	}
	return ""
}

// twice tells where an action id serves two pairs, or where a pair gets a second
// event although the first one is open.
func twice(denms []*den.DENM, order denstore.PairOrder, negated map[den.ActionID]bool) string {
	pairs := make(map[den.ActionID]den.Key)
	open := make(map[den.Key]*den.DENM)
	for i, d := range denms {
		id := d.Management.ActionID
		pair, _ := d.Key()
		if order == denstore.Canonical {
			pair = pair.Canonical()
		}
		if was, known := pairs[id]; known && was != pair {
			return fmt.Sprintf("DENM %d has the action id %v for the pair %v, which was that of %v", i, id, pair, was)
		}
		pairs[id] = pair
		last, known := open[pair]
		if known && last.Management.ActionID != id && !negated[last.Management.ActionID] &&
			last.ValidUntil() >= d.Management.ReferenceTime {
			return fmt.Sprintf("DENM %d opens %v for the pair %v, which has %v", i, id, pair, last.Management.ActionID)
		}
		open[pair] = d
		if d.Management.Termination.Valid {
			delete(open, pair)
		}
	}
	return ""
}
