package den_test

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

// Hooks feed what the service does into anything: here a line of slog for each DENM, with
// the trace of the prediction that it was made from. For OpenTelemetry start a span there,
// with the trace of the input as its parent.
func ExampleHooks() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: timeless}))
	transport := dentest.NewTransport()
	service, err := den.New(den.Config{
		StationID: 3000001,
		Store:     denstore.New(denstore.AsSent),
		Publisher: transport,
		Hooks: den.Hooks{
			Settled: func(s den.Settled) {
				for _, o := range s.Outputs {
					trace := ""
					if len(s.Inputs) > 0 {
						trace = s.Inputs[o.Input].Event.TraceParent
					}
					log.Info("published", "action", o.DENM.Management.ActionID.String(), "trace", trace)
				}
			},
			Rejected: func(in *den.Input, reason error) {
				log.Warn("rejected", "input", in.ID, "error", reason)
			},
		},
	})
	if err != nil {
		panic(err)
	}
	event := den.Event{
		Source:      "crash_prediction",
		TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		Collisions:  dentest.Collisions(dentest.Now(), 1001, 1002),
	}
	transport.Send(event.AppendJSON(nil), []byte(`{"data":`))
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	_ = service.Run(ctx, transport)

	// Output:
	// level=WARN msg=rejected input=2 error.field=data error.problem="invalid JSON at byte 8: the text ends too early"
	// level=INFO msg=published action=3000001/0 trace=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
}

func timeless(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
