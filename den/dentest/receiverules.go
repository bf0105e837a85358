package dentest

import (
	"slices"
	"time"
)

// receiveRules is the contract of a Receive that finds nothing, or not enough.
var receiveRules = []transportRule{
	{
		name: "wait",
		why: "Receive waits for inputs as long as it is asked to: until it returns a service cannot know whether " +
			"nobody sends or nothing arrives, so a longer wait makes cancellations late; and with none at all the " +
			"service never rests",
		check: func(x *transportTest) {
			const wait = 60 * time.Millisecond
			var took []time.Duration
			for range 9 {
				start := time.Now()
				x.receiveNothingFor(wait)
				took = append(took, time.Since(start))
			}
			slices.Sort(took) // the first one may be short, and a busy machine may make others long
			if median := took[len(took)/2]; median < wait/2 || median > wait+400*time.Millisecond {
				x.Errorf("Receive on an empty input, asked to wait %v, took %v; want about that", wait, took)
			}
		},
	},
	{
		name: "no_time_to_wait",
		why: "nothing received says that nothing was waiting, and a service that is told so cancels events for which " +
			"it saw no update; so a Receive looks once however short its time is, or over when it begins",
		check: func(x *transportTest) {
			for range 3 {
				x.receiveNothingFor(0)
				x.send(2)
				x.wantReceivedWithin(0, 20, 2)
			}
		},
	},
	{
		name: "short_batch",
		why: "fewer inputs than were asked for say that no other one was waiting, and a service that is told so " +
			"cancels events for which it saw no update: the update could be what was left behind",
		check: func(x *transportTest) {
			x.send(7)
			x.wantReceived(3, 3)
			x.wantReceived(3, 3)
			x.wantReceived(3, 1)
			x.reopen() // and nothing is settled
			x.send(2)
			x.wantReceived(20, 9)
		},
	},
	{
		name: "short_batch_released",
		why: "what was given back waits like everything else, together with what is new: a batch that holds the " +
			"one and not the other seems to be all there is",
		check: func(x *transportTest) {
			x.send(3)
			x.receive(3).release()
			x.send(2)
			x.wantReceived(20, 5)
		},
	},
}

// wantReceived fails unless one Receive returns exactly want inputs.
func (x *transportTest) wantReceived(most, want int) {
	x.Helper()
	x.wantReceivedWithin(time.Second, most, want)
}

func (x *transportTest) wantReceivedWithin(wait time.Duration, most, want int) {
	x.Helper()
	batch, err := x.Subscriber.Receive(x.ctx, most, wait)
	if err != nil {
		x.Fatalf("Receive: %v", err)
	}
	got := 0
	if batch != nil {
		got = len(batch.Inputs())
	}
	if got != want {
		x.Fatalf("Receive of at most %d returned %d inputs; want %d", most, got, want)
	}
}
