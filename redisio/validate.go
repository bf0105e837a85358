package redisio

import (
	"crypto/tls"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"time"

	"github.com/step-its/producer/den"
)

// mistakes gathers what is wrong with Options.
type mistakes []string

func (m *mistakes) add(format string, args ...any) {
	*m = append(*m, fmt.Sprintf("redisio: Options."+format, args...))
}

// validate reports everything that is wrong, one problem a line.
func (o Options) validate() error {
	var wrong mistakes
	o.validateServers(&wrong)
	if o.Name == "" {
		wrong.add("Name is missing")
	}
	if o.DB < 0 {
		wrong.add("DB must be at least 0 but is %d", o.DB)
	}
	if o.Block < time.Millisecond || o.Block > time.Second {
		wrong.add("Block must be 1ms..1s but is %v", o.Block)
	}
	if o.LeaseTime < 100*time.Millisecond || o.LeaseTime > time.Minute {
		wrong.add("LeaseTime must be 100ms..1m0s but is %v", o.LeaseTime)
	}
	if o.MaxDeliveries < 1 {
		wrong.add("MaxDeliveries must be at least 1 but is %d", o.MaxDeliveries)
	}
	if o.ConnectTimeout < 0 || o.Timeout < 0 || o.MaxConnections < 0 {
		wrong.add("ConnectTimeout, Timeout and MaxConnections must not be negative")
	}
	if len(o.Outputs) > 0 && o.Event.Source == "" {
		wrong.add("Event.Source is missing")
	}
	o.validateStreams(&wrong)
	if len(o.Cluster) > 0 {
		o.validateSlots(&wrong)
	}
	if wrong == nil {
		return nil
	}
	return &den.ConfigError{Problems: wrong}
}

// validateServers looks at where the servers are. Addresses are not shown: they
// may be URLs with a password in them.
func (o Options) validateServers(wrong *mistakes) {
	withSentinel := len(o.Sentinel.Addresses) > 0 || o.Sentinel.MasterSet != ""
	ways := 0
	for _, given := range []bool{o.Address != "", withSentinel, len(o.Cluster) > 0} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		wrong.add("Address, Sentinel and Cluster exclude each other")
	case withSentinel:
		if len(o.Sentinel.Addresses) == 0 {
			wrong.add("Sentinel.Addresses is missing")
		}
		if o.Sentinel.MasterSet == "" {
			wrong.add("Sentinel.MasterSet is missing")
		}
	case len(o.Cluster) > 0:
		if o.DB > 0 {
			wrong.add("DB must be 0 in a cluster but is %d", o.DB)
		}
	case !isAddress(o.Address):
		wrong.add("Address must be host:port, with a port from 1 to 65535")
	}
	wrong.addresses("Sentinel.Addresses", o.Sentinel.Addresses)
	wrong.addresses("Cluster", o.Cluster)
	wrong.versions("TLS", o.TLS)
	wrong.versions("Sentinel.TLS", o.Sentinel.TLS)
}

func (m *mistakes) addresses(field string, addresses []string) {
	for i, address := range addresses {
		if !isAddress(address) {
			m.add("%s[%d] must be host:port, with a port from 1 to 65535", field, i)
		}
	}
}

// versions looks at the TLS versions that a configuration allows.
func (m *mistakes) versions(field string, config *tls.Config) {
	if config != nil && config.MaxVersion != 0 && config.MaxVersion < tls.VersionTLS12 {
		m.add("%s.MaxVersion must be TLS 1.2 at least but is %s", field, tls.VersionName(config.MaxVersion))
	}
}

func (m *mistakes) encoding(output string, out OutputStream, first bool) {
	switch e := out.Encoding; {
	case e == nil:
	case first:
		m.add("%s.Encoding must be nil: the first output is the journal, in JSON", output)
	case e.ContentType == "" || e.Append == nil:
		m.add("%s.Encoding must have a ContentType and an Append", output)
	case out.Field == "actionId" || out.Field == "termination" || out.Field == "contentType":
		m.add("%s.Field %q is another field of an entry with an Encoding", output, out.Field)
	}
}

func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

var startID = regexp.MustCompile(`^(\$|\d{1,20}(-\d{1,20})?)$`)

func (o Options) validateStreams(wrong *mistakes) {
	seen := make(map[string]string) // stream to what it is used for
	use := func(field, stream string) {
		if stream == "" {
			wrong.add("%s.Stream is missing", field)
		} else if other, twice := seen[stream]; twice {
			wrong.add("%s.Stream %q is the stream of %s already", field, stream, other)
		}
		seen[stream] = field
	}
	for i, in := range o.Inputs {
		field := fmt.Sprintf("Inputs[%d]", i)
		use(field, in.Stream)
		if in.Group == "" {
			wrong.add("%s.Group is missing", field)
		}
		if _, err := parseID(in.StartID); in.StartID != "$" && (err != nil || !startID.MatchString(in.StartID)) {
			wrong.add("%s.StartID must be 0, $ or an entry id but is %q", field, in.StartID)
		}
	}
	for i, out := range o.Outputs {
		field := fmt.Sprintf("Outputs[%d]", i)
		use(field, out.Stream)
		if out.MaxLength < 0 || out.MaxAge < 0 {
			wrong.add("%s.MaxLength and MaxAge must not be negative", field)
		}
		wrong.encoding(field, out, i == 0)
	}
	if o.DeadLetter.Stream != "" {
		use("DeadLetter", o.DeadLetter.Stream)
	}
	if o.DeadLetter.MaxLength < 0 {
		wrong.add("DeadLetter.MaxLength must not be negative")
	}
}
