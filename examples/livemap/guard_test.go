package main

import (
	"strings"
	"testing"
)

func TestSecurityHeaders(t *testing.T) {
	plain := startSite(t, "127.0.0.1:0", site{})
	tiled := startSite(t, "127.0.0.1:0", site{tiles: "https://tiles.example/{z}/{x}/{y}.png"})
	for _, path := range []string{"/", "/js/main.js", "/settings.json", "/nothing"} {
		answer, _ := get(t, "http://"+plain.addr+path, "")
		policy := answer.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "img-src 'self' data:;", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q lacks %q", path, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: the policy %q lets others in", path, policy)
		}
		if answer.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: no nosniff", path)
		}
	}
	answer, _ := get(t, "http://"+tiled.addr+"/", "")
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "img-src 'self' data: https://tiles.example;") {
		t.Errorf("with tiles the policy is %q", policy)
	}
}

// A name that somebody else has pointed at this machine is refused.
func TestForeignHost(t *testing.T) {
	s := startSite(t, "127.0.0.1:0", site{})
	for host, want := range map[string]int{
		"": 200, "localhost:8080": 200, "[::1]:8080": 200, "map.localhost": 200,
		"evil.example": 421, "evil.example:8080": 421, "127.0.0.1.evil.example": 421,
	} {
		if answer, _ := get(t, "http://"+s.addr+"/", host); answer.StatusCode != want {
			t.Errorf("host %q: %d, want %d", host, answer.StatusCode, want)
		}
	}
}

func TestTileOrigin(t *testing.T) {
	for tiles, want := range map[string]string{
		"":                                      "",
		"https://tiles.example/{z}/{x}/{y}.png": "https://tiles.example",
		"https://tiles.example:8443/{z}/{x}/{y}{r}.png":      "https://tiles.example:8443",
		"http://127.0.0.1:9000/map/{z}/{x}/{y}@2x.png?key=1": "http://127.0.0.1:9000",
	} {
		if got, err := tileOrigin(tiles); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", tiles, got, err, want)
		}
	}
	for _, tiles := range []string{
		"https://tiles.example/", "https://{s}.tiles.example/{z}/{x}/{y}.png", "ftp://tiles.example/{z}/{x}/{y}",
		"https://u:p@tiles.example/{z}/{x}/{y}", "https://a;b/{z}/{x}/{y}", "/{z}/{x}/{y}",
		"https://tiles.example/{z}/{x}/{y}?{q}", "https://tiles.example/{z}/{x}/{y}{", "https://tiles.example:65536/{z}/{x}/{y}", "https://:80/{z}/{x}/{y}",
	} {
		if got, err := tileOrigin(tiles); err == nil {
			t.Errorf("%s: %q, want an error", tiles, got)
		}
	}
}
