package config

// Redis is how to reach the server, and which streams to use there.
type Redis struct {
	// Connection is how to reach the server. Every key of it has a default.
	Connection Connection `json:"connection"`

	// Streams are the streams that are read and written. Required.
	Streams Streams `json:"streams"`
}

// Connection is how to reach the Redis server.
type Connection struct {
	// Host is a name or an address. Not empty, default "localhost".
	Host string `json:"host"`

	// Port is the TCP port. 0..65535, default 6379.
	Port int `json:"port"`

	// DB is the number of the database. 0..2147483647, default 0.
	DB int `json:"db"`

	// Username is the ACL user. Default empty (null in a file): Redis' default user.
	Username string `json:"username,omitzero"`

	// Password is the password of the user. Default empty (null): none.
	// Load sets it from PasswordFile or the environment.
	Password Secret `json:"password,omitzero"`

	// PasswordFile names a file that holds the password; one newline at its end is
	// dropped. Default empty (null): none. Load reads it, then empties this field.
	PasswordFile string `json:"passwordFile,omitzero"`

	// SocketTimeout limits each read and write. 0.001..3600 s, default 5; zero
	// (null) leaves it to the producer, which takes 2 s. There is always a limit:
	// a server that hangs would be waited for without end.
	SocketTimeout Timeout `json:"socketTimeout"`

	// SocketConnectTimeout limits connecting. 0.001..3600 s, default 5; zero (null)
	// leaves it to the producer, which takes 2 s.
	SocketConnectTimeout Timeout `json:"socketConnectTimeout"`

	// SocketKeepalive switches TCP keepalive on. Default true. The producer probes
	// its connections every second all the same: nothing else notices one that is
	// dead without having been closed.
	SocketKeepalive bool `json:"socketKeepalive"`

	// HealthCheckInterval is the time between two checks of an idle connection.
	// 0..3600 s, default 30; zero is no checks. The producer checks every second
	// all the same.
	HealthCheckInterval Seconds `json:"healthCheckInterval"`

	// MaxConnections is the most connections to open. 1..10000, default 10.
	MaxConnections int `json:"maxConnections"`

	// SSL switches TLS on. Default false; the other keys of TLS are then not used.
	SSL bool `json:"ssl"`

	// SSLKeyfile and SSLCertfile name the PEM files of the client's key and
	// certificate; both or none. Default empty (null): none.
	SSLKeyfile  string `json:"sslKeyfile,omitzero"`
	SSLCertfile string `json:"sslCertfile,omitzero"`

	// SSLCACerts names a PEM file with the authorities to trust. Default empty
	// (null): those of the system.
	SSLCACerts string `json:"sslCaCerts,omitzero"`

	// SSLCertReqs tells whether the server's certificate is checked: "none",
	// "optional", "required" (default).
	SSLCertReqs string `json:"sslCertReqs"`

	// SSLCheckHostname tells whether that certificate must name Host. Default true.
	SSLCheckHostname bool `json:"sslCheckHostname"`
}

// Streams are the Redis streams that are read and written.
type Streams struct {
	// Inputs are the streams that are read, 1..16. Required. Messages of any kind
	// may come on any of them.
	Inputs []Input `json:"inputs"`

	// Outputs are the streams that DENMs are written to, 1..16. Required. Each
	// DENM goes to all of them.
	Outputs []Output `json:"outputs"`

	// DeadLetter is the stream for messages that were refused.
	DeadLetter DeadLetter `json:"deadLetter"`
}

// Input is a stream that is read through a consumer group.
type Input struct {
	// StreamID is the key of the stream. Not empty. Required.
	StreamID string `json:"streamId"`

	// GroupID is the consumer group to read through. Not empty. Required.
	GroupID string `json:"groupId"`

	// StartID is where a group that does not exist yet starts: "0" (default), the
	// oldest entry; "$", only new ones; or an entry id such as "1700000000000-0".
	StartID string `json:"startId"`

	// MaxLength is the number of entries that senders trim the stream to; the
	// producer never trims an input. 0..1000000000, default 0: no trimming.
	MaxLength int64 `json:"maxLength"`

	// WaitTimeout is the longest time one read waits for a message; a read in
	// progress cannot be interrupted. 1..1000 ms, default 1000.
	WaitTimeout Milliseconds `json:"waitTimeout"`

	// TTL is the age at which senders trim entries; the producer never trims an
	// input. 1..2147483647 s, default zero (null): never.
	TTL Seconds `json:"ttl,omitzero"`

	// Field is the field in which senders put the message; the producer finds it
	// under other names too. Default "message".
	Field string `json:"field"`
}

// Output is a stream that DENMs are written to.
type Output struct {
	// StreamID is the key of the stream. Not empty. Required.
	StreamID string `json:"streamId"`

	// GroupID is the consumer group of the receivers. Not empty. Required.
	GroupID string `json:"groupId"`

	// MaxLength is the number of entries the stream is trimmed to.
	// 0..1000000000, default 10000; zero is no trimming.
	MaxLength int64 `json:"maxLength"`

	// TTL is the age from which entries are trimmed when something is written.
	// 1..2147483647 s, default zero (null): never.
	TTL Seconds `json:"ttl,omitzero"`

	// Field is the field of an entry that holds the message. Default "message".
	Field string `json:"field"`
}

// DeadLetter is the stream for messages that were refused.
type DeadLetter struct {
	// StreamID is the key of the stream. Not empty, default
	// "step_producer_dead_letter".
	StreamID string `json:"streamId"`

	// MaxLength is the number of entries the stream is trimmed to.
	// 0..1000000000, default 10000; zero is no trimming.
	MaxLength int64 `json:"maxLength"`
}

func defaultRedis() Redis {
	in, out := defaultInput(), defaultOutput()
	in.StreamID, in.GroupID = "step_producer", "step_producer_group"
	out.StreamID, out.GroupID = "step_client", "step_client_group"
	return Redis{
		Connection: Connection{
			Host:                 "localhost",
			Port:                 6379,
			SocketTimeout:        5,
			SocketConnectTimeout: 5,
			SocketKeepalive:      true,
			HealthCheckInterval:  30,
			MaxConnections:       10,
			SSLCertReqs:          "required",
			SSLCheckHostname:     true,
		},
		Streams: Streams{
			Inputs:     []Input{in},
			Outputs:    []Output{out},
			DeadLetter: DeadLetter{StreamID: "step_producer_dead_letter", MaxLength: 10000},
		},
	}
}

func defaultInput() Input {
	return Input{StartID: "0", WaitTimeout: 1000, Field: "message"}
}

func defaultOutput() Output {
	return Output{MaxLength: 10000, Field: "message"}
}
