package den_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

// Every error of this package logs as a group, and says in it what its text says.
func TestErrorsLogAsGroups(t *testing.T) {
	_, notJSON := den.ParseEvent([]byte("{"))
	_, noConfig := den.New(den.Config{})
	_, noTime := den.TimestampFromITS(1 << 63)
	var noCode den.CauseCode
	var none []*den.DENM
	s, err := den.New(den.Config{
		Store:     denstore.New(denstore.AsSent),
		Publisher: den.PublisherFunc(func(_ context.Context, denms []*den.DENM) error { none = denms; return nil }),
	})
	if err != nil {
		t.Fatal(err)
	}
	tooLate := s.HandleCollisions(t.Context(), dentest.Collisions(dentest.Now().Add(-time.Hour), 1001, 1002, 1003))
	if !errors.Is(tooLate, den.ErrTooLate) || len(none) > 0 {
		t.Errorf("got %v and %d DENMs", tooLate, len(none))
	}
	for _, test := range []struct {
		err  error
		want string
	}{
		{den.ErrStale, "[reason=den: prediction is older than the record's]"},
		{den.ErrSequenceExhausted, "[reason=den: all 65536 sequence numbers are in use]"},
		{den.ErrTooLate, "[reason=den: the warning's validity is over]"},
		{den.ErrFuture, "[reason=den: the detection time lies in the future]"},
		{den.ErrNotNegation, "[reason=den: the DENM is not a negation]"},
		{den.ErrOwnMessage, "[reason=den: the DENM is our own message]"},
		{den.ErrUnknownAction, "[reason=den: no open event has this action id]"},
		{den.ErrOutdated, "[reason=den: the DENM is older than the record]"},
		{den.ErrRepetition, "[reason=den: the DENM is a repetition]"},
		{den.ErrNotOriginator, "[reason=den: only the originating station can open, update or cancel its event]"},
		{den.ErrReceivedFull, "[reason=den: the table of received DENMs is full]"},
		{den.ErrRunning, "[reason=den: the service is running already]"},
		{den.ErrShutdownTimeout, "[reason=den: the work in hand was not finished within ShutdownTimeout]"},
		{den.ErrPermanent, "[reason=permanent failure]"},
		{den.ErrEndOfInput, "[reason=den: end of input]"},
		{den.ErrInputLost, "[reason=input lost]"},
		{den.ErrFenced, "[reason=den: another owner has taken over]"},
		{notJSON, "[problem=invalid JSON at byte 1: the text ends too early]"},
		{noConfig, "[problems=[den: Config.Store is missing den: Config.Publisher is missing]]"},
		{noTime, "[problem=den: TimestampIts must be 0..4398046511103 but is 9223372036854775808]"},
		{noCode.UnmarshalText([]byte("x")), `[problem=den: must be a cause code such as humanPresenceOnTheRoad but is "x"]`},
		{&den.PairError{Err: den.ErrStale}, "[reason=den: prediction is older than the record's pair=0:0-0:0]"},
		{tooLate, "[reason=den: the warning's validity is over pair=1001:0-1002:0 more=1]"},
		{&den.InterruptError{Op: "run", Cause: den.ErrFenced}, "[op=run cause=[reason=den: another owner has taken over]]"},
		{&den.InterruptError{Op: "run", Cause: errors.New("signal")}, "[op=run cause=signal]"},
	} {
		value := resolved(slog.AnyValue(test.err))
		if value.Kind() != slog.KindGroup || value.String() != test.want {
			t.Errorf("%q logs as %v; want %s", test.err, value, test.want)
		}
	}
}

// resolved resolves what is in a group, as handlers do.
func resolved(v slog.Value) slog.Value {
	v = v.Resolve()
	if v.Kind() != slog.KindGroup {
		return v
	}
	var attrs []slog.Attr
	for _, a := range v.Group() {
		attrs = append(attrs, slog.Attr{Key: a.Key, Value: resolved(a.Value)})
	}
	return slog.GroupValue(attrs...)
}
