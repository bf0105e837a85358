package redisio

import (
	"errors"
	"testing"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// rueidis says the same of a connection that it gives up, because another server
// has become the master, and of a client that is closed. Only the latter is final.
func TestSwitchedOrClosed(t *testing.T) {
	o := Options{Address: "127.0.0.1:1"}.withDefaults()
	c := newConnection(o, "writer")
	told := func() error {
		return wrap("commit", c.checked(rueidis.NewErrorResult(rueidis.ErrClosing)).Error())
	}
	if err := told(); errors.Is(err, den.ErrPermanent) || !errors.Is(err, errSwitched) {
		t.Errorf("while the client is open: %v", err)
	}
	c.close()
	if err := told(); !errors.Is(err, den.ErrPermanent) {
		t.Errorf("after Close: %v", err)
	}
}
