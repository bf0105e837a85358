package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// guard sets what the browser may do, and refuses requests that are not meant for us.
func (s *site) guard(local bool, next http.Handler) http.Handler {
	images, referrer := "'self' data:", "no-referrer"
	if origin, err := tileOrigin(s.tiles); err == nil && origin != "" {
		images += " " + origin
		referrer = "strict-origin" // servers of tiles want to know who asks
	}
	policy := strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "manifest-src 'self'",
		"img-src " + images, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A page elsewhere can have its own name lead to this machine, and then read
		// what only this machine should: the name gives it away.
		if local && !localName(r.Host) {
			http.Error(w, "this map is for this machine", http.StatusMisdirectedRequest)
			return
		}
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", referrer)
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		next.ServeHTTP(w, r)
	})
}

func isLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// localName reports whether the host of a request is a name of this machine.
func localName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// tileOrigin returns the origin of the tiles, which is empty where there are none.
func tileOrigin(tiles string) (string, error) {
	if tiles == "" {
		return "", nil
	}
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if !strings.Contains(tiles, part) {
			return "", fmt.Errorf("must have %s in it", part)
		}
	}
	// The page fills in these, and stumbles over any other.
	if rest := strings.NewReplacer("{z}", "", "{x}", "", "{y}", "", "{r}", "").Replace(tiles); strings.ContainsAny(rest, "{}") {
		return "", errors.New("may have {z}, {x}, {y} and {r} in it, and no other braces")
	}
	u, err := url.Parse(tiles)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(u.Host, "{};,' *") {
		return "", errors.New("must be an http or https URL of one server, with no user name in it")
	}
	if u.Port() != "" && !isAddress(u.Host, 1) {
		return "", errors.New("must have a port from 1 to 65535")
	}
	return u.Scheme + "://" + u.Host, nil
}
