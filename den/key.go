package den

import "strconv"

// Key identifies a pair of road users on collision course. The first is the
// reference of the collision array, the second one of its targets. Object id 0
// is the station itself.
type Key struct {
	ReferenceStation StationID
	ReferenceObject  ObjectID
	TargetStation    StationID
	TargetObject     ObjectID
}

// String returns the pair, such as "1001:0-1002:7".
func (k Key) String() string {
	b := strconv.AppendUint(nil, uint64(k.ReferenceStation), 10)
	b = strconv.AppendUint(append(b, ':'), uint64(k.ReferenceObject), 10)
	b = strconv.AppendUint(append(b, '-'), uint64(k.TargetStation), 10)
	b = strconv.AppendUint(append(b, ':'), uint64(k.TargetObject), 10)
	return string(b)
}

// Reversed returns the key with the two parties exchanged.
func (k Key) Reversed() Key {
	return Key{k.TargetStation, k.TargetObject, k.ReferenceStation, k.ReferenceObject}
}

// Canonical returns k or its reverse, whichever has the party with the lower
// station and object id first.
func (k Key) Canonical() Key {
	if k.TargetStation < k.ReferenceStation ||
		(k.TargetStation == k.ReferenceStation && k.TargetObject < k.ReferenceObject) {
		return k.Reversed()
	}
	return k
}
