package redisio_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// The rights that the documentation names are enough for everything.
func TestLeastRights(t *testing.T) {
	o := startRedis(t)
	o.DB = 1
	server := openProbe(t, o)
	server.do(
		"ACL", "SETUSER", "den", "on", ">"+password, "resetkeys",
		"~collisions", "~negations", "~denms", "~dead", "~denms:commits",
		"nocommands", "+xreadgroup", "+xack", "+xadd", "+xpending", "+xtrim", "+xgroup|create", "+eval", "+evalsha",
		"+type", "+ping", "+select", "+zscore", "+zrevrange", "+zadd", "+zremrangebyrank",
	)
	server.send("collisions", mixed()...)
	o.Username, o.Password = "den", password
	o.Outputs[0].MaxLength, o.Outputs[0].MaxAge = 1000, time.Hour
	o.DeadLetter.MaxLength = 1000
	wantAllToWork(t, o)
}

// A right that is missing is found before anything is written, and trying again
// is of no use.
func TestMissingRightWritesNothing(t *testing.T) {
	o := startRedis(t)
	server := openProbe(t, o)
	for _, right := range []string{"xadd", "xack", "zadd", "zremrangebyrank", "xpending"} {
		t.Run(right, func(t *testing.T) {
			server.do("FLUSHALL")
			server.do("ACL", "SETUSER", "den", "reset", "on", ">"+password, "~*", "+@all", "-"+right)
			server.send("collisions", arrays(1, 1)...)
			o := o
			o.Username, o.Password = "den", password
			client := open(t, o)
			batch := receiveBatch(t, client.Subscriber(), 2)
			err := client.Publisher().Commit(t.Context(), batch, answers(batch, 1))
			alone := client.Publisher().Publish(t.Context(), warnings(7, 1))
			if right[0] == 'x' && !errors.Is(err, den.ErrPermanent) {
				t.Errorf("without %s, Commit returned %v", right, err)
			}
			if right[0] == 'z' && !errors.Is(alone, den.ErrPermanent) {
				t.Errorf("without %s, Publish returned %v", right, alone)
			}
			written := 0
			if err == nil {
				written++
			}
			if alone == nil {
				written++
			}
			want(t, "DENMs", server.number("XLEN", "denms"), written)
		})
	}
}

// Options.Dial gives the connections TLS.
func TestTLS(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	server, err := miniredis.RunTLS(&tls.Config{Certificates: web.TLS.Certificates})
	must(t, err)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	dialer := &tls.Dialer{Config: &tls.Config{RootCAs: roots}}

	for _, message := range mixed() {
		_, err := server.XAdd("collisions", "*", []string{"message", string(message)})
		must(t, err)
	}
	o := options(server.Addr())
	o.RESP2 = true
	o.Dial = func(ctx context.Context, address string) (net.Conn, error) {
		return dialer.DialContext(ctx, "tcp", address)
	}
	wantAllToWork(t, o)
}

// mixed is an input that is right and one that is not.
func mixed() [][]byte { return [][]byte{arrays(1, 1)[0], []byte("{nonsense")} }

// wantAllToWork publishes, and reads and commits what is in the input stream, of
// which one is put aside.
func wantAllToWork(t *testing.T, o redisio.Options) {
	t.Helper()
	client := open(t, o)
	must(t, client.Publisher().Publish(t.Context(), warnings(1, 1)))
	ackAll(t, receive(t, client.Subscriber(), 2)...)
	want(t, "Published", client.Stats().Published, 1)
	want(t, "DeadLetters", client.Stats().DeadLetters, 1)
}
