package den

// ObjectFace is a side of a vehicle or another object (TS 102 894-2), the one
// that is expected to be hit.
type ObjectFace uint8

// The faces of an object.
const (
	FaceFront          ObjectFace = 0
	FaceSideLeftFront  ObjectFace = 1
	FaceSideLeftBack   ObjectFace = 2
	FaceSideRightFront ObjectFace = 3
	FaceSideRightBack  ObjectFace = 4
	FaceBack           ObjectFace = 5
)

var objectFaces = newEnum("object face",
	enumValue{0, "front", nil},
	enumValue{1, "sideLeftFront", nil},
	enumValue{2, "sideLeftBack", nil},
	enumValue{3, "sideRightFront", nil},
	enumValue{4, "sideRightBack", nil},
	enumValue{5, "back", nil},
)

// String returns the ETSI identifier, such as "front".
func (f ObjectFace) String() string { return objectFaces.name(uint8(f)) }

// MarshalText implements encoding.TextMarshaler. A code that ETSI does not
// define is an error.
func (f ObjectFace) MarshalText() ([]byte, error) { return objectFaces.marshal(uint8(f)) }

// UnmarshalText implements encoding.TextUnmarshaler. It reads the ETSI
// identifier in any usual spelling, or the number.
func (f *ObjectFace) UnmarshalText(text []byte) error {
	return objectFaces.unmarshal(text, (*uint8)(f))
}
