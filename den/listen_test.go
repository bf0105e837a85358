package den_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

// deaf is an input that a test can make deaf for a time, as it is when the
// connection hangs before the inputs come through, or the process stalls after it
// looked for them.
type deaf struct {
	*dentest.Queue
	before, after atomic.Int64 // how long the next Receive hangs, and then no other
}

func (q *deaf) Receive(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
	time.Sleep(time.Duration(q.before.Swap(0)))
	b, err := q.Queue.Receive(ctx, most, wait)
	if hang := q.after.Swap(0); hang > 0 {
		time.Sleep(time.Duration(hang))
	}
	return b, err
}

func withDelay(d time.Duration) func(*den.Config) {
	return func(c *den.Config) { c.LastUpdateMaxDelay = d }
}

// An event is not cancelled because the service did not listen. What waited is
// handled first, and the event goes on under its action id.
func TestUpdatesThatWaitedInAStall(t *testing.T) {
	const stall = 3 * time.Second
	for _, row := range []struct {
		name  string
		stall func(in *deaf, out *stallable)
	}{
		{"receive_hangs", func(in *deaf, _ *stallable) { in.before.Store(int64(stall)) }},
		{"process_stalls_after_receive", func(in *deaf, _ *stallable) { in.after.Store(int64(stall)) }},
		{"everything_stalls", func(in *deaf, out *stallable) {
			in.after.Store(int64(stall))
			stalled := make(chan struct{})
			out.stalled = stalled
			time.AfterFunc(stall, func() { close(stalled) })
		}},
	} {
		for _, interval := range []time.Duration{100 * time.Millisecond, 300 * time.Millisecond, 500 * time.Millisecond} {
			t.Run(row.name+"/"+interval.String(), func(t *testing.T) {
				dentest.Bubble(t, func(t *testing.T) {
					out := new(stallable)
					r := newRig(t, func(c *den.Config) {
						out.Transport = c.Publisher.(*dentest.Transport)
						c.Publisher = out
					})
					in := &deaf{Queue: r.x.Queue}
					run := r.startOn(in)
					sent := 0
					update := func(n int) {
						for range n {
							r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
							synctest.Wait()
							sent++
							time.Sleep(interval)
						}
					}
					update(10)
					row.stall(in, out)
					update(int(2 * stall / interval))
					if s := r.Stats(); s.Created != 1 || s.Updated != uint64(sent-1) || s.Cancelled+s.Expired != 0 {
						t.Errorf("created %d, updated %d, cancelled %d, expired %d; want 1, %d, 0, 0: the updates never stopped",
							s.Created, s.Updated, s.Cancelled, s.Expired, sent-1)
					}
					run.stop()
					r.wantGrowing()
				})
			})
		}
	}
}

// True silence is heard in time. Where a Receive takes as long as it is asked to
// wait, a cancellation comes 1 ms after the delay, which is the first moment that
// is longer than it. For delays below 40 ms a Receive lasts longer than a quarter
// of the delay, and the cancellation can come as much later. A Receive that takes
// longer than asked, by the way to the server and back, adds twice that time at
// most, and where the delay is that short one more Receive.
func TestSilenceIsHeardInTime(t *testing.T) {
	for _, row := range []struct {
		delay, extra, most time.Duration
	}{
		{20 * time.Millisecond, 0, 11 * time.Millisecond},
		{40 * time.Millisecond, 0, time.Millisecond},
		{200 * time.Millisecond, 0, time.Millisecond},
		{time.Second, 0, time.Millisecond},
		{10 * time.Second, 0, time.Millisecond},
		{20 * time.Millisecond, 5 * time.Millisecond, 30 * time.Millisecond},
		{200 * time.Millisecond, 5 * time.Millisecond, 11 * time.Millisecond},
		{time.Second, 5 * time.Millisecond, 11 * time.Millisecond},
	} {
		t.Run(row.delay.String()+"+"+row.extra.String(), func(t *testing.T) {
			var longest time.Duration
			for phase := range 100 { // of the Receive that waits when the update comes
				dentest.Bubble(t, func(t *testing.T) {
					r := newRig(t, withDelay(row.delay))
					in := slow{r.x.Queue, row.extra}
					run := r.startOn(in)
					time.Sleep(row.delay * time.Duration(phase) / 100)
					r.collide(1001, 1002)
					due := dentest.Now().Add(row.delay)
					time.Sleep(row.delay + row.most + row.delay)
					run.stop()
					r.wantPublished("new 3000001/0", "cancel 3000001/0")
					longest = max(longest, r.last().Management.ReferenceTime.Sub(due))
				})
			}
			if longest > row.most {
				t.Errorf("a cancellation came %v after the delay was over; want at most %v", longest, row.most)
			}
			t.Logf("at most %v late", longest)
		})
	}
}

// slow is an input whose Receive takes longer than it waits.
type slow struct {
	den.Subscriber
	extra time.Duration
}

func (q slow) Receive(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
	time.Sleep(q.extra / 2)
	b, err := q.Subscriber.Receive(ctx, most, wait)
	time.Sleep(q.extra / 2)
	return b, err
}

// The clock may jump, as it does when it is set or a virtual machine was
// suspended: everything seems overdue, and is not.
func TestClockJumpsForward(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var ahead atomic.Int64
		r := newRig(t, func(c *den.Config) {
			c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		})
		run := r.start()
		for i := range 50 {
			if i == 20 {
				ahead.Store(int64(2500 * time.Millisecond))
			}
			r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002)) // by the sender's clock
			time.Sleep(110 * time.Millisecond)
		}
		if s := r.Stats(); s.Created != 1 || s.Updated != 49 || s.Cancelled+s.Expired != 0 {
			t.Errorf("created %d, updated %d, cancelled %d, expired %d; want 1, 49, 0, 0", s.Created, s.Updated, s.Cancelled, s.Expired)
		}
		run.stop()
		r.wantGrowing()
	})
}

// A clock that was set back does not make what was heard before it seem recent.
func TestClockSetBackAndDeaf(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		var back atomic.Int64
		r := newRig(t, func(c *den.Config) {
			c.Now = func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }
		})
		in := &deaf{Queue: r.x.Queue}
		run := r.startOn(in)
		time.Sleep(time.Second)
		back.Store(int64(10 * time.Second))
		for i := range 20 {
			r.x.SendCollisions(dentest.Collisions(dentest.Now().Add(-10*time.Second), 1001, 1002))
			time.Sleep(300 * time.Millisecond)
			if i == 4 {
				in.after.Store(int64(3 * time.Second))
			}
		}
		if s := r.Stats(); s.Created != 1 || s.Updated != 19 || s.Cancelled+s.Expired != 0 {
			t.Errorf("created %d, updated %d, cancelled %d, expired %d; want 1, 19, 0, 0", s.Created, s.Updated, s.Cancelled, s.Expired)
		}
		run.stop()
	})
}

// stallingStore hangs in the check for records that are due, as everything does
// when the process stalls.
type stallingStore struct {
	*denstore.DenStore
	until atomic.Int64 // in nanoseconds of Unix time
}

func (s *stallingStore) Expired(now den.Timestamp, delay time.Duration, most int) []den.Record {
	time.Sleep(time.Until(time.Unix(0, s.until.Load())))
	return s.DenStore.Expired(now, delay, most)
}

// It is not enough to have listened until shortly before a stall: the update may
// have come behind that, in the last part of the delay.
func TestStallBeforeTheUpdate(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		store := &stallingStore{DenStore: denstore.New(denstore.AsSent)}
		r := newRig(t, func(c *den.Config) { c.Store = store })
		in := &deaf{Queue: r.x.Queue}
		run := r.startOn(in)
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		for range 2 { // so that we have listened until 550 ms after the update
			time.Sleep(300 * time.Millisecond)
			r.x.SendCollisions(dentest.Collisions(dentest.Now(), 8, 9))
		}
		time.Sleep(100 * time.Millisecond)
		in.after.Store(int64(3 * time.Second))
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 8, 9))
		synctest.Wait()
		store.until.Store(time.Now().Add(3 * time.Second).UnixNano())
		time.Sleep(100 * time.Millisecond)
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		time.Sleep(3500 * time.Millisecond)
		r.wantPublished("new 3000001/0", "new 3000001/1", "update 3000001/1", "update 3000001/1", "update 3000001/0")
		run.stop()
	})
}

// While nothing can be heard no event is cancelled. Those whose validity ends go
// silently, as always.
func TestDeafForLong(t *testing.T) {
	for _, row := range []struct {
		name  string
		start func(r *rig, in *deaf)
	}{
		{"hangs", func(_ *rig, in *deaf) { in.before.Store(int64(time.Minute)) }},
		{"fails", func(r *rig, _ *deaf) { r.x.FailReceive(1000000, errDown) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t)
				in := &deaf{Queue: r.x.Queue}
				row.start(r, in)
				run := r.startOn(in)
				r.collide(1001, 1002, 1003) // valid for 4 s
				time.Sleep(4 * time.Second)
				synctest.Wait()
				if n := r.Stats().Active; n != 2 {
					t.Errorf("%d events are open; want 2", n)
				}
				time.Sleep(300 * time.Millisecond)
				if s := r.Stats(); s.Expired != 2 || s.Active != 0 {
					t.Errorf("expired %d, active %d; want 2, 0", s.Expired, s.Active)
				}
				run.cancel()
				<-run.result
				r.wantPublished("new 3000001/0", "new 3000001/1")
			})
		})
	}
}

// A batch that is full may have left something behind: the update that a backlog
// holds is waited for, however many batches come before it.
func TestFullBatchMayHaveLeftSomething(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, batchesOf(2))
		in := &deaf{Queue: r.x.Queue}
		run := r.startOn(slow{in, 10 * time.Millisecond}) // between two batches there is time to clean up
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		time.Sleep(300 * time.Millisecond)
		in.after.Store(int64(1200 * time.Millisecond))
		time.Sleep(300 * time.Millisecond) // the Receive that is under way comes back empty and hangs
		r.sendPairs(20)
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		time.Sleep(1400 * time.Millisecond)
		if d := r.x.Published(); len(d) != 22 || told(d)[21] != "update 3000001/0" {
			t.Errorf("published %q; want 21 new events and an update of the first", told(d))
		}
		run.stop()
	})
}

// again is an input whose inputs come again, one by one.
type again struct{ *deaf }

func (q again) Receive(ctx context.Context, _ int, wait time.Duration) (den.Batch, error) {
	b, err := q.deaf.Receive(ctx, 1, wait)
	if b != nil {
		b.Inputs()[0].Attempt = 2
	}
	return b, err
}

// So may one with inputs that come again.
func TestWhatComesAgainMayHaveLeftSomething(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		in := &deaf{Queue: r.x.Queue}
		run := r.startOn(slow{again{in}, 10 * time.Millisecond})
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		time.Sleep(300 * time.Millisecond)
		in.after.Store(int64(1200 * time.Millisecond))
		time.Sleep(300 * time.Millisecond)
		r.sendPairs(20)
		r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 1002))
		time.Sleep(1500 * time.Millisecond)
		if d := r.x.Published(); len(d) != 22 || told(d)[21] != "update 3000001/0" {
			t.Errorf("published %q; want 21 new events and an update of the first", told(d))
		}
		run.stop()
	})
}

// While a backlog is handled, all batches are full and nothing is known of the
// present. But what is known to have got no update within its delay is cancelled.
func TestCancellationsInABacklog(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, batchesOf(2))
		run := r.startOn(slow{r.x.Queue, 100 * time.Millisecond}) // takes 20 inputs in a second
		r.collide(1001, 1002)
		r.sendPairs(20)
		cancelled := time.Duration(0)
		for begin := time.Now(); time.Since(begin) < 4*time.Second; time.Sleep(50 * time.Millisecond) {
			r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, 2000)) // 20 in a second
			if cancelled == 0 && r.Stats().Cancelled > 0 {
				cancelled = time.Since(begin)
			}
		}
		// The backlog is a second old.
		if cancelled < 1900*time.Millisecond || cancelled > 2300*time.Millisecond {
			t.Errorf("the event was cancelled after %v; want 2s, when all was handled that came within its delay", cancelled)
		}
		run.stop()
	})
}

// countedStore counts the checks for records that are due.
type countedStore struct {
	*denstore.DenStore
	checks atomic.Int64
}

func (s *countedStore) Expired(now den.Timestamp, delay time.Duration, most int) []den.Record {
	s.checks.Add(1)
	return s.DenStore.Expired(now, delay, most)
}

// A service that holds back cancellations until it has listened does not look all
// the time whether it has.
func TestHoldingBackIsNotBusy(t *testing.T) {
	for _, delay := range []time.Duration{20 * time.Millisecond, time.Second, 10 * time.Second} {
		t.Run(delay.String(), func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				store := &countedStore{DenStore: denstore.New(denstore.AsSent)}
				r := newRig(t, withDelay(delay), func(c *den.Config) { c.Store = store })
				in := &deaf{Queue: r.x.Queue}
				in.before.Store(int64(time.Minute))
				run := r.startOn(in)
				r.collide(1001, 1002)
				time.Sleep(delay + time.Millisecond)
				synctest.Wait()
				before := store.checks.Load()
				const held = 2 * time.Second // and still valid
				time.Sleep(held)
				synctest.Wait()
				wait := min(max(delay/4, 10*time.Millisecond), time.Second)
				if n := store.checks.Load() - before; n < 1 || n > int64(held/wait)+1 {
					t.Errorf("%d checks in %v; want one every %v at most", n, held, wait)
				}
				if n := r.Stats().Active; n != 1 {
					t.Errorf("%d events are open; want the one that is held", n)
				}
				run.cancel()
				<-run.result
			})
		})
	}
}
