package den_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// running is a Run that was started by a test.
type running struct {
	r      *rig
	cancel context.CancelFunc
	result chan error
}

// start runs the service on the rig's input, until stop is called.
func (r *rig) start() *running { return r.startOn(r.x) }

func (r *rig) startOn(sub den.Subscriber) *running {
	ctx, cancel := context.WithCancel(r.t.Context())
	run := &running{r, cancel, make(chan error, 1)}
	go func() { run.result <- r.Run(ctx, sub) }()
	synctest.Wait()
	return run
}

// stop ends Run and returns its error, which must tell that all is drained.
func (run *running) stop() {
	run.r.t.Helper()
	run.cancel()
	if drained := run.interrupted(); !drained {
		run.r.t.Error("Run returned before it had finished the batches in hand")
	}
}

// interrupted waits until Run returns because its context has ended, and returns
// whether all batches were finished.
func (run *running) interrupted() (drained bool) {
	run.r.t.Helper()
	err := <-run.result
	wantError(run.r.t, err, context.Canceled)
	var interrupt *den.InterruptError
	if !errors.As(err, &interrupt) {
		run.r.t.Fatalf("Run returned %v; want an InterruptError", err)
	}
	for _, a := range interrupt.Attrs {
		if a.Key == "drained" {
			return a.Value.Bool()
		}
	}
	run.r.t.Fatalf("%v does not tell whether all is drained", interrupt.Attrs)
	return false
}

// wantSettled checks that every input is acknowledged.
func (r *rig) wantSettled() {
	r.t.Helper()
	if n := r.x.Pending(); n != 0 {
		r.t.Errorf("%d inputs are not acknowledged", n)
	}
}

// sendPairs puts n arrays with one pair each on the input, all at once.
func (r *rig) sendPairs(n int) {
	var messages [][]byte
	for i := range n {
		messages = append(messages, dentest.Event(dentest.Collisions(dentest.Now(), 1001, den.StationID(2000+i)), nil))
	}
	r.x.Send(messages...)
}

// batchesOf makes Run take n inputs at once.
func batchesOf(n int) func(*den.Config) { return func(c *den.Config) { c.BatchSize = n } }

func TestRunToTheEndOfInput(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		const n = 300 // more than two batches
		r.sendPairs(n)
		r.x.End()
		if err := r.Run(t.Context(), r.x); err != nil {
			t.Fatal(err)
		}
		r.wantSettled()
		for i, d := range r.x.Published() {
			if got := d.Management.ActionID.SequenceNumber; int(got) != i {
				t.Fatalf("DENM %d has the sequence number %d: not in the order of the input", i, got)
			}
		}
		if got := len(r.x.Published()); got != n {
			t.Errorf("%d DENMs were published; want %d", got, n)
		}
	})
}

// Every commit loses its reply once or twice, and still every input has its
// DENM exactly once.
func TestRunExactlyOnce(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, batchesOf(10))
		const n = 100
		r.sendPairs(n)
		run := r.start()
		for i := range 20 {
			r.x.LoseReplies(i % 3)
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
		run.stop()
		r.wantSettled()
		r.wantGrowing()
		if got := len(r.x.Published()); got != n {
			t.Errorf("%d DENMs were published; want %d", got, n)
		}
	})
}

func TestRunExactlyOnceThroughManyLostReplies(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, batchesOf(10))
		const n = 100
		r.sendPairs(n)
		r.x.LoseReplies(5)
		r.x.End()
		if err := r.Run(t.Context(), r.x); err != nil {
			t.Fatal(err)
		}
		r.wantSettled()
		if got, errs := len(r.x.Published()), r.Stats().PublishErrors; got != n || errs != 5 {
			t.Errorf("%d DENMs were published, %d errors; want %d, 5", got, errs, n)
		}
	})
}

// ackFails is a Queue whose first acknowledgements fail.
type ackFails struct {
	*dentest.Queue
	failures *int
}

type ackFailsBatch struct {
	den.Batch
	failures *int
}

func (q ackFails) Receive(ctx context.Context, most int, wait time.Duration) (den.Batch, error) {
	b, err := q.Queue.Receive(ctx, most, wait)
	if b == nil {
		return nil, err
	}
	return ackFailsBatch{b, q.failures}, err
}

func (b ackFailsBatch) Ack(ctx context.Context) error {
	if *b.failures > 0 {
		*b.failures--
		return errDown
	}
	return b.Batch.Ack(ctx)
}

// In two steps, a failed Publish is repeated, which may publish twice, but a
// failed Ack repeats the Ack alone.
func TestRunInTwoSteps(t *testing.T) {
	for _, row := range []struct {
		name string
		fail func(x *dentest.Transport) (acks int)
		want int // copies of each DENM
		errs uint64
	}{
		{"ack_fails", func(*dentest.Transport) int { return 3 }, 1, 3},
		{"publish_fails", func(x *dentest.Transport) int { x.FailPublish(2, errDown); return 0 }, 1, 2},
		{"reply_lost", func(x *dentest.Transport) int { x.LoseReplies(2); return 1 }, 3, 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			dentest.Bubble(t, func(t *testing.T) {
				r := newRig(t, inTwoSteps)
				r.sendPairs(5)
				r.x.End()
				acks := row.fail(r.x)
				if err := r.Run(t.Context(), ackFails{r.x.Queue, &acks}); err != nil {
					t.Fatal(err)
				}
				r.wantSettled()
				copies := make(map[*den.DENM]int)
				for _, d := range r.x.Published() {
					copies[d]++
				}
				if len(copies) != 5 {
					t.Errorf("%d different DENMs were published; want 5", len(copies))
				}
				for d, n := range copies {
					if n != row.want {
						t.Errorf("%v was published %d times; want %d", d.Management.ActionID, n, row.want)
					}
				}
				if s := r.Stats(); s.Updated != 0 || s.PublishErrors != row.errs {
					t.Errorf("updated %d, publish errors %d; want 0, %d", s.Updated, s.PublishErrors, row.errs)
				}
			})
		})
	}
}

// Poison is counted, kept aside by the transport, and holds up nothing.
func TestRunWithPoison(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		good := dentest.Event(dentest.Collisions(dentest.Now(), 1001, 1002), nil)
		r.x.Send([]byte("{"), good, []byte(`{"managementContainer":7}`), good, nil)
		r.x.End()
		if err := r.Run(t.Context(), r.x); err != nil {
			t.Fatal(err)
		}
		r.wantPublished("new 3000001/0", "update 3000001/0")
		r.wantSettled()
		if s := r.Stats(); s.Rejected != 3 || s.Arrays != 2 || len(r.x.Rejected()) != 3 {
			t.Errorf("rejected %d, kept %d, arrays %d; want 3, 3, 2", s.Rejected, len(r.x.Rejected()), s.Arrays)
		}
	})
}

func TestErrRunning(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t)
		for range 2 { // it can run again after it has returned
			run := r.start()
			wantError(t, r.Run(t.Context(), r.x), den.ErrRunning)
			run.stop()
		}
	})
}

// Direct calls and the input mix while Run works.
func TestRunWithDirectCalls(t *testing.T) {
	dentest.Bubble(t, func(t *testing.T) {
		r := newRig(t, batchesOf(3))
		run := r.start()
		var callers sync.WaitGroup
		for caller := range 4 {
			callers.Go(func() {
				for range 25 {
					r.collide(1001, den.StationID(3000+caller))
					r.x.SendCollisions(dentest.Collisions(dentest.Now(), 1001, den.StationID(3000+caller)))
					time.Sleep(time.Duration(caller) * time.Millisecond)
				}
			})
		}
		callers.Wait()
		time.Sleep(3 * time.Second)
		run.stop()
		r.wantSettled()
		r.wantGrowing()
		if s := r.Stats(); s.Created+s.Updated != 200 || s.Cancelled != 4 || s.Active != 0 {
			t.Errorf("created and updated %d, cancelled %d, active %d; want 200, 4, 0", s.Created+s.Updated, s.Cancelled, s.Active)
		}
	})
}

// InterruptError and PairError read well in a log.
func TestErrorTexts(t *testing.T) {
	interrupt := &den.InterruptError{Op: "run", Cause: context.Canceled}
	for want, got := range map[string]error{
		"den: run interrupted: context canceled": interrupt,
		"den: prediction is older than the record's (pair 1001:0-1002:0)": &den.PairError{
			Pair: den.Key{ReferenceStation: 1001, TargetStation: 1002}, Err: den.ErrStale,
		},
	} {
		if fmt.Sprint(got) != want {
			t.Errorf("the text is %q; want %q", got, want)
		}
	}
}
