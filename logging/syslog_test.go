package logging_test

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/logging"
)

// receiver is a system log for a test: its messages come from the channel.
func receiver(t *testing.T, network, address string) (addr string, messages <-chan string) {
	t.Helper()
	received := make(chan string, 100)
	if network == "tcp" {
		listener, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				go func() {
					lines := bufio.NewScanner(conn)
					for lines.Scan() {
						received <- lines.Text()
					}
				}()
			}
		}()
		return listener.Addr().String(), received
	}
	conn, err := net.ListenPacket(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			n, _, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			received <- string(buffer[:n])
		}
	}()
	return conn.LocalAddr().String(), received
}

func next(t *testing.T, messages <-chan string) string {
	t.Helper()
	select {
	case m := <-messages:
		return m
	case <-time.After(10 * time.Second):
		t.Fatal("no message has come")
		return ""
	}
}

// Messages have the severity of their level, the facility, the tag and the process.
func TestSyslog(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ network, address, header string }{
		{"udp", "127.0.0.1:0", `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d) ` + regexp.QuoteMeta(host)},
		{"tcp", "127.0.0.1:0", `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d) ` + regexp.QuoteMeta(host)},
		{"unixgram", filepath.Join(t.TempDir(), "log"), `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)`},
	} {
		t.Run(test.network, func(t *testing.T) {
			if test.network == "unixgram" {
				if runtime.GOOS == "windows" {
					t.Log("there are no such sockets here")
					return
				}
				test.header = `\w{3} [ \d]\d \d\d:\d\d:\d\d`
			}
			address, messages := receiver(t, test.network, test.address)
			log := newLog(t, logging.Syslog{
				Network: test.network, Address: address, Facility: "local3", Tag: "den", Level: logging.LevelDebug,
			})
			logger := log.Logger().With("a", 1).WithGroup("g")
			for i, level := range []struct {
				name     string
				priority int
			}{{"DEBUG", 159}, {"INFO", 158}, {"WARNING", 156}, {"ERROR", 155}, {"CRITICAL", 154}} {
				at, err := logging.ParseLevel(level.name)
				if err != nil {
					t.Fatal(err)
				}
				logger.Log(t.Context(), at, "two\nlines", "i", i)
				want := fmt.Sprintf(`^<%d>%s den\[%d\]: time=\S+ level=%s msg="two\\nlines" a=1 g.i=%d\n?$`,
					level.priority, test.header, os.Getpid(), level.name, i)
				if got := next(t, messages); !regexp.MustCompile(want).MatchString(got) {
					t.Errorf("got  %q\nwant %s", got, want)
				}
			}
		})
	}
}

// A receiver that is gone harms nobody. When it is back it gets what is logged then.
func TestSyslogComesBack(t *testing.T) {
	got := stderr(t)
	address, messages := receiver(t, "tcp", "127.0.0.1:0")
	log := newLog(t, logging.Syslog{Network: "tcp", Address: address, Tag: "den"})
	log.Logger().Info("first")
	if m := next(t, messages); !strings.Contains(m, "msg=first") {
		t.Errorf("got %q", m)
	}
	dead := newLog(t, logging.Syslog{Network: "tcp", Address: "127.0.0.1:1", Tag: "den"})
	for range 3 {
		prompt(dead).Info("nobody hears it")
	}
	if n := dead.Failures(); n != 3 || strings.Count(got(), "connection refused") != 1 {
		t.Errorf("%d failures, standard error %q", n, got())
	}
	if err := log.Reopen(); err != nil { // connects anew
		t.Fatal(err)
	}
	log.Logger().Info(strings.Repeat("x", 20_000))
	if m := next(t, messages); len(m) > 9000 || !strings.Contains(m, "xxx") {
		t.Errorf("a message of %d bytes came", len(m))
	}
}

func TestSyslogThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		handler logging.Syslog
		want    string
	}{
		{logging.Syslog{Facility: "x"}, `facility "x": must be one of kern, user, mail, daemon, auth, syslog`},
		{logging.Syslog{Network: "udp"}, "must both be given or both be empty"},
		{logging.Syslog{Address: "h:1"}, "must both be given or both be empty"},
		{logging.Syslog{Network: "icmp", Address: "h:1"}, "must be udp, tcp, unixgram or empty"},
		{logging.Syslog{Tag: "a b"}, "tag"},
		{logging.Syslog{TimeFormat: 9}, "time format 9"},
	} {
		_, err := logging.New(logging.Options{Handlers: []logging.Handler{test.handler}})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v; want %s", test.handler, err, test.want)
		}
	}
}

// TimeUnix writes seconds, to JSON as a number, and leaves other times as they are.
func TestTimeFormatUnix(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 15, 21, 400_900_000, time.UTC)
	for _, test := range []struct {
		format logging.Format
		color  logging.Color
		want   string
	}{
		{logging.FormatText, logging.ColorNever, "time=1772442921.400 level=INFO msg=hello at=2026-03-02T09:15:21.400Z\n"},
		{logging.FormatJSON, logging.ColorNever, `{"time":1772442921.400,"level":"INFO","msg":"hello","at":"2026-03-02T09:15:21.400Z"}` + "\n"},
		{logging.FormatText, logging.ColorAlways, "1772442921.400"},
	} {
		out := new(strings.Builder)
		log := newLog(t, logging.Stream{Writer: out, Format: test.format, TimeFormat: logging.TimeUnix, Color: test.color})
		r := slog.NewRecord(at, logging.LevelInfo, "hello", 0)
		r.AddAttrs(slog.Time("at", at))
		if err := prompt(log).Handler().Handle(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), test.want) {
			t.Errorf("got %q; want %q", out.String(), test.want)
		}
	}
}
