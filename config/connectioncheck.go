package config

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// connectionAt is where a file has its [Connection].
const connectionAt = jsontext.Pointer("/redis/connection")

func (c Connection) conflicts() (all []finding) {
	const at = connectionAt
	all = append(c.modeConflicts(at), c.hostConflicts(at)...)
	if c.Password != "" && c.PasswordFile != "" {
		all = append(all, finding{at + "/passwordFile", "must not be given together with password: it is unclear which one holds"})
	}
	for key, secret := range map[jsontext.Pointer]Secret{"/password": c.Password, "/sentinelPassword": c.SentinelPassword} {
		if secret == redacted {
			all = append(all, finding{at + key, "is what a dump shows in place of the password, not a password"})
		}
	}
	if !c.SSL && c.SSLServerName != "" {
		all = append(all, finding{at + "/sslServerName", "needs ssl true"})
	}
	if !c.SSL && (c.SSLCACerts != "" || c.SSLCertfile != "" || c.SSLKeyfile != "") {
		all = append(all, finding{at + "/ssl", "must be true where files for TLS are given: without it nothing is encrypted"})
	}
	return append(all, c.pairConflicts()...)
}

// pairConflicts finds a certificate without its key, and a key without its certificate.
func (c Connection) pairConflicts() []finding {
	switch {
	case c.SSLKeyfile != "" && c.SSLCertfile == "":
		return []finding{{connectionAt + "/sslKeyfile", "needs sslCertfile: a key is of no use without its certificate"}}
	case c.SSLCertfile != "" && c.SSLKeyfile == "":
		return []finding{{connectionAt + "/sslCertfile", "needs sslKeyfile: a certificate is of no use without its key"}}
	}
	return nil
}

// modeConflicts finds keys that the mode needs, and those that it does not use: a
// file that gives nodes and no mode would connect to quite another server.
func (c Connection) modeConflicts(at jsontext.Pointer) (all []finding) {
	many := c.Mode == ModeSentinel || c.Mode == ModeCluster
	for _, key := range []struct {
		name         jsontext.Pointer
		given        bool
		used, needed bool
		mode         string
	}{
		{"/nodes", len(c.Nodes) > 0, many, many, "sentinel or cluster"},
		{"/sentinelMasterSet", c.SentinelMasterSet != "", c.Mode == ModeSentinel, c.Mode == ModeSentinel, "sentinel"},
		{"/sentinelUsername", c.SentinelUsername != "", c.Mode == ModeSentinel, false, "sentinel"},
		{"/sentinelPassword", c.SentinelPassword != "", c.Mode == ModeSentinel, false, "sentinel"},
	} {
		switch {
		case key.needed && !key.given:
			all = append(all, finding{at + key.name, "is needed: mode is " + c.Mode})
		case key.given && !key.used:
			all = append(all, finding{at + key.name, "needs mode " + key.mode + " but mode is " + cited(c.Mode)})
		}
	}
	if c.Mode == ModeCluster && c.DB != 0 {
		all = append(all, finding{at + "/db", fmt.Sprintf("must be 0 but found %d: a cluster has no other database", c.DB)})
	}
	return all
}

func (c Connection) hostConflicts(at jsontext.Pointer) (all []finding) {
	if c.Host != "" && !isHost(c.Host) {
		all = append(all, finding{at + "/host", "must be the name or the address of a host, without a port, and no URL, but found " + harmless(c.Host)})
	}
	for i, node := range c.Nodes {
		if !isHostPort(node) {
			all = append(all, finding{at + jsontext.Pointer(fmt.Sprintf("/nodes/%d", i)), "must be host:port, with a port from 1 to 65535, but found " + harmless(node)})
		}
	}
	return all
}

// harmless cites what was found where an address is wanted, unless it has a character
// that no address has: it may be a URL with a password in it then.
func harmless(s string) string {
	for _, c := range s {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune(".:-_[]", c) {
			return "one with the character " + strconv.QuoteRune(c)
		}
	}
	if strings.Count(s, ":") > 1 && net.ParseIP(strings.Trim(s, "[]")) == nil {
		return "one with several colons"
	}
	return cited(s)
}

func isHostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	n, portErr := strconv.ParseUint(port, 10, 16)
	return err == nil && isHost(host) && portErr == nil && n > 0
}

// isHost reports whether s can be the name or the address of a host, as far as its
// characters tell.
func isHost(s string) bool {
	if address, _, _ := strings.Cut(s, "%"); strings.Contains(s, ":") && net.ParseIP(address) == nil {
		return false // a port has a key of its own
	}
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c == 0x7f || c == unicode.ReplacementChar || strings.ContainsRune("/@[]\\\"'<>", c)
	})
}

// slots finds streams that may lie on different nodes of a cluster: what is read,
// written and acknowledged in one step must lie on one.
func (s Streams) slots() (all []finding) {
	const root = jsontext.Pointer("/redis/streams")
	first, firstTag := jsontext.Pointer(""), ""
	look := func(path jsontext.Pointer, stream string) {
		tag := hashTag(stream)
		switch {
		case stream == "":
		case tag == "":
			all = append(all, finding{
				root + path,
				fmt.Sprintf("needs a hash tag in a cluster, the same as the others, such as %s", cited("{producer}"+stream)),
			})
		case first == "":
			first, firstTag = root+path, tag
		case tag != firstTag:
			all = append(all, finding{root + path, fmt.Sprintf("must have the same hash tag in a cluster as %s, %s, but has %s",
				pathText(first), cited("{"+firstTag+"}"), cited("{"+tag+"}"))})
		}
	}
	for i, in := range s.Inputs {
		look(jsontext.Pointer(fmt.Sprintf("/inputs/%d/streamId", i)), in.StreamID)
	}
	for i, out := range s.Outputs {
		look(jsontext.Pointer(fmt.Sprintf("/outputs/%d/streamId", i)), out.StreamID)
	}
	look("/deadLetter/streamId", s.DeadLetter.StreamID)
	return all
}

// hashTag returns what stands between the first { and the first } behind it, by
// which a cluster chooses the node of a key.
func hashTag(key string) string {
	_, after, _ := strings.Cut(key, "{")
	tag, _, closed := strings.Cut(after, "}")
	if !closed {
		return ""
	}
	return tag
}
