package redistest_test

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/redisio/redistest"
)

// command sends a command and returns the answer, whatever it is.
func command(t *testing.T, server *redistest.Server, words string) string {
	t.Helper()
	answer, err := server.Command(words)
	if err != nil {
		return err.Error()
	}
	return answer
}

// await waits until the answer to a command contains a text.
func await(t *testing.T, server *redistest.Server, words, text string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		answer := command(t, server, words)
		if strings.Contains(answer, text) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still answered %q; want %q in it", words, answer, text)
		}
	}
}

func TestCommandAnswers(t *testing.T) {
	server := redistest.Start(t)
	for _, test := range []struct{ words, want string }{
		{"SET k value", "OK"},
		{"GET k", "value"},
		{"GET nothing", ""},
		{"STRLEN k", "5"},
		{"INCR k", "ERR value is not an integer or out of range"},
	} {
		if got := command(t, server, test.words); got != test.want {
			t.Errorf("%s is answered %q; want %q", test.words, got, test.want)
		}
	}
}

func TestTLSServer(t *testing.T) {
	certificates := redistest.MakeCertificates(t)
	server := redistest.StartTLS(t, certificates)
	if got := command(t, server, "PING"); got != "PONG" {
		t.Errorf("the answer is %q", got)
	}
	server.Restart(t)
	named := certificates.Client.Clone()
	named.ServerName = "redis.test"
	stranger := redistest.MakeCertificates(t)
	withoutCertificate := certificates.Client.Clone()
	withoutCertificate.Certificates = nil
	for _, test := range []struct {
		name   string
		config *tls.Config
		works  bool
	}{
		{"by address", certificates.Client, true},
		{"by name", named, true},
		{"no certificate", withoutCertificate, false},
		{"other authority", stranger.Client, false},
	} {
		conn, err := tls.Dial("tcp", server.Addr, test.config)
		if err == nil {
			defer conn.Close()
			_, _ = conn.Write([]byte("PING\r\n"))
			_, err = conn.Read(make([]byte, 10)) // only this tells that the server does not want us
		}
		if (err == nil) != test.works {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestReplicaFollows(t *testing.T) {
	master := redistest.Start(t)
	wantAnswer(t, master, "SET k v", "+OK")
	replica := redistest.StartReplica(t, master)
	await(t, replica, "GET k", "v")
	if got := command(t, replica, "SET k v"); !strings.HasPrefix(got, "READONLY") {
		t.Errorf("a replica answers %q to a write", got)
	}
}

func TestSentinelMakesTheReplicaMaster(t *testing.T) {
	master := redistest.Start(t)
	replica := redistest.StartReplica(t, master)
	redistest.StartSentinel(t, "main", master, 1)
	master.Kill()
	await(t, replica, "SET k v", "OK")
}

func TestCluster(t *testing.T) {
	nodes := redistest.StartCluster(t)
	// Slots: {b} 3300, {c} 7365, {a} 15495.
	for i, key := range []string{"{b}k", "{c}k", "{a}k"} {
		for j, node := range nodes {
			got := command(t, node, "SET "+key+" v")
			if want := map[bool]string{true: "OK", false: "MOVED"}[i == j]; !strings.HasPrefix(got, want) {
				t.Errorf("node %d answers %q to SET %s; want %s", j, got, key, want)
			}
		}
	}
	nodes[1].Restart(t)
	await(t, nodes[0], "CLUSTER INFO", "cluster_state:ok")
	await(t, nodes[1], "GET {c}k", "v")
}
