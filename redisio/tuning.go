package redisio

import (
	"net"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// refreshInterval is how often we ask, where there are several servers, which of
// them is the master: the news of a change can get lost.
const refreshInterval = 2 * time.Second

// option chooses what rueidis leaves open. Safety comes before speed where both
// are possible.
func (c *connection) option() rueidis.ClientOption {
	o := &c.options
	option := rueidis.ClientOption{
		InitAddress:       []string{o.Address},
		Username:          o.Username,
		Password:          o.Password,
		SelectDB:          o.DB,
		TLSConfig:         o.TLS,
		ClientName:        connectionName(o.Name, c.role),
		Dialer:            net.Dialer{Timeout: o.ConnectTimeout, KeepAlive: o.KeepAlive},
		ConnWriteTimeout:  o.Timeout,
		AlwaysRESP2:       o.RESP2,
		DisableCache:      true, // we read nothing twice
		DisableRetry:      true, // a write must not be repeated behind our back
		PipelineMultiplex: -1,   // one connection each: order is kept
		BlockingPoolSize:  o.MaxConnections,
		// A command whose context ends must not take others on the connection
		// with it.
		AlwaysPipelining: true,
		// ConnLifetime stays 0: when it ends in a stall, rueidis sends again what
		// was in flight.
	}
	switch {
	case len(o.Sentinel.Addresses) > 0:
		option.InitAddress = o.Sentinel.Addresses
		option.Sentinel = rueidis.SentinelOption{
			MasterSet:               o.Sentinel.MasterSet,
			Username:                o.Sentinel.Username,
			Password:                o.Sentinel.Password,
			TLSConfig:               o.Sentinel.TLS,
			Dialer:                  option.Dialer,
			ClientName:              option.ClientName,
			TopologyRefreshInterval: refreshInterval,
		}
	case len(o.Cluster) > 0:
		option.InitAddress = o.Cluster
		option.ClusterOption = rueidis.ClusterOption{
			ShardsRefreshInterval: refreshInterval,
			MaxMovedRedirections:  8,
		}
	default:
		option.ForceSingleClient = true // usable although the server is down at the start
	}
	if c.role == "reader" {
		option.RingScaleEachConn = 8
		option.ReadBufferEachConn = 64 << 10
		option.WriteBufferEachConn = 16 << 10
	}
	return option
}

// connectionName is what CLIENT LIST shows. The server refuses a connection whose
// name has other than printable ASCII characters.
func connectionName(name, role string) string {
	return "redisio:" + strings.Map(func(c rune) rune {
		if c <= ' ' || c > '~' {
			return '_'
		}
		return c
	}, name) + ":" + role
}
