package redisio_test

import (
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio"
)

// A DENM belongs to the trace of the prediction that it was made from.
func TestTraceIsCarriedOn(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		server := openProbe(t, o)
		const parent, state = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "step=1"
		for i, trace := range []string{parent, ""} {
			e := den.Event{Source: "crash_prediction", Collisions: dentest.Collisions(dentest.Now(), 1001, den.StationID(1002+i))}
			if e.TraceParent = trace; trace != "" {
				e.TraceState = state
			}
			server.send("collisions", e.AppendJSON(nil))
		}
		s := run(t, open(t, o), func(c *den.Config) { c.LastUpdateMaxDelay = 500 * time.Millisecond })
		eventually(t, "both events are cancelled", func() bool { return len(server.entries("denms")) == 4 })
		_ = s.stop()
		for i, e := range server.entries("denms") {
			event, err := den.ParseEvent([]byte(e.FieldValues["message"]))
			must(t, err)
			wantParent, wantState := "", "" // cancellations have no cause that could be told
			if i == 0 {
				wantParent, wantState = parent, state
			}
			want(t, "traceparent", event.TraceParent, wantParent)
			want(t, "tracestate", event.TraceState, wantState)
		}
	})
}
