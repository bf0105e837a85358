package denstore_test

import (
	"testing"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/denstore"
)

func TestStoreContract(t *testing.T) {
	for _, order := range []denstore.PairOrder{denstore.AsSent, denstore.Canonical} {
		t.Run(order.String(), func(t *testing.T) {
			dentest.TestStore(t, func() den.Store { return denstore.New(order) })
		})
	}
}
