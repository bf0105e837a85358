package redisio_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// startSilent starts a server that accepts connections and never answers.
func startSilent(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}

// setUps are the ways to say where the servers are, here at one address.
var setUps = map[string]func(o *redisio.Options, address string){
	"standalone": func(o *redisio.Options, address string) { o.Address = address },
	"sentinel": func(o *redisio.Options, address string) {
		o.Address, o.Sentinel = "", redisio.Sentinel{Addresses: []string{address}, MasterSet: "main"}
	},
	"cluster": func(o *redisio.Options, address string) {
		o.Address, o.Cluster = "", []string{address}
		o.Inputs = []redisio.InputStream{{Stream: "{north}collisions", Group: "producer"}}
		o.Outputs[0].Stream, o.DeadLetter.Stream = "{north}denms", "{north}dead"
	},
}

// A call does not wait longer than its context for a server that accepts
// connections and never answers; Open does not wait at all, and Close ends what
// is under way.
func TestConnectingIsBounded(t *testing.T) {
	silent := startSilent(t)
	for name, setUp := range setUps {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			o := options("")
			o.ConnectTimeout, o.Timeout = time.Minute, time.Minute
			setUp(&o, silent)
			began := time.Now()
			client, err := redisio.Open(o)
			must(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			wantTransient(t, client.Setup(ctx), "context deadline exceeded")
			waiting := make(chan error, 1)
			go func() { waiting <- client.Publisher().Publish(context.Background(), warnings(1, 1)) }()
			time.Sleep(20 * time.Millisecond) // for it to wait, though it need not
			client.Close()
			if err := <-waiting; err == nil {
				t.Error("a call that waited for the server succeeded")
			}
			if err := client.Setup(t.Context()); !errors.Is(err, den.ErrPermanent) {
				t.Errorf("Setup of a closed client returned %v; want ErrPermanent", err)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			goleak.VerifyNone(t, append(sleeping, before)...)
		})
	}
}

// Close ends a connection in the making, too.
func TestCloseEndsDialling(t *testing.T) {
	before := goleak.IgnoreCurrent()
	o, dialling := options("127.0.0.1:1"), make(chan bool, 1)
	o.ConnectTimeout, o.Timeout = time.Minute, time.Minute
	o.Dial = func(ctx context.Context, _ string) (net.Conn, error) {
		dialling <- true
		<-ctx.Done()
		return nil, ctx.Err()
	}
	client, err := redisio.Open(o)
	must(t, err)
	failed := make(chan error, 1)
	go func() { failed <- client.Setup(context.Background()) }()
	<-dialling
	client.Close()
	if err := <-failed; err == nil {
		t.Error("Setup succeeded")
	}
	goleak.VerifyNone(t, before)
}

// What is nowhere to be found is looked for again and again.
func TestConnectionRefused(t *testing.T) {
	for name, setUp := range setUps {
		t.Run(name, func(t *testing.T) {
			o := options("")
			setUp(&o, "127.0.0.1:1")
			client := open(t, o)
			for range 3 {
				wantTransient(t, client.Setup(t.Context()), "connection refused")
			}
		})
	}
}

// Sentinels have credentials of their own, and what they refuse is told without
// them.
func TestSentinelErrors(t *testing.T) {
	servers := startReplicated(t)
	good := servers.options
	must(t, open(t, good).Setup(t.Context()))

	unknown := good
	unknown.Sentinel.MasterSet = "other"
	wantTransient(t, open(t, unknown).Setup(t.Context()), "the sentinels do not know Sentinel.MasterSet")

	_, err := servers.sentinel.Command("ACL SETUSER default resetpass >" + password)
	must(t, err)
	missing := open(t, good).Setup(t.Context())
	wrong := good
	wrong.Sentinel.Password = password + "x"
	refused := open(t, wrong).Setup(t.Context())
	for want, err := range map[string]error{"the server wants a password": missing, "username or password are wrong": refused} {
		if !errors.Is(err, den.ErrPermanent) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want ErrPermanent and %q", err, want)
		}
		wantNoSecret(t, err.Error())
	}
	good.Sentinel.Password = password
	must(t, open(t, good).Setup(t.Context()))
}

// Several addresses are tried until one answers.
func TestOneOfTheSentinelsIsEnough(t *testing.T) {
	o := startReplicated(t).options
	o.Sentinel.Addresses = append([]string{"127.0.0.1:1", startSilent(t)}, o.Sentinel.Addresses...)
	o.ConnectTimeout, o.Timeout = 200*time.Millisecond, 200*time.Millisecond
	client := open(t, o)
	eventually(t, "the client has found the master", func() bool { return client.Setup(t.Context()) == nil })
}

// The connections to the sentinels have a TLS of their own. What answers here is
// no sentinel, and says so over TLS.
func TestSentinelTLS(t *testing.T) {
	certificates := redistest.MakeCertificates(t)
	o := options("")
	o.Sentinel = redisio.Sentinel{Addresses: []string{redistest.StartTLS(t, certificates).Addr}, MasterSet: "main"}
	wantTransient(t, open(t, o).Setup(t.Context()), "connection reset by peer", "EOF", "broken pipe")
	o.TLS = certificates.Client
	wantTransient(t, open(t, o).Setup(t.Context()), "connection reset by peer", "EOF", "broken pipe")
	o.TLS, o.Sentinel.TLS = nil, certificates.Client
	if err := open(t, o).Setup(t.Context()); !isPermanent(err) || !strings.Contains(err.Error(), "unknown command 'SENTINEL'") {
		t.Errorf("got %v; want that the command is unknown", err)
	}
}
