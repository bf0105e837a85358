package redisio_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

const password = "hunter2-9f3e"

// What somebody has to mend ends Run; it does not try for ever.
func TestPermanentErrors(t *testing.T) {
	withPassword := func(t *testing.T) redisio.Options {
		return options(redistest.Start(t, "--requirepass", password).Addr)
	}
	for _, test := range []struct {
		name  string
		start func(t *testing.T) redisio.Options
		edit  func(t *testing.T, o *redisio.Options)
		want  string
	}{
		{"password_missing", withPassword, func(*testing.T, *redisio.Options) {}, "the server wants a password"},
		{
			"password_wrong", withPassword,
			func(_ *testing.T, o *redisio.Options) { o.Password = password + "x" },
			"username or password are wrong",
		},
		{
			"user_unknown", withPassword,
			func(_ *testing.T, o *redisio.Options) { o.Username, o.Password = "nobody", password },
			"username or password are wrong",
		},
		{
			"password_wrong_on_miniredis", func(t *testing.T) redisio.Options {
				server := miniredis.RunT(t)
				server.RequireAuth(password)
				o := options(server.Addr())
				o.RESP2 = true
				return o
			},
			func(_ *testing.T, o *redisio.Options) { o.Password = password + "x" },
			"username or password are wrong",
		},
		{
			"not_allowed", func(t *testing.T) redisio.Options { return startRedis(t) },
			func(t *testing.T, o *redisio.Options) {
				openProbe(t, *o).do("ACL", "SETUSER", "den", "on", ">"+password, "~*", "+@all", "-xreadgroup")
				o.Username, o.Password = "den", password
			},
			"the user lacks a right, which ACL LOG names",
		},
		{
			"database", func(t *testing.T) redisio.Options { return startRedis(t) },
			func(_ *testing.T, o *redisio.Options) { o.DB = 16 },
			"the server has no such database",
		},
		{
			"server_too_old", func(t *testing.T) redisio.Options {
				return options(redistest.Start(t, "--rename-command", "XREADGROUP", "").Addr)
			},
			func(*testing.T, *redisio.Options) {},
			"the server is too old, or something else",
		},
		{
			"input_of_another_type", func(t *testing.T) redisio.Options { return startRedis(t) },
			func(t *testing.T, o *redisio.Options) { openProbe(t, *o).do("SET", "negations", "a string") },
			"a key holds something else",
		},
		{
			"input_of_another_type_on_miniredis", func(t *testing.T) redisio.Options { return startMiniredis(t) },
			func(t *testing.T, o *redisio.Options) { openProbe(t, *o).do("SET", "negations", "a string") },
			"a key holds something else",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, log := test.start(t), new(syncBuffer)
			o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			test.edit(t, &o)
			s := run(t, open(t, o), func(c *den.Config) { c.Logger = o.Logger })
			select {
			case <-s.done:
			case <-time.After(10 * time.Second):
				t.Fatalf("Run goes on:\n%s", log)
			}
			err := s.stop()
			if !errors.Is(err, den.ErrPermanent) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Run returned %v; want ErrPermanent around %s", err, test.want)
			}
			wantNoSecret(t, fmt.Sprintf("%v %+v %s", err, err, log))
		})
	}
}

// A stream that turns into something else while Run works ends it, too.
func TestOutputTurnsWrong(t *testing.T) {
	onEachServer(t, func(t *testing.T, o redisio.Options) {
		server := openProbe(t, o)
		s := run(t, open(t, o))
		server.send("collisions", arrays(1, 1)...)
		awaitDENMs(t, server, 1)
		server.do("SET", "denms", "a string")
		server.send("collisions", arrays(2, 1)...)
		<-s.done
		if err := s.stop(); !errors.Is(err, den.ErrPermanent) {
			t.Errorf("Run returned %v; want ErrPermanent", err)
		}
		want(t, "pending", server.pending("collisions"), 1)
	})
}

// A password that is changed is noticed when the connections are made again, and a
// right that is withdrawn at once. Then nothing is done in part, and the next
// service goes on.
func TestRightsWithdrawn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name             string
		take, give, want string
	}{
		{
			"password", "CONFIG SET requirepass other", "CONFIG SET requirepass " + password,
			"username or password are wrong",
		},
		{"right", "ACL SETUSER default -xadd", "ACL SETUSER default +xadd", "the user lacks a right, which ACL LOG names"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := options(redistest.Start(t, "--requirepass", password).Addr)
			o.Password = password
			server, x := openProbe(t, o), newTraffic()
			server.send("collisions", x.messages...)
			s := run(t, open(t, o), func(c *den.Config) { c.BatchSize = 32 })
			awaitDENMs(t, server, denmsOfTraffic/3)
			server.do(strings.Fields(test.take)...)
			server.do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
			<-s.done
			err := s.stop()
			if !errors.Is(err, den.ErrPermanent) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Run returned %v; want ErrPermanent and %q", err, test.want)
			}
			wantNoSecret(t, fmt.Sprint(err))
			server.do(strings.Fields(test.give)...)
			s = run(t, open(t, o), func(c *den.Config) { c.BatchSize = 32 })
			settled(t, server)
			_ = s.stop()
			x.wantAnswered(t, server)
		})
	}
}

// The password is told to the server and to nobody else, whatever fails.
func TestPasswordStaysSecret(t *testing.T) {
	server := redistest.Start(t, "--requirepass", password)
	log := new(syncBuffer)
	o := options(server.Addr)
	o.Password, o.Timeout = password, 200*time.Millisecond
	o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client := open(t, o)
	must(t, client.Setup(t.Context()))
	sub := client.Subscriber()
	s := run(t, client, func(c *den.Config) { c.Logger = o.Logger })
	for _, fail := range []func(){func() { server.Pause(t) }, server.Kill} {
		fail()
		_, err := sub.Receive(t.Context(), 1, time.Second)
		fmt.Fprintln(log, err)
		fmt.Fprintln(log, client.Publisher().Publish(t.Context(), warnings(1, 1)))
	}
	fmt.Fprintln(log, s.stop())
	wantNoSecret(t, log.String())
	if !strings.Contains(log.String(), "failed") {
		t.Errorf("nothing failed:\n%s", log)
	}
}

func isPermanent(err error) bool { return errors.Is(err, den.ErrPermanent) }

func wantNoSecret(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, password) {
		t.Errorf("the password appears:\n%s", text)
	}
}

// syncBuffer is a buffer that several goroutines may log to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
