package redisio_test

import (
	"net"
	"slices"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// A repetition whose call is held up on its way until there is a newer version, or the
// event has ended, writes nothing any more. Another repetition does.
func TestRepetitionHeldUp(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		oneInput(&o)
		faults := new(faults)
		faults.attach(&o)
		server, client := openProbe(t, o), open(t, o)
		d := warnings(1, 1)[0]
		update := *d
		update.Management.ReferenceTime++
		commit := func(d *den.DENM, repetition den.Timestamp) error {
			return client.Publisher().Commit(t.Context(), nil, []den.Output{{DENM: d, Repetition: repetition}})
		}
		must(t, commit(d, 0))
		must(t, commit(d, 100))
		faults.onCommits(fate{loseCall: true})
		if commit(d, 200) == nil {
			t.Fatal("a commit succeeded although the connection was lost")
		}
		late := faults.lastLost()
		must(t, commit(d, 200)) // it is tried again
		faults.onCommits(fate{loseCall: true})
		if commit(d, 300) == nil {
			t.Fatal("a commit succeeded although the connection was lost")
		}
		later := faults.lastLost()
		must(t, commit(&update, 0))
		arrive(t, o.Address, late)
		arrive(t, o.Address, later)
		must(t, commit(&update, 400))
		var got []den.Timestamp
		for _, p := range server.published("denms") {
			got = append(got, p.Management.ReferenceTime-d.Management.ReferenceTime)
		}
		if want := []den.Timestamp{0, 0, 0, 1, 1}; !slices.Equal(got, want) {
			t.Errorf("published the versions %v; want %v", got, want)
		}
	})
}

// arrive sends what was lost to the server, and waits for the answer.
func arrive(t *testing.T, address string, call []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	must(t, err)
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = conn.Write(call)
	must(t, err)
	answer := make([]byte, 1000)
	n, err := conn.Read(answer)
	must(t, err)
	if n == 0 || answer[0] != '*' {
		t.Fatalf("the call that was held up is answered with %q", answer[:n])
	}
}
