package logging

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Syslog is the [Handler] for the system log, on this host or another one. DEBUG,
// INFO, WARNING, ERROR and CRITICAL become the severities debug, info, warning, err and
// crit.
//
// It connects when there is something to write, and again when a connection is lost;
// what cannot be sent is lost and counted as a failure. Of a receiver that closes a TCP
// connection the next line is lost without that, and over UDP nobody knows. A message is written as RFC 3164
// has it, to another host with the time of RFC 3339, as most receivers understand. One
// of more than 8 KiB is cut.
type Syslog struct {
	// Network is "udp", "tcp" or "unixgram"; "" is the system log of this host.
	Network string
	// Address is host:port, or the path of a socket. It is empty if Network is.
	Address string
	// Facility is one of the names in [Facilities]; "" is "user".
	Facility string
	// Tag names the program; "" is the name of the running one.
	Tag string
	// Level is the lowest level written; nil is INFO. A *slog.LevelVar allows
	// to change it while the log is in use.
	Level slog.Leveler
	// Format is FormatText unless set.
	Format Format
	// TimeFormat is TimeRFC3339 unless set.
	TimeFormat TimeFormat
}

var _ Handler = Syslog{}

// facilities are in the order of their codes.
var facilities = []string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"", "", "", "", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

// Facilities returns the names that a facility can have.
func Facilities() []string {
	return slices.DeleteFunc(slices.Clone(facilities), func(name string) bool { return name == "" })
}

// Open implements [Handler]. It fails on a Network, an Address, a Facility or a Tag
// that cannot be, and does not connect yet.
func (s Syslog) Open() (slog.Handler, io.Closer, error) {
	facility := 1
	if s.Facility != "" {
		facility = slices.Index(facilities, s.Facility)
	}
	switch {
	case facility < 0:
		return nil, nil, fmt.Errorf("facility %q: must be one of %s", s.Facility, strings.Join(Facilities(), ", "))
	case s.Network == "" && s.Address != "", s.Network != "" && s.Address == "":
		return nil, nil, fmt.Errorf("network %q and address %q: must both be given or both be empty", s.Network, s.Address)
	case !slices.Contains([]string{"", "udp", "tcp", "unixgram"}, s.Network):
		return nil, nil, fmt.Errorf("network %q: must be udp, tcp, unixgram or empty", s.Network)
	case strings.ContainsFunc(s.Tag, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune("[]:", c) }):
		return nil, nil, fmt.Errorf("tag %q: must have visible ASCII characters, and no colon or bracket", s.Tag)
	}
	tag := s.Tag
	if tag == "" {
		tag = "log"
		if path, err := os.Executable(); err == nil {
			tag = path[strings.LastIndexAny(path, `/\`)+1:]
		}
	}
	h := &syslogHeader{facility: facility, tag: fmt.Sprintf("%s[%d]", tag, os.Getpid())}
	if s.Network == "udp" || s.Network == "tcp" {
		h.host, _ = os.Hostname()
	}
	to := &syslogConn{network: s.Network, address: s.Address}
	return opened(layout{s.Level, s.Format, s.TimeFormat}.open(to, h.form))
}

// syslogHeader is what stands before the lines of a handler.
type syslogHeader struct {
	facility  int
	host, tag string // host is empty for the system log of this host
}

// form returns what writes lines with a header to w: one handler for each severity.
func (h *syslogHeader) form(l layout, w io.Writer) (slog.Handler, error) {
	var all leveled
	for _, s := range []struct {
		level    slog.Level
		severity int
	}{{LevelDebug, 7}, {LevelInfo, 6}, {LevelWarning, 4}, {LevelError, 3}, {LevelCritical, 2}} {
		handler, err := l.form(syslogWriter{h, s.severity, w})
		if err != nil {
			return nil, err
		}
		all = append(all, step{s.level, handler})
	}
	return all, nil
}

// syslogWriter puts the header before each line.
type syslogWriter struct {
	*syslogHeader
	severity int
	w        io.Writer
}

// mostOfLine is how much of a line is sent: more than that a datagram may not hold.
const mostOfLine = 8 << 10

func (s syslogWriter) Write(line []byte) (int, error) {
	now := time.Now()
	var message []byte
	if s.host == "" {
		message = fmt.Appendf(message, "<%d>%s %s: ", s.facility<<3|s.severity, now.Format(time.Stamp), s.tag)
	} else {
		message = fmt.Appendf(message, "<%d>%s %s %s: ", s.facility<<3|s.severity, now.Format(time.RFC3339), s.host, s.tag)
	}
	if len(line) > mostOfLine {
		line = append(bytes.ToValidUTF8(line[:mostOfLine:mostOfLine], nil), '\n')
	}
	if _, err := s.w.Write(append(message, line...)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// syslogConn is a connection to a system log, as a destination.
type syslogConn struct {
	network, address string

	conn    net.Conn  // nil when there is none
	next    time.Time // when it is made again
	closing atomic.Pointer[net.Conn]
}

// syslogTimeout bounds connecting and each write.
const syslogTimeout = 2 * time.Second

func (s *syslogConn) Write(line []byte) (int, error) {
	if s.conn != nil {
		if n, err := s.send(line); err == nil {
			return n, nil
		}
	} else if time.Now().Before(s.next) {
		return 0, net.ErrClosed
	}
	// The receiver may have been restarted.
	if err := s.dial(); err != nil {
		return 0, err
	}
	return s.send(line)
}

func (s *syslogConn) send(line []byte) (int, error) {
	if err := s.conn.SetWriteDeadline(time.Now().Add(syslogTimeout)); err != nil {
		return 0, err
	}
	n, err := s.conn.Write(line)
	if err != nil {
		s.drop() // a part of a line ends with its connection
		return 0, err
	}
	return n, nil
}

// drop gives the connection up.
func (s *syslogConn) drop() {
	if s.conn != nil {
		s.conn.Close()
	}
	s.conn, s.next = nil, time.Now().Add(time.Second)
}

// localSyslog are the sockets of the system log of this host.
var localSyslog = []string{"/dev/log", "/var/run/syslog", "/var/run/log"}

func (s *syslogConn) dial() (err error) {
	s.drop()
	network, addresses := s.network, []string{s.address}
	if network == "" {
		network, addresses = "unixgram", localSyslog
	}
	for _, address := range addresses {
		var conn net.Conn
		if conn, err = net.DialTimeout(network, address, syslogTimeout); err == nil {
			s.conn = conn
			s.closing.Store(&conn)
			return nil
		}
	}
	return err
}

func (s *syslogConn) reopen() error {
	s.drop()
	s.next = time.Time{}
	return nil
}

func (s *syslogConn) Close() error {
	if s.conn == nil {
		return nil
	}
	return s.conn.Close()
}

// interrupt ends a write that does not come back.
func (s *syslogConn) interrupt() {
	if conn := s.closing.Load(); conn != nil {
		(*conn).Close()
	}
}
