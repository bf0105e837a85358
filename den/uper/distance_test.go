package uper

import (
	"testing"

	"github.com/step-its/producer/den"
)

func TestDistances(t *testing.T) {
	for _, c := range []struct {
		meters uint32
		class  uint8
		back   uint32
	}{
		{0, 0, 49},
		{49, 0, 49},
		{50, 1, 99},
		{99, 1, 99},
		{100, 2, 199},
		{199, 2, 199},
		{200, 3, 499},
		{500, 4, 999},
		{1000, 5, 4999},
		{4999, 5, 4999},
		{5000, 6, 9999},
		{9999, 6, 9999},
		{10000, 7, 10000},
		{4294967295, 7, 10000},
	} {
		class := distanceClass(den.Some(c.meters))
		if class != den.Some(c.class) || distanceOf(class) != den.Some(c.back) {
			t.Errorf("%d m is of class %v and comes back as %v", c.meters, class, distanceOf(class))
		}
	}
	if distanceClass(den.Optional[uint32]{}).Valid || distanceOf(den.Optional[uint8]{}).Valid {
		t.Error("there is a distance where there was none")
	}
}
