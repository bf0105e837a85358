package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/alicebob/miniredis/v2"

	"github.com/step-its/producer/config"
)

// embedded asks for a server inside the process.
const embedded = "embedded"

// server is the Redis server that the producer works with.
type server struct {
	// address is empty where sentinels or the nodes of a cluster know it: those that
	// the configuration names.
	address string
	tls     *tls.Config          // nil means no TLS
	mini    *miniredis.Miniredis // nil where the server is another process
}

// chooseServer returns the configured server, unless the flag names another one.
func chooseServer(cfg config.Config, redis string) (server, error) {
	if redis == embedded {
		mini, err := miniredis.Run()
		if err != nil {
			return server{}, fmt.Errorf("the embedded server does not start: %w", err)
		}
		return server{address: mini.Addr(), mini: mini}, nil
	}
	connection := cfg.Redis.Connection
	if redis == "" && connection.Mode == config.ModeStandalone {
		redis = net.JoinHostPort(connection.Host, strconv.Itoa(connection.Port))
	}
	secure, err := connection.TLS()
	return server{address: redis, tls: secure}, err
}

// namesServer reports whether the value of -redis can be one.
func namesServer(redis string) bool {
	if redis == "" || redis == embedded {
		return true
	}
	_, port, err := net.SplitHostPort(redis)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// describe says where the server is, for the log.
func (s server) describe(cfg config.Config) string {
	if s.address != "" {
		return s.address
	}
	return cfg.Redis.Connection.Mode + " " + strings.Join(cfg.Redis.Connection.Nodes, " ")
}

func (s server) embedded() bool { return s.mini != nil }

func (s server) close() {
	if s.mini != nil {
		s.mini.Close()
	}
}
