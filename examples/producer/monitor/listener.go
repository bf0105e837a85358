package monitor

import (
	"net"
	"net/http"
	"sync"
)

// mostConnections is how many connections are served at once. Without a bound those of the
// monitor could take the ones that the producer needs.
const mostConnections = 64

// Listen opens the address to serve on. One that names no host, such as ":9464", is
// opened for this machine alone.
func Listen(address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.Listen("tcp", net.JoinHostPort(host, port))
}

// bounded is a listener that closes the connections beyond mostConnections at once.
type bounded struct {
	net.Listener
	places chan struct{}
}

func newBounded(l net.Listener) net.Listener {
	return &bounded{l, make(chan struct{}, mostConnections)}
}

func (b *bounded) Accept() (net.Conn, error) {
	for {
		conn, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case b.places <- struct{}{}:
			return &placed{conn, sync.OnceFunc(func() { <-b.places })}, nil
		default:
			conn.Close()
		}
	}
}

type placed struct {
	net.Conn
	leave func()
}

func (c *placed) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

// forThisMachine refuses requests to other names, where the listener is for this machine
// alone: a page of somebody else, in a browser here, could have its name lead to us.
func forThisMachine(l net.Listener, next http.Handler) http.Handler {
	if address, ok := l.Addr().(*net.TCPAddr); !ok || !address.IP.IsLoopback() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if host != "localhost" && net.ParseIP(host) == nil {
			http.Error(w, "this is not "+host, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
