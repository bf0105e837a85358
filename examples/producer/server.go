package main

import (
	"fmt"
	"net"

	"github.com/alicebob/miniredis/v2"

	"github.com/step-its/producer/config"
)

// embedded asks for a server inside the process.
const embedded = "embedded"

// server is the Redis server that the producer works with.
type server struct {
	address string
	mini    *miniredis.Miniredis // nil where the server is another process
}

// chooseServer returns the configured server, unless the flag names another one.
func chooseServer(cfg config.Config, redis string) (server, error) {
	switch redis {
	case "":
		return server{address: configuredAddress(cfg)}, nil
	case embedded:
		mini, err := miniredis.Run()
		if err != nil {
			return server{}, fmt.Errorf("the embedded server does not start: %w", err)
		}
		return server{address: mini.Addr(), mini: mini}, nil
	}
	if _, _, err := net.SplitHostPort(redis); err != nil {
		// It is not shown: it may be a URL with a password in it.
		return server{}, fmt.Errorf("-redis must be %q or host:port", embedded)
	}
	return server{address: redis}, nil
}

func (s server) embedded() bool { return s.mini != nil }

func (s server) close() {
	if s.mini != nil {
		s.mini.Close()
	}
}
