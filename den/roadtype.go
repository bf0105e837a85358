package den

// RoadType says what kind of road an event lies on (TS 102 894-2).
type RoadType uint8

// The road types: in a town or not, with a structural separation to the opposite
// lanes or without.
const (
	UrbanNotSeparated    RoadType = 0
	UrbanSeparated       RoadType = 1
	NonUrbanNotSeparated RoadType = 2
	NonUrbanSeparated    RoadType = 3
)

var roadTypes = newEnum("road type",
	enumValue{0, "urban-NoStructuralSeparationToOppositeLanes", []string{"urbanNoStructSepToOppositeLanes"}},
	enumValue{1, "urban-WithStructuralSeparationToOppositeLanes", []string{"urbanWithStructSepToOppositeLanes"}},
	enumValue{2, "nonUrban-NoStructuralSeparationToOppositeLanes", []string{"nonUrbanNoStructSepToOppositeLanes"}},
	enumValue{3, "nonUrban-WithStructuralSeparationToOppositeLanes", []string{"nonUrbanWithStructSepToOppositeLanes"}},
)

// String returns the ETSI identifier, such as "urban-NoStructuralSeparationToOppositeLanes".
func (t RoadType) String() string { return roadTypes.name(uint8(t)) }

// MarshalText implements encoding.TextMarshaler. A code that ETSI does not
// define is an error.
func (t RoadType) MarshalText() ([]byte, error) { return roadTypes.marshal(uint8(t)) }

// UnmarshalText implements encoding.TextUnmarshaler. It reads the ETSI
// identifier in any usual spelling, or the number.
func (t *RoadType) UnmarshalText(text []byte) error { return roadTypes.unmarshal(text, (*uint8)(t)) }
