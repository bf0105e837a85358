package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio/redistest"
)

// connectTo makes the configuration name a server.
func connectTo(t *testing.T, c *config.Connection, address string) {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	c.Host = host
	if c.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
}

// overTLS makes the configuration use TLS with these certificates.
func overTLS(c *config.Connection, certificates *redistest.Certificates) {
	c.SSL = true
	c.SSLCACerts = certificates.CAFile
	c.SSLCertfile, c.SSLKeyfile = certificates.ClientCert, certificates.ClientKey
}

// The producer and the demonstration reach the server in every way that the
// configuration knows.
func TestConnections(t *testing.T) {
	secure := func(edit func(c *config.Connection)) func(t *testing.T, cfg *config.Config) {
		return func(t *testing.T, cfg *config.Config) {
			certificates := redistest.MakeCertificates(t)
			connectTo(t, &cfg.Redis.Connection, redistest.StartTLS(t, certificates).Addr)
			overTLS(&cfg.Redis.Connection, certificates)
			edit(&cfg.Redis.Connection)
		}
	}
	for _, test := range []struct {
		name string
		edit func(t *testing.T, cfg *config.Config)
		warn string // what the log must warn of
	}{
		{"tls", secure(func(*config.Connection) {}), ""},
		{"tls_optional", secure(func(c *config.Connection) { c.SSLCertReqs = "optional" }), ""},
		{"tls_by_name", secure(func(c *config.Connection) { c.SSLServerName = "redis.test" }), ""},
		{
			"tls_other_name_not_checked", secure(func(c *config.Connection) {
				c.SSLServerName, c.SSLCheckHostname = "redis.example", false
			}), "",
		},
		{
			"tls_nothing_checked", secure(func(c *config.Connection) {
				c.SSLCACerts, c.SSLServerName, c.SSLCertReqs = "", "redis.example", "none"
			}), "the certificate of the server is not checked",
		},
		{
			"sentinel", func(t *testing.T, cfg *config.Config) {
				master := redistest.Start(t)
				sentinel := redistest.StartSentinel(t, "main", master, 0)
				cfg.Redis.Connection.Mode = config.ModeSentinel
				cfg.Redis.Connection.Nodes = []string{sentinel.Addr}
				cfg.Redis.Connection.SentinelMasterSet = "main"
			}, "",
		},
		{
			"cluster", func(t *testing.T, cfg *config.Config) {
				cfg.Redis.Connection.Mode = config.ModeCluster
				for _, node := range redistest.StartCluster(t) {
					cfg.Redis.Connection.Nodes = append(cfg.Redis.Connection.Nodes, node.Addr)
				}
				streams := &cfg.Redis.Streams
				streams.Inputs[0].StreamID, streams.Outputs[0].StreamID = "{p}in", "{p}out"
				streams.DeadLetter.StreamID = "{p}dead"
			}, "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := demoConfig()
			test.edit(t, &cfg)
			if err := cfg.Validate(); err != nil {
				t.Fatal(err)
			}
			log, err := produceOne(t, cfg)
			if err != nil {
				t.Fatalf("%v\n%s", err, log)
			}
			if warned := strings.Contains(log, "WARN"); warned != (test.warn != "") || !strings.Contains(log, test.warn) {
				t.Errorf("the log should warn of %q:\n%s", test.warn, log)
			}
		})
	}
}

// produceOne has the producer answer one collision array, and returns its log.
func produceOne(t *testing.T, cfg config.Config) (string, error) {
	t.Helper()
	server, err := chooseServer(cfg, "")
	if err != nil {
		return "", err
	}
	client, err := demoClient(cfg, server)
	if err != nil {
		return "", err
	}
	defer client.Close()
	player, err := newPlayer(client, cfg.Redis.Streams.Inputs[0])
	if err != nil {
		t.Fatal(err)
	}
	array := player.arrays[0]
	if err := player.send(t.Context(), shifted(array, den.TimestampOf(time.Now())-array.DetectionTime)); err != nil {
		return "", err
	}
	var log bytes.Buffer
	lines := logTo(t, &log)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- work(ctx, options{}, cfg, server, lines) }()
	for ctx.Err() == nil {
		length := client.B().Xlen().Key(cfg.Redis.Streams.Outputs[0].StreamID).Build()
		if n, err := client.Do(ctx, length).AsInt64(); n > 0 || err != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	timeUp := ctx.Err()
	cancel()
	err = <-done
	_ = lines.Close() // everything is written
	if err != nil {
		return log.String(), err
	}
	return log.String(), timeUp
}

// What is wrong with the files of TLS is told with the key that names them, by
// -check too.
func TestTLSFilesRefused(t *testing.T) {
	certificates, other := redistest.MakeCertificates(t), redistest.MakeCertificates(t)
	nothing := writeFile(t, "nothing.pem", "nothing")
	for _, test := range []struct {
		name string
		edit func(c *config.Connection)
		want string
	}{
		{
			"no_authorities", func(c *config.Connection) { c.SSLCACerts = "missing.pem" },
			`redis.connection.sslCaCerts: open "missing.pem": no such file or directory`,
		},
		{
			"wrong_authorities", func(c *config.Connection) { c.SSLCACerts = nothing },
			"redis.connection.sslCaCerts: " + strconv.Quote(nothing) + " holds no certificate in PEM form",
		},
		{
			"no_certificate", func(c *config.Connection) { c.SSLCertfile = "missing.crt" },
			`redis.connection.sslCertfile: open "missing.crt": no such file or directory`,
		},
		{
			"no_key", func(c *config.Connection) { c.SSLKeyfile = "missing.key" },
			`redis.connection.sslKeyfile: open "missing.key": no such file or directory`,
		},
		{
			"other_key", func(c *config.Connection) { c.SSLKeyfile = other.ClientKey },
			"redis.connection.sslCertfile: " + strconv.Quote(certificates.ClientCert) + " and " + strconv.Quote(other.ClientKey) +
				" make no pair: tls: private key does not match public key",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := config.Default()
			overTLS(&cfg.Redis.Connection, certificates)
			test.edit(&cfg.Redis.Connection)
			if _, err := chooseServer(cfg, ""); err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			text, err := cfg.JSON()
			if err != nil {
				t.Fatal(err)
			}
			file := writeFile(t, "producer.json", string(text))
			code, stdout, stderr := producer(t.Context(), "-check", "-config", file)
			if code != 1 || stdout != "" || stderr != "producer: "+file+": "+test.want+"\n" {
				t.Errorf("-check: exit %d, %q, %q", code, stdout, stderr)
			}
		})
	}
}

// A certificate that is not of the authority is refused, whatever name it has,
// unless nothing is checked at all.
func TestCertificateChecks(t *testing.T) {
	certificates := redistest.MakeCertificates(t)
	address := redistest.StartTLS(t, certificates).Addr
	stranger := redistest.MakeCertificates(t).CAFile
	for _, test := range []struct {
		name  string
		edit  func(c *config.Connection)
		works bool
	}{
		{"right", func(*config.Connection) {}, true},
		{"other_name", func(c *config.Connection) { c.SSLServerName = "redis.example" }, false},
		{"other_authority", func(c *config.Connection) { c.SSLCACerts = stranger }, false},
		{"other_authority_optional", func(c *config.Connection) { c.SSLCACerts, c.SSLCertReqs = stranger, "optional" }, false},
		{"other_authority_any_name", func(c *config.Connection) { c.SSLCACerts, c.SSLCheckHostname = stranger, false }, false},
		{"authorities_of_the_system", func(c *config.Connection) { c.SSLCACerts, c.SSLCheckHostname = "", false }, false},
		{"nothing_checked", func(c *config.Connection) { c.SSLCACerts, c.SSLCertReqs = stranger, "none" }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := config.Default().Redis.Connection
			overTLS(&c, certificates)
			test.edit(&c)
			secure, err := c.TLS()
			if err != nil {
				t.Fatal(err)
			}
			conn, err := tls.Dial("tcp", address, secure)
			if err == nil {
				conn.Close()
			}
			if (err == nil) != test.works {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The flag -redis names one server, whatever the configuration says of several.
func TestFlagNamesOneServer(t *testing.T) {
	cfg := config.Default()
	cfg.Redis.Connection.Mode, cfg.Redis.Connection.Nodes = config.ModeCluster, []string{"node1:1", "node2:2"}
	for flag, want := range map[string]string{"": "cluster node1:1 node2:2", "host:3": "host:3"} {
		server, err := chooseServer(cfg, flag)
		if err != nil {
			t.Fatal(err)
		}
		o := redisOptions(cfg, server)
		if got := server.describe(cfg); got != want || o.Address != server.address || (len(o.Cluster) == 0) != (flag != "") {
			t.Errorf("-redis %q gives %q, %q and %q", flag, got, o.Address, o.Cluster)
		}
	}
}

// What the configuration says about times and limits reaches the transport.
func TestLimitsReachTheTransport(t *testing.T) {
	cfg := config.Default()
	cfg.LeaseTime, cfg.Redis.Streams.DeadLetter.MaxDeliveries = 1.5, 7
	cfg.Redis.Connection.SocketTimeout = 0.25
	o := redisOptions(cfg, server{address: "host:1"})
	if o.LeaseTime != 1500*time.Millisecond || o.MaxDeliveries != 7 || o.Timeout != 250*time.Millisecond {
		t.Errorf("got %v, %d, %v", o.LeaseTime, o.MaxDeliveries, o.Timeout)
	}
}

// Who is told to end has ended well when another producer has taken over meanwhile.
// Who could not finish, or must be helped, has not.
func TestInOrder(t *testing.T) {
	for err, want := range map[error]bool{
		context.Canceled:       true,
		den.ErrFenced:          true,
		den.ErrPermanent:       false,
		den.ErrShutdownTimeout: false,
	} {
		if got := inOrder(fmt.Errorf("wrapped: %w", err)); got != want {
			t.Errorf("%v: got %t", err, got)
		}
	}
}
