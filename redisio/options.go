package redisio

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/step-its/producer/den"
)

// Options say which server and which streams a Client works with. Open copies
// them; a field that is zero takes the default named beside it.
type Options struct {
	// Address is the server, "host:port". It must be given, unless Sentinel or
	// Cluster say where the servers are.
	Address string
	// Sentinel finds the master of a replicated set of servers, and follows it in a
	// failover.
	Sentinel Sentinel
	// Cluster are some nodes, "host:port", of a Redis Cluster; the others are found
	// through them. All streams must then have the same hash tag, such as {north} in
	// "{north}collisions".
	Cluster []string
	// Username and Password are sent when one of them is not empty. They never
	// appear in an error or a log.
	Username, Password string
	// DB is the number of the database, 0 or more. A cluster has only 0.
	DB int
	// Name is the name of this consumer in its groups, and part of the name of
	// its connections. A producer must have the same name whenever it starts:
	// what it had read and not acknowledged waits under that name. It must be
	// given.
	Name string

	// ConnectTimeout bounds the making of a connection. Zero means 2 s.
	ConnectTimeout time.Duration
	// Timeout bounds every command, beyond the time a read is meant to block.
	// Zero means 2 s.
	Timeout time.Duration
	// KeepAlive is the interval of TCP keep-alive probes and of PINGs on quiet
	// connections. Zero means 1 s, negative means none.
	KeepAlive time.Duration
	// MaxConnections bounds the connections for blocking reads; one is enough.
	// Zero means 8.
	MaxConnections int
	// RESP2 makes the client speak the older protocol, for servers that do not
	// know HELLO 3.
	RESP2 bool
	// TLS encrypts the connections. Nil means none. MinVersion is TLS 1.2 at least,
	// and ServerName is the host of the address where it is empty; Sentinel and
	// Cluster find servers by addresses that are often numbers, so it is better given
	// there.
	TLS *tls.Config
	// Dial makes the connections, for example through a proxy; TLS comes on top of
	// them. Nil means TCP.
	Dial func(ctx context.Context, address string) (net.Conn, error)

	// Inputs are the streams to read, in one consumer group each. Inputs of the
	// same group are waited for together, and share a batch in equal parts; with
	// several groups each waits in turn for up to 50 ms.
	Inputs []InputStream
	// Outputs are the streams that get every DENM.
	Outputs []OutputStream
	// DeadLetter is the stream for inputs that are no message. When its name is
	// empty they are counted and dropped.
	DeadLetter DeadLetter
	// Block is how long a read waits at the server for the first entry,
	// 1 ms..1 s. A read is not cancelled while it waits, so Receive may take that long to
	// return. Zero means 1 s.
	Block time.Duration
	// LeaseTime is how long it takes at most until another client with the same
	// inputs takes over from one that does not answer any more, 100 ms..1 min. Zero
	// means 3 s. See [Publisher.Own].
	LeaseTime time.Duration
	// MaxDeliveries is how often an input is delivered at most. One that comes back
	// more often, because a process ends each time it has it in hand, is put aside
	// with the dead letters. Zero means 20.
	MaxDeliveries int
	// Event gives the attributes of the events that are written. Its Source must
	// be given when there are Outputs; its Time and message are not used.
	Event den.Event

	// Logger gets a line for every change of state. Nil means no logging.
	Logger *slog.Logger
}

// Sentinel says how to ask which server is the master.
type Sentinel struct {
	Addresses []string // of the sentinels, "host:port"; empty means that there are none
	MasterSet string   // the name of the set of servers
	// Username and Password are for the sentinels, and are sent when one of them is not empty.
	Username, Password string
	TLS                *tls.Config // for the connections to the sentinels; nil means none
}

// InputStream is a stream to read.
type InputStream struct {
	Stream string // its key
	Group  string // the consumer group, which is created if it is missing
	// StartID is where a new group begins: an entry id, "0" for everything that
	// is in the stream, "$" for only what comes from now on. Empty means "0", so
	// that nothing sent before the first start is lost.
	StartID string
}

// OutputStream is a stream to write.
type OutputStream struct {
	Stream string // its key
	// Group is created at the beginning of the stream if it is missing, so that
	// nothing is lost before its reader first runs. Empty means none.
	Group string
	// MaxLength trims the stream to about this many entries. Zero means no
	// bound. The first output is the journal: it must reach back as far as
	// [Publisher.Replay] is asked to, or events that were open before a crash are not
	// found after it; a warning says so in time, see [Journal]. That is 12 s and the
	// TimeAfterCollision, LastUpdateMaxDelay and MaxClockSkew of the service; at 1000 DENMs
	// a second and 9 s of these, 21 000 entries.
	MaxLength int64
	// MaxAge trims entries that are older. Zero means no bound.
	MaxAge time.Duration
	// Field is the name of the entry's field that has the message, and its only one
	// unless there is an Encoding. Empty means "message".
	Field string
	// Encoding is the form of the messages. Nil means CloudEvents in JSON, which is
	// what the first output must have: it is the journal.
	Encoding *Encoding
}

// Encoding is another form of the messages than CloudEvents in JSON, such as ETSI's own.
// An entry then has, beside the message, the fields actionId, such as "3000001/17",
// termination, which is "isCancellation", "isNegation" or empty, and contentType.
type Encoding struct {
	// ContentType is the media type of the form. It must be given.
	ContentType string
	// Append appends the message to dst, which is empty, and returns the extended slice. A DENM for
	// which it returns an error is left out of the stream, logged and counted; the other
	// outputs get it. It must be given, and may be called concurrently.
	Append func(dst []byte, d *den.DENM) ([]byte, error)
}

// DeadLetter is the stream that keeps inputs that are no message.
type DeadLetter struct {
	Stream    string // its key; empty means none
	MaxLength int64  // trims the stream to about this many entries; zero means no bound
}

const defaultField = "message"

func (o Options) withDefaults() Options {
	o.Sentinel.Addresses, o.Cluster = slices.Clone(o.Sentinel.Addresses), slices.Clone(o.Cluster)
	o.TLS, o.Sentinel.TLS = modernTLS(o.TLS), modernTLS(o.Sentinel.TLS)
	setDefault(&o.ConnectTimeout, 2*time.Second)
	setDefault(&o.Timeout, 2*time.Second)
	setDefault(&o.KeepAlive, time.Second)
	setDefault(&o.MaxConnections, 8)
	setDefault(&o.Block, time.Second)
	setDefault(&o.LeaseTime, 3*time.Second)
	setDefault(&o.MaxDeliveries, 20)
	o.Inputs = slices.Clone(o.Inputs)
	for i := range o.Inputs {
		setDefault(&o.Inputs[i].StartID, "0")
	}
	o.Outputs = slices.Clone(o.Outputs)
	for i := range o.Outputs {
		setDefault(&o.Outputs[i].Field, defaultField)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// modernTLS returns a copy that refuses versions which are broken.
func modernTLS(config *tls.Config) *tls.Config {
	if config == nil {
		return nil
	}
	config = config.Clone()
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	return config
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
