package redisio_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// leastRights are the rights that the documentation names. SELECT is not needed in
// database 0.
var leastRights = []string{
	"xreadgroup", "xack", "xadd", "xpending", "xtrim", "xrange", "xrevrange",
	"xclaim", "xgroup|create", "xinfo|groups", "xinfo|stream",
	"get", "set", "del", "hget", "hmget", "hset", "hincrby", "zscore", "zrevrange", "zadd", "zremrangebyrank",
	"eval", "evalsha", "type", "time", "ping", "select",
}

// leastKeys are the keys that the documentation names.
var leastKeys = []string{
	"collisions", "negations", "denms", "dead", "denms:commits", leaseKey, ownerKey,
	"collisions:producer:ledger", "negations:producer:ledger",
}

// The rights that the documentation names are enough for everything, and no one of
// them can be left out.
func TestLeastRights(t *testing.T) {
	o := startRedis(t)
	o.DB, o.LeaseTime, o.KeepAlive = 1, 300*time.Millisecond, 20*time.Millisecond
	o.Outputs[0].MaxLength, o.Outputs[0].MaxAge = 1000, time.Hour
	o.DeadLetter.MaxLength = 1000
	server := openProbe(t, o)
	o.Username, o.Password = "den", password
	// attempt does everything without some rights, and returns what was refused.
	attempt := func(t *testing.T, without ...string) string {
		server.do("FLUSHALL")
		server.do("SCRIPT", "FLUSH") // and EVALSHA is not enough
		server.do("ACL", "LOG", "RESET")
		acl := []string{"ACL", "SETUSER", "den", "reset", "on", ">" + password}
		for _, right := range leastRights {
			if !slices.Contains(without, right) {
				acl = append(acl, "+"+right)
			}
		}
		for _, key := range leastKeys {
			if !slices.Contains(without, key) {
				acl = append(acl, "~"+key)
			}
		}
		server.do(acl...)
		server.send("collisions", mixed()...)
		err := useEverything(t, server, o)
		refused := server.refused()
		if err != nil {
			refused += " " + err.Error()
		}
		return refused
	}
	want(t, "what is refused with all rights", attempt(t), "")
	for _, without := range append(leastRights, leastKeys...) {
		t.Run(without, func(t *testing.T) {
			if attempt(t, without) == "" {
				t.Errorf("nothing is refused without %s", without)
			}
		})
	}
}

// refused returns what users were refused for want of a right.
func (p probe) refused() string {
	p.t.Helper()
	answer := p.do("ACL", "LOG")
	entries, err := answer.ToArray()
	must(p.t, err)
	var refused []string
	for i := range entries {
		entry, err := entries[i].AsStrMap()
		must(p.t, err)
		if !strings.HasPrefix(entry["object"], "client|") { // rueidis tells its name if it may
			refused = append(refused, entry["object"])
		}
	}
	return strings.Join(refused, " ")
}

// useEverything does everything that a client can do.
func useEverything(t *testing.T, server probe, o redisio.Options) error {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := open(t, o)
	defer client.Close()
	p, sub := client.Publisher(), client.Subscriber()
	sub.LookEvery(time.Millisecond)
	if _, err := client.Backlog(ctx); err != nil {
		return err
	}
	return p.Own(ctx, func(ctx context.Context) error {
		if err := p.Publish(ctx, warnings(1, 1)); err != nil {
			return err
		}
		// An earlier process has received something.
		server.try("XREADGROUP", "GROUP", "producer", o.Name, "COUNT", "1", "STREAMS", "collisions", ">")
		for client.Stats().Received < uint64(len(mixed())) {
			if err := receiveAndCommit(ctx, p, sub); err != nil {
				return err
			}
		}
		server.send("collisions", mixed()...)
		server.do("XTRIM", "collisions", "MAXLEN", "0")
		for client.Stats().Lost == 0 {
			if err := receiveAndCommit(ctx, p, sub); err != nil {
				return err
			}
		}
		const left = 120 // ms, of 270
		server.do("PEXPIRE", leaseKey, strconv.Itoa(left))
		eventually(t, "the lease is renewed", func() bool { return server.number("PTTL", leaseKey) > left })
		return p.Replay(ctx, time.Hour, func(*den.DENM) {}, func(*den.DENM) {})
	})
}

func receiveAndCommit(ctx context.Context, p *redisio.Publisher, sub *redisio.Subscriber) error {
	b, err := sub.Receive(ctx, 10, time.Second)
	if err != nil || b == nil {
		return err
	}
	return p.Commit(ctx, b, nil)
}

// A right that is missing is found before anything is written, and trying again
// is of no use.
func TestMissingRightWritesNothing(t *testing.T) {
	o := startRedis(t)
	server := openProbe(t, o)
	for _, right := range []string{"get", "xadd", "xack", "zadd", "zremrangebyrank", "xpending"} {
		t.Run(right, func(t *testing.T) {
			server.do("FLUSHALL")
			server.do("ACL", "SETUSER", "den", "reset", "on", ">"+password, "~*", "+@all")
			server.send("collisions", arrays(1, 1)...)
			o := o
			o.Username, o.Password = "den", password
			client := open(t, o)
			batch := receiveBatch(t, client.Subscriber(), 2)
			server.do("ACL", "SETUSER", "den", "-"+right)
			err := client.Publisher().Commit(t.Context(), batch, answers(batch, 1))
			alone := client.Publisher().Publish(t.Context(), warnings(7, 1))
			if right[0] != 'z' && !errors.Is(err, den.ErrPermanent) {
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
