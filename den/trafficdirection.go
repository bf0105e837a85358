package den

// TrafficDirection says which traffic a DENM concerns, seen from the event
// position (TS 102 894-2).
type TrafficDirection uint8

// The traffic directions. Release 1 of ETSI used the short names.
const (
	AllTrafficDirections TrafficDirection = 0
	UpstreamTraffic      TrafficDirection = 1
	DownstreamTraffic    TrafficDirection = 2
	OppositeTraffic      TrafficDirection = 3
)

var trafficDirections = newEnum("traffic direction",
	enumValue{0, "allTrafficDirections", []string{"allTrafficDir"}},
	enumValue{1, "sameAsReferenceDirection-upstreamOfReferencePosition", []string{"upstreamTraffic"}},
	enumValue{2, "sameAsReferenceDirection-downstreamOfReferencePosition", []string{"downstreamTraffic"}},
	enumValue{3, "oppositeToReferenceDirection", []string{"oppositeTraffic"}},
)

// String returns the ETSI identifier, such as "allTrafficDirections".
func (d TrafficDirection) String() string { return trafficDirections.name(uint8(d)) }

// MarshalText implements encoding.TextMarshaler. A code that ETSI does not
// define is an error.
func (d TrafficDirection) MarshalText() ([]byte, error) { return trafficDirections.marshal(uint8(d)) }

// UnmarshalText implements encoding.TextUnmarshaler. It reads the ETSI
// identifier in any usual spelling, or the number.
func (d *TrafficDirection) UnmarshalText(text []byte) error {
	return trafficDirections.unmarshal(text, (*uint8)(d))
}
