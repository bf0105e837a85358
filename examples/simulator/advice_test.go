package main

import (
	"testing"
	"time"

	"github.com/step-its/producer/den"
)

func TestAdvise(t *testing.T) {
	const made den.Timestamp = 1772442914000
	denm := func(ttc uint16, end den.Optional[den.Termination]) *den.DENM {
		return &den.DENM{
			Management: den.Management{
				DetectionTime: made, ReferenceTime: made, Termination: end, ValidityDuration: den.Some[uint32](6),
			},
			PreCrash: den.Some(den.PreCrash{TimeToCollision: den.Some(ttc)}),
		}
	}
	going := den.Optional[den.Termination]{}
	noTime := denm(1, going)
	noTime.PreCrash = den.Optional[den.PreCrash]{}
	for name, c := range map[string]struct {
		denm  *den.DENM
		after time.Duration
		want  advice
	}{
		"far":            {denm(2900, going), 0, warn},
		"near":           {denm(1900, going), 0, slowDown},
		"now":            {denm(900, going), 0, brake},
		"far_when_made":  {denm(2900, going), 2 * time.Second, brake},
		"past":           {denm(900, going), 5 * time.Second, brake},
		"validity_over":  {denm(900, going), 6001 * time.Millisecond, ignore},
		"no_collision":   {noTime, 0, ignore},
		"cancelled":      {denm(900, den.Some(den.IsCancellation)), 0, goOn},
		"negated_by_one": {denm(900, den.Some(den.IsNegation)), 0, goOn},
	} {
		t.Run(name, func(t *testing.T) {
			if got := advise(c.denm, made.Add(c.after)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
