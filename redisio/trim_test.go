package redisio_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/redisio"
)

// nodeLength is how many entries the server may keep beyond a bound: it trims
// whole nodes.
const nodeLength = 100

// Output streams are trimmed by length, by age, or by both.
func TestOutputTrimmed(t *testing.T) {
	tests := []struct {
		name        string
		output      redisio.OutputStream
		least, most int // entries left of 1000 old ones and 10 new ones
	}{
		{"not", redisio.OutputStream{}, 1010, 1010},
		{"length", redisio.OutputStream{MaxLength: 500}, 500, 500 + nodeLength},
		{"age", redisio.OutputStream{MaxAge: time.Hour}, 10, 10 + nodeLength},
		{"both", redisio.OutputStream{MaxLength: 500, MaxAge: time.Hour}, 10, 10 + nodeLength},
		{"both_long_ago", redisio.OutputStream{MaxLength: 500, MaxAge: 3 * time.Hour}, 500, 500 + nodeLength},
		{"neither", redisio.OutputStream{MaxLength: 5000, MaxAge: 3 * time.Hour}, 1010, 1010},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, o redisio.Options) {
				o.Outputs[0] = test.output
				o.Outputs[0].Stream = "denms"
				server, client := openProbe(t, o), open(t, o)
				addOld(server, 1000)

				// What writes nothing trims nothing.
				server.send("collisions", arrays(1, 2)...)
				ackAll(t, receive(t, client.Subscriber(), 2)...)
				must(t, client.Publisher().Commit(t.Context(), nil, nil))
				want(t, "entries before", server.number("XLEN", "denms"), 1000)

				must(t, client.Publisher().Publish(t.Context(), warnings(1, 10)))
				n := server.number("XLEN", "denms")
				if n < test.least || n > test.most {
					t.Errorf("%d entries are left; want %d to %d", n, test.least, test.most)
				}
				for _, e := range server.entries("denms")[n-10:] {
					if e.FieldValues["message"] == oldMessage {
						t.Errorf("the entry %s is an old one", e.ID)
					}
				}
			})
		})
	}
}

const oldMessage = "an old one"

// addOld adds n entries of two hours ago.
func addOld(server probe, n int) {
	old := dentest.Now().Add(-2 * time.Hour)
	for i := range den.Timestamp(n) {
		server.do("XADD", "denms", fmt.Sprint(int64(old+i), "-0"), "message", oldMessage)
	}
}
