package redisio_test

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/step-its/producer/redisio/redistest"
)

// The whole service works over TLS, with a certificate of its own, by address and
// by name.
func TestServiceOverTLS(t *testing.T) {
	certificates := redistest.MakeCertificates(t)
	for name, serverName := range map[string]string{"by_address": "", "by_name": "redis.test"} {
		t.Run(name, func(t *testing.T) {
			o := options(redistest.StartTLS(t, certificates).Addr)
			o.TLS = certificates.Client.Clone()
			o.TLS.ServerName = serverName
			server, client := openProbe(t, o), open(t, o)
			server.send("collisions", arrays(1, 20)...)
			s := run(t, client)
			awaitDENMs(t, server, 20)
			_ = s.stop()
			want(t, "pending", server.pending("collisions"), 0)
			want(t, "PublishErrors", s.Stats().PublishErrors, 0)
		})
	}
}

// TLS comes on top of the connections that Options.Dial makes.
func TestTLSOverDial(t *testing.T) {
	certificates := redistest.MakeCertificates(t)
	o := options("nowhere.test:1")
	server := redistest.StartTLS(t, certificates)
	var dialled atomic.Int32
	o.Dial = func(ctx context.Context, address string) (net.Conn, error) {
		want(t, "address", address, "nowhere.test:1")
		dialled.Add(1)
		return new(net.Dialer).DialContext(ctx, "tcp", server.Addr)
	}
	o.TLS = certificates.Client.Clone()
	o.TLS.ServerName = "redis.test"
	client := open(t, o)
	must(t, client.Publisher().Publish(t.Context(), warnings(1, 1)))
	receiveNothing(t, client.Subscriber())
	want(t, "connections", dialled.Load(), 3) // of the writer, of the reader, for blocking reads
}

// What is wrong with the certificates is told. It is tried again all the same:
// certificates are renewed while we run, as servers are started again.
func TestTLSErrors(t *testing.T) {
	certificates := redistest.MakeCertificates(t)
	server := redistest.StartTLS(t, certificates)
	plain := redistest.Start(t)
	old, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
		Certificates: []tls.Certificate{keyPair(t, certificates)},
	})
	must(t, err)
	defer old.Close()
	go shakeHands(old)
	for _, test := range []struct {
		name, address string
		edit          func(c *tls.Config)
		want          []string // one of them
	}{
		{
			"no_certificate", server.Addr, func(c *tls.Config) { c.Certificates = nil },
			[]string{"tls: certificate required", "connection reset by peer", "broken pipe"},
		},
		{
			"unknown_authority", server.Addr, func(c *tls.Config) { c.RootCAs = redistest.MakeCertificates(t).Client.RootCAs },
			[]string{"x509: certificate signed by unknown authority"},
		},
		{
			"other_name", server.Addr, func(c *tls.Config) { c.ServerName = "redis.example" },
			[]string{"x509: certificate is valid for redis.test, not redis.example"},
		},
		{
			"server_without_tls", plain.Addr, func(*tls.Config) {},
			[]string{"TLS handshake with " + plain.Addr + ": context deadline exceeded"}, // it waits for more
		},
		{
			"old_version", old.Addr().String(), func(c *tls.Config) { c.MinVersion = tls.VersionTLS10 },
			[]string{"protocol version"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := options(test.address)
			o.ConnectTimeout = 500 * time.Millisecond
			o.TLS = certificates.Client.Clone()
			test.edit(o.TLS)
			err := open(t, o).Setup(t.Context())
			wantTransient(t, err, test.want...)
		})
	}
	t.Run("client_without_tls", func(t *testing.T) {
		err := open(t, options(server.Addr)).Setup(t.Context())
		wantTransient(t, err, "connection reset by peer", "EOF", "broken pipe")
	})
}

func keyPair(t *testing.T, c *redistest.Certificates) tls.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(c.ServerCert, c.ServerKey)
	must(t, err)
	return pair
}

// shakeHands accepts connections until the listener is closed.
func shakeHands(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_ = conn.(*tls.Conn).Handshake()
		conn.Close()
	}
}

// Open leaves the configuration of the caller as it is.
func TestTLSConfigIsCopied(t *testing.T) {
	config := &tls.Config{MinVersion: tls.VersionTLS10}
	o := options("127.0.0.1:1")
	o.TLS, o.Sentinel.TLS = config, config
	open(t, o)
	want(t, "MinVersion", config.MinVersion, tls.VersionTLS10)
}

// wantTransient fails unless there is an error that tells one of the texts, and
// that may be tried again.
func wantTransient(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil || isPermanent(err) {
		t.Fatalf("got %v; want an error that may be tried again", err)
	}
	for _, text := range texts {
		if strings.Contains(err.Error(), text) {
			return
		}
	}
	t.Errorf("got %v; want %q", err, texts)
}
