package config

// The values of [Connection.Mode].
const (
	ModeStandalone = "standalone" // one server
	ModeSentinel   = "sentinel"   // sentinels know which server is the master
	ModeCluster    = "cluster"    // a Redis Cluster
)

// Connection is how to reach the Redis server.
type Connection struct {
	// Mode tells what the server is part of: [ModeStandalone] (default),
	// [ModeSentinel] or [ModeCluster]. In a cluster the names of all streams need
	// the same hash tag, such as {producer} in "{producer}step_client".
	Mode string `json:"mode"`

	// Host is a name or an address. Not empty, default "localhost". Only
	// [ModeStandalone] uses it.
	Host string `json:"host"`

	// Port is the TCP port. 1..65535, default 6379. Only [ModeStandalone] uses it.
	Port int `json:"port"`

	// Nodes are the sentinels, or some nodes of the cluster: "host:port", 1..64 of
	// them. Default empty (null); required by [ModeSentinel] and [ModeCluster].
	Nodes []string `json:"nodes,omitzero"`

	// SentinelMasterSet is the name under which the sentinels know the server.
	// Default empty (null); required by [ModeSentinel].
	SentinelMasterSet string `json:"sentinelMasterSet,omitzero"`

	// SentinelUsername and SentinelPassword are for the sentinels. Default empty
	// (null): none.
	SentinelUsername string `json:"sentinelUsername,omitzero"`
	SentinelPassword Secret `json:"sentinelPassword,omitzero"`

	// DB is the number of the database. 0..2147483647, default 0. A cluster has
	// only 0.
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

	// SSL switches TLS on, 1.2 or newer, for all connections, those to sentinels
	// too. Default false; files for TLS must then not be given.
	SSL bool `json:"ssl"`

	// SSLKeyfile and SSLCertfile name the PEM files of the client's key and
	// certificate; both or none. Default empty (null): none.
	SSLKeyfile  string `json:"sslKeyfile,omitzero"`
	SSLCertfile string `json:"sslCertfile,omitzero"`

	// SSLCACerts names a PEM file with the authorities to trust. Default empty
	// (null): those of the system.
	SSLCACerts string `json:"sslCaCerts,omitzero"`

	// SSLCertReqs tells whether the server's certificate is checked: "required"
	// (default), "none", or "optional". A server always shows one, so "optional" is
	// the same as "required".
	SSLCertReqs string `json:"sslCertReqs"`

	// SSLCheckHostname tells whether that certificate must name the server. Default
	// true.
	SSLCheckHostname bool `json:"sslCheckHostname"`

	// SSLServerName is the name that it must then have. Default empty (null): the
	// host to which the connection goes, which sentinels and clusters often tell as
	// a number.
	SSLServerName string `json:"sslServerName,omitzero"`
}

func defaultConnection() Connection {
	return Connection{
		Mode:                 ModeStandalone,
		Host:                 "localhost",
		Port:                 6379,
		SocketTimeout:        5,
		SocketConnectTimeout: 5,
		SocketKeepalive:      true,
		HealthCheckInterval:  30,
		MaxConnections:       10,
		SSLCertReqs:          "required",
		SSLCheckHostname:     true,
	}
}
