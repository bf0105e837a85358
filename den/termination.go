package den

// Termination says that an event is over (TS 103 831, termination). A DENM that
// opens or updates an event has none.
type Termination uint8

// The two ways in which an event ends before its time.
const (
	IsCancellation Termination = 0 // sent by the station that opened the event
	IsNegation     Termination = 1 // sent by another station
)

var terminations = newEnum("termination",
	enumValue{0, "isCancellation", []string{"cancellation"}},
	enumValue{1, "isNegation", []string{"negation"}},
)

// String returns the ETSI identifier, such as "isCancellation".
func (t Termination) String() string { return terminations.name(uint8(t)) }

// MarshalText implements encoding.TextMarshaler. A code that ETSI does not
// define is an error.
func (t Termination) MarshalText() ([]byte, error) { return terminations.marshal(uint8(t)) }

// UnmarshalText implements encoding.TextUnmarshaler. It reads the ETSI
// identifier in any usual spelling, or the number.
func (t *Termination) UnmarshalText(text []byte) error {
	return terminations.unmarshal(text, (*uint8)(t))
}
