package den

// TrafficParticipantType is the kind of a station: stationType in messages
// (TS 102 894-2). Codes that ETSI reserves are refused.
type TrafficParticipantType uint8

// The traffic participant types. An infrastructure service such as this one is a
// TypeRoadSideUnit, even when it runs in a data centre.
const (
	TypeUnknown         TrafficParticipantType = 0
	TypePedestrian      TrafficParticipantType = 1
	TypeCyclist         TrafficParticipantType = 2
	TypeMoped           TrafficParticipantType = 3
	TypeMotorcycle      TrafficParticipantType = 4
	TypePassengerCar    TrafficParticipantType = 5
	TypeBus             TrafficParticipantType = 6
	TypeLightTruck      TrafficParticipantType = 7
	TypeHeavyTruck      TrafficParticipantType = 8
	TypeTrailer         TrafficParticipantType = 9
	TypeSpecialVehicle  TrafficParticipantType = 10
	TypeTram            TrafficParticipantType = 11
	TypeLightVruVehicle TrafficParticipantType = 12
	TypeAnimal          TrafficParticipantType = 13
	TypeAgricultural    TrafficParticipantType = 14
	TypeRoadSideUnit    TrafficParticipantType = 15
)

var participantTypes = newEnum("traffic participant type",
	enumValue{0, "unknown", nil},
	enumValue{1, "pedestrian", nil},
	enumValue{2, "cyclist", nil},
	enumValue{3, "moped", nil},
	enumValue{4, "motorcycle", nil},
	enumValue{5, "passengerCar", nil},
	enumValue{6, "bus", nil},
	enumValue{7, "lightTruck", nil},
	enumValue{8, "heavyTruck", nil},
	enumValue{9, "trailer", nil},
	enumValue{10, "specialVehicle", []string{"specialVehicles"}},
	enumValue{11, "tram", nil},
	enumValue{12, "lightVruVehicle", nil},
	enumValue{13, "animal", nil},
	enumValue{14, "agricultural", nil},
	enumValue{15, "roadSideUnit", nil},
)

// String returns the ETSI identifier, such as "passengerCar".
func (t TrafficParticipantType) String() string { return participantTypes.name(uint8(t)) }

// MarshalText implements encoding.TextMarshaler. A code that ETSI does not
// define is an error.
func (t TrafficParticipantType) MarshalText() ([]byte, error) {
	return participantTypes.marshal(uint8(t))
}

// UnmarshalText implements encoding.TextUnmarshaler. It reads the ETSI
// identifier in any usual spelling, or the number.
func (t *TrafficParticipantType) UnmarshalText(text []byte) error {
	return participantTypes.unmarshal(text, (*uint8)(t))
}
