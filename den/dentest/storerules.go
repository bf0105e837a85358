package dentest

import (
	"errors"
	"sync"
	"time"

	"github.com/step-its/producer/den"
)

// storeRules is the contract of a den.Store.
var storeRules = []storeRule{
	{
		"next_number", "a new event takes the number after the last one given, even when lower ones are free " +
			"again: a number comes back as late as possible, when no receiver remembers it",
		func(s *storeTest) {
			s.wantNumber(s.create(10), 0)
			d := s.create(11)
			s.wantNumber(d, 1)
			s.remove(d)
			s.wantNumber(s.create(12), 2)
			s.wantNumber(s.create(11), 3)
		},
	},
	{
		"update_keeps_action_id", "an event keeps its action id for as long as it lasts: a receiver takes " +
			"another one for another event and warns twice (TS 103 831, actionId)",
		func(s *storeTest) {
			first, other := s.create(10), s.create(11)
			for range 3 {
				s.sleep(100 * time.Millisecond)
				if d := s.update(10); d.Management.ActionID != first.Management.ActionID {
					s.Errorf("the update has action id %v; want %v", d.Management.ActionID, first.Management.ActionID)
				}
			}
			s.wantRecord(other, other.Management.ReferenceTime)
		},
	},
	{
		"reference_time_is_now", "a DENM is as new as its reference time says: it is the time at which the " +
			"version was made, or receivers age the warning wrongly",
		func(s *storeTest) {
			s.wantReferenceTime(s.create(10), firstTime)
			s.sleep(time.Second)
			s.wantReferenceTime(s.update(10), firstTime.Add(time.Second))
		},
	},
	{
		"reference_time_grows", "receivers discard a DENM whose reference time is not newer than the last one's, " +
			"so it grows even within one millisecond and when the clock was set back",
		func(s *storeTest) {
			last := s.create(10)
			for _, step := range []time.Duration{0, 0, time.Millisecond, -time.Second, 0, time.Second} {
				s.sleep(step)
				p := prediction(10, last.Management.DetectionTime)
				d, _, err := s.Upsert(p, s.now)
				if err != nil {
					s.Fatal(err)
				}
				s.wantReferenceTime(d, max(s.now, last.Management.ReferenceTime+1))
				last = d
			}
		},
	},
	{
		"stale_refused", "what was detected before the record's last prediction says nothing new, and the " +
			"detection time of an event must not go back: receivers would discard the update",
		func(s *storeTest) {
			d := s.create(10)
			s.sleep(time.Second)
			s.refuse(prediction(10, d.Management.DetectionTime-1), den.ErrStale)
		},
	},
	{
		"equal_detection_time_updates", "two arrays may be detected in the same millisecond, and the second " +
			"one still proves that the collision is coming",
		func(s *storeTest) {
			d := s.create(10)
			s.sleep(time.Second)
			_, change, err := s.Upsert(prediction(10, d.Management.DetectionTime), s.now)
			if err != nil || change != den.Updated {
				s.Errorf("got %v, error %v; want updated", change, err)
			}
		},
	},
	{
		"object_zero_is_the_station", "object id 0 and no object id both mean the station itself: if they " +
			"were two pairs, one road user would be warned of twice",
		func(s *storeTest) {
			s.create(10)
			p := prediction(10, s.now)
			p.Reference.ObjectID, p.Target.ObjectID = den.Some[den.ObjectID](0), den.Some[den.ObjectID](0)
			if _, change, err := s.Upsert(p, s.now); err != nil || change != den.Updated {
				s.Errorf("the same pair with object ids 0: got %v, error %v; want updated", change, err)
			}
			p.Target.ObjectID = den.Some[den.ObjectID](1)
			if _, change, err := s.Upsert(p, s.now); err != nil || change != den.Created {
				s.Errorf("another object of the same station: got %v, error %v; want created", change, err)
			}
		},
	},
	{
		"returned_denms_stay", "a DENM that was returned may lie in a queue, a log or another goroutine: " +
			"nothing changes it any more, not even a change of the stations it was made from",
		func(s *storeTest) {
			p := prediction(10, s.now)
			first, _, err := s.Upsert(p, s.now)
			if err != nil {
				s.Fatal(err)
			}
			before := string(first.AppendJSON(nil))
			p.Target.Speed.Value, p.Reference.Position.Latitude = 1, 2
			s.sleep(time.Second)
			s.update(10)
			s.remove(first)
			s.create(10)
			if after := string(first.AppendJSON(nil)); after != before {
				s.Errorf("the DENM was\n%s\nand is now\n%s", before, after)
			}
		},
	},
	{
		"lookup", "a negation names an action id and nothing else: Lookup must find the latest version under " +
			"it, and when the event began, to tell a negation of an earlier event from one of this",
		func(s *storeTest) {
			first := s.create(10)
			s.sleep(time.Second)
			latest := s.update(10)
			s.wantRecord(latest, first.Management.ReferenceTime)
			id := latest.Management.ActionID
			for _, other := range []den.ActionID{
				{OriginatingStationID: id.OriginatingStationID, SequenceNumber: id.SequenceNumber + 1},
				{OriginatingStationID: id.OriginatingStationID + 1, SequenceNumber: id.SequenceNumber},
			} {
				if r, ok := s.Lookup(other); ok {
					s.Errorf("Lookup(%v) found %v; want nothing", other, r)
				}
			}
		},
	},
	{
		"remove", "Remove forgets the record in every index and says whether there was one: what is left " +
			"behind would be cancelled again, or updated under a dead action id",
		func(s *storeTest) {
			d, other := s.create(10), s.create(11)
			id := d.Management.ActionID
			s.remove(d)
			if s.Remove(id) {
				s.Error("Remove of a removed record = true; want false")
			}
			id.OriginatingStationID++
			id.SequenceNumber = other.Management.ActionID.SequenceNumber
			if s.Remove(id) {
				s.Error("Remove of another station's action id = true; want false")
			}
			if r, ok := s.Lookup(d.Management.ActionID); ok {
				s.Errorf("Lookup found the removed %v", r)
			}
			s.sleep(time.Minute)
			s.wantExpired(time.Second, 10, other)
			s.create(10)
		},
	},
	{
		"len", "operators watch the number of open events, and an embedder may refuse work by it",
		func(s *storeTest) {
			for i, step := range []func(){
				func() {},
				func() { s.create(10) },
				func() { s.create(11) },
				func() { s.update(10) },
				func() { s.remove(s.update(10)) },
				func() { s.remove(s.update(11)) },
			} {
				step()
				if want := [...]int{0, 1, 2, 2, 1, 0}[i]; s.Len() != want {
					s.Errorf("after step %d Len is %d; want %d", i, s.Len(), want)
				}
			}
		},
	},
	{
		"expired_strict", "a record is due when it waited longer than the delay: exactly the delay is the " +
			"longest legal gap between two arrays, and must not cancel a live warning",
		func(s *storeTest) {
			s.wantExpired(0, 10)
			d := s.create(10)
			s.wantExpired(0, 10)
			s.sleep(time.Second)
			s.wantExpired(time.Second, 10)
			s.sleep(time.Millisecond)
			s.wantExpired(time.Second, 10, d)
			d = s.update(10)
			s.wantExpired(time.Second, 10)
			s.sleep(time.Second + time.Millisecond)
			s.wantExpired(time.Second, 10, d)
			s.wantExpired(time.Second, 10, d) // it was only asked for, not removed
		},
	},
	{
		"expired_order", "the record that waits longest is cancelled first, or a busy service would starve " +
			"it; waiting counts from the last update, not from the beginning",
		func(s *storeTest) {
			s.create(10)
			s.sleep(10 * time.Millisecond)
			want := make([]*den.DENM, 20)
			for i := range want { // so many that no order is right by chance
				s.sleep(10 * time.Millisecond)
				want[i] = s.create(den.StationID(11 + (i*7)%20))
			}
			s.sleep(10 * time.Millisecond)
			updated := s.update(10)
			s.sleep(time.Minute)
			s.wantExpired(time.Second, 30, append(want, updated)...)
		},
	},
	{
		"expired_limit", "one check works on as many records as fit into one message to the transport; after " +
			"an outage all of them may be due at once",
		func(s *storeTest) {
			a := s.create(10)
			s.sleep(time.Millisecond)
			b := s.create(11)
			s.sleep(time.Minute)
			s.wantExpired(time.Second, 0)
			s.wantExpired(time.Second, 1, a)
			s.wantExpired(time.Second, 2, a, b)
			s.wantExpired(time.Second, 3, a, b)
		},
	},
	{
		"next_check", "a cancellation that comes late leaves a false warning on the road, and a check that " +
			"finds nothing wakes the service for nothing: NextCheck and Expired must agree to the millisecond",
		checkNextCheck,
	},
	{
		"concurrent", "Run, direct calls and a metrics page use the store at the same time",
		checkConcurrent,
	},
	// The last two fill the store.
	{
		"wrap", "after 65535 the numbers begin again at 0 and pass over those in use: two open events under " +
			"one action id would be one event to every receiver",
		func(s *storeTest) {
			s.wantNumber(s.create(1000), 0)
			s.remove(s.create(1001))
			s.wantNumber(s.create(1002), 2)
			s.use(den.MaxRecords - 4)
			s.wantNumber(s.create(1003), 65535)
			s.wantNumber(s.create(1004), 1)
			s.wantNumber(s.create(1005), 3)
		},
	},
	{
		"exhausted", "with all 65536 numbers in use a new event is refused and everything that is open goes " +
			"on: those warnings are about road users, too",
		checkExhausted,
	},
}

// use takes the next n sequence numbers and frees them again.
func (s *storeTest) use(n int) {
	for range n {
		d := s.create(9)
		if !s.Remove(d.Management.ActionID) {
			s.Fatalf("Remove(%v) = false; want true", d.Management.ActionID)
		}
	}
}

func checkExhausted(s *storeTest) {
	var seen [den.MaxRecords]bool
	var middle *den.DENM
	for i := range den.StationID(den.MaxRecords) {
		d := s.create(10 + i)
		s.mustBeFast(int(i))
		if n := d.Management.ActionID.SequenceNumber; seen[n] {
			s.Fatalf("two open events have the sequence number %d", n)
		} else {
			seen[n] = true
		}
		if i == 30000 {
			middle = d
		}
	}
	s.sleep(time.Second)
	s.refuse(prediction(5, s.now), den.ErrSequenceExhausted)
	s.update(10)
	s.update(10 + den.MaxRecords - 1)
	s.remove(middle)
	s.wantNumber(s.create(5), middle.Management.ActionID.SequenceNumber)
	s.refuse(prediction(6, s.now), den.ErrSequenceExhausted)
}

func checkNextCheck(s *storeTest) {
	const delay, most = time.Second, 5 * time.Second
	want := func(d time.Duration) {
		s.Helper()
		if got := s.NextCheck(s.now, delay, most); got != d {
			s.Errorf("NextCheck is %v; want %v", got, d)
		}
		due := len(s.Expired(s.now.Add(d), delay, 1)) > 0
		if s.Len() > 0 && d < most && !due {
			s.Errorf("after waiting %v, as NextCheck says, nothing has expired", d)
		}
		if d > 0 && len(s.Expired(s.now.Add(d-time.Millisecond), delay, 1)) > 0 {
			s.Errorf("NextCheck is %v, but a millisecond earlier a record has expired already", d)
		}
	}
	want(most) // empty
	first := s.create(10)
	want(delay + time.Millisecond)
	s.sleep(400 * time.Millisecond)
	s.create(11)
	want(601 * time.Millisecond)
	s.update(10) // 11 was opened in the same millisecond
	want(delay + time.Millisecond)
	s.sleep(delay)
	want(time.Millisecond)
	s.sleep(time.Millisecond)
	want(0)
	s.sleep(time.Hour)
	want(0) // overdue
	s.now = firstTime.Add(-time.Minute)
	want(most) // the clock was set back
	s.now = firstTime.Add(400 * time.Millisecond)
	s.Remove(first.Management.ActionID)
	if got := s.NextCheck(s.now, 10*time.Second, most); got != most {
		s.Errorf("NextCheck is %v for a record due in 10 s; want the bound, %v", got, most)
	}
}

func checkConcurrent(s *storeTest) {
	const workers, rounds = 8, 100
	var group sync.WaitGroup
	created := make(chan *den.DENM, workers*rounds)
	for w := range workers {
		group.Go(func() {
			for i := range rounds {
				now := s.now.Add(time.Duration(i) * time.Millisecond)
				d, change, err := s.Upsert(prediction(den.StationID(10+i), firstTime), now) // all want the same pairs
				if err != nil {
					s.Errorf("Upsert: %v", err)
					return
				}
				if change == den.Created {
					created <- d
				}
				s.Lookup(d.Management.ActionID)
				s.NextCheck(now, time.Second, time.Minute)
				s.Expired(now.Add(time.Minute), time.Second, 5)
				s.Len()
				own, _, err := s.Upsert(prediction(den.StationID(1000+w), firstTime), now)
				if err != nil || !s.Remove(own.Management.ActionID) {
					s.Errorf("a pair of one goroutine alone: Upsert error %v, or Remove did not find it", err)
					return
				}
			}
		})
	}
	group.Wait()
	close(created)
	numbers := make(map[den.ActionID]bool)
	for d := range created {
		numbers[d.Management.ActionID] = true
	}
	if len(numbers) != rounds || s.Len() != rounds {
		s.Errorf("%d goroutines opened the same %d pairs as %d events, and Len is %d; want %d each",
			workers, rounds, len(numbers), s.Len(), rounds)
	}
}

func (s *storeTest) wantRecord(d *den.DENM, created den.Timestamp) {
	s.Helper()
	r, ok := s.Lookup(d.Management.ActionID)
	if !ok || r.DENM != d || r.Created != created {
		s.Errorf("Lookup(%v) = %v created %v, %v; want the DENM that Upsert returned last, created %v",
			d.Management.ActionID, r, r.Created, ok, created)
	}
}

func (s *storeTest) wantError(got, want error) {
	s.Helper()
	if !errors.Is(got, want) {
		s.Errorf("the error is %v; want %v", got, want)
	}
}
