package redisio_test

import (
	"testing"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
)

// The package keeps the contracts of den's plug points.
func TestConformance(t *testing.T) {
	for _, server := range servers {
		t.Run(server.name, func(t *testing.T) {
			dentest.TestTransport(t, func(t *testing.T) dentest.Harness {
				o, faults := server.start(t), new(faults)
				faults.attach(&o)
				client, server := open(t, o), openProbe(t, o)
				must(t, client.Setup(t.Context()))
				return dentest.Harness{
					Publisher:  client.Publisher(),
					Subscriber: client.Subscriber(),
					Send:       func(messages ...[]byte) { server.send("collisions", messages...) },
					Published:  func() []*den.DENM { return server.published("denms") },
					Pending:    func() int { return server.pending("collisions") },
					Rejected:   func() int { return len(server.entries("dead")) },
					Reopen: func() (den.Publisher, den.Subscriber) {
						next := open(t, o)
						return next.Publisher(), next.Subscriber()
					},
					Depose: func() {
						server.do("SET", "collisions:producer:owner", "1000000:token:another")
						server.do("DEL", "collisions:producer:lease")
					},
					LoseReply: func() { faults.onCommits(fate{loseReply: true}) },
				}
			})
		})
	}
}
