package uper

import "github.com/step-its/producer/den"

// ObjectClass is a class that an object may be of (ObjectClassWithConfidence,
// TS 102 894-2 V2.2.1). Kind says what the other members mean.
type ObjectClass struct {
	Kind ObjectKind
	// VRUProfile, of a KindVRU, is 0 pedestrian, 1 bicyclist or light VRU vehicle,
	// 2 motorcyclist, 3 animal.
	VRUProfile uint8
	// SubClass is, of a KindVehicle, the traffic participant type, 0..14; of a
	// KindVRU, the sub profile, 0..15; of a KindGroup, how many there are, 0..255;
	// of a KindOther, 0 unknown, 1 single object, 2 multiple objects, 3 bulk
	// material, 0..255.
	SubClass uint8
	// ClusterID and ClusterProfiles belong to a KindGroup. The profiles are a set:
	// pedestrian 1<<3, bicyclist 1<<2, motorcyclist 1<<1, animal 1<<0.
	ClusterID       den.Optional[uint8]
	ClusterProfiles den.Optional[uint8]
	Confidence      uint8 // percent, 1..101; 101 unavailable
}

// ObjectKind is the kind of an ObjectClass.
type ObjectKind uint8

// The kinds of objects. KindUnknown is one that this package does not know: it is
// read, and cannot be written.
const (
	KindVehicle ObjectKind = iota
	KindVRU
	KindGroup
	KindOther
	KindUnknown
)

var (
	spanClassification     = newR2Span("classification", "ObjectClassDescription", 1, 8)
	spanKind               = newR2Span("objectClass", "ObjectClass", 0, 3)
	spanVehicleSubClass    = newR2Span("vehicleSubClass", "ObjectClass", 0, 14)
	spanVRUProfile         = newR2Span("vruSubClass", "VruProfileAndSubprofile", 0, 3)
	spanVRUSubProfile      = newR2Span("vruSubClass", "VruSubProfile", 0, 15)
	spanClusterID          = newR2Span("clusterId", "Identifier1B", 0, 255)
	spanClusterCardinality = newR2Span("clusterCardinalitySize", "CardinalNumber1B", 0, 255)
	spanClusterProfiles    = newR2Span("clusterProfiles", "VruClusterProfiles", 0, 15)
	spanOtherSubClass      = newR2Span("otherSubClass", "OtherSubClass", 0, 255)
	spanClassConfidence    = newR2Span("confidence", "ConfidenceLevel", 1, 101)
)

func (c *coder) classification(classes *[]ObjectClass) {
	n := c.count(len(*classes), spanClassification, 1+7)
	sized(c, classes, n)
	c.enter("classification")
	defer c.leave()
	for i := 0; i < n && c.err == nil; i++ {
		c.at(i)
		class := &(*classes)[i]
		c.objectClass(class)
		number(c, &class.Confidence, spanClassConfidence)
	}
}

func (c *coder) objectClass(o *ObjectClass) {
	if c.present(false) { // an alternative that was added
		o.Kind = KindUnknown
		c.skipAlternative()
		return
	}
	number(c, &o.Kind, spanKind)
	if c.err != nil {
		return
	}
	switch o.Kind {
	case KindVehicle:
		number(c, &o.SubClass, spanVehicleSubClass)
	case KindVRU:
		if c.present(false) {
			o.Kind = KindUnknown
			c.skipAlternative()
			return
		}
		number(c, &o.VRUProfile, spanVRUProfile)
		number(c, &o.SubClass, spanVRUSubProfile)
	case KindGroup:
		c.group(o)
	case KindOther:
		number(c, &o.SubClass, spanOtherSubClass)
	}
}

// group walks over a VruClusterInformation. ETSI forbids a bounding box here.
func (c *coder) group(o *ObjectClass) {
	extended := c.extended(false)
	c.flag(&o.ClusterID.Valid)
	hasShape := c.present(false)
	c.flag(&o.ClusterProfiles.Valid)
	if hasShape {
		c.wrong("groupSubClass", "has a clusterBoundingBoxShape, which it must not have")
		return
	}
	if o.ClusterID.Valid {
		number(c, &o.ClusterID.Value, spanClusterID)
	}
	number(c, &o.SubClass, spanClusterCardinality)
	if o.ClusterProfiles.Valid {
		number(c, &o.ClusterProfiles.Value, spanClusterProfiles)
	}
	c.noAdditions(extended, SkippedPreCrash)
}

// skipAlternative passes over an alternative of a CHOICE that was added: its
// index, as a normally small number, and an open type.
func (c *coder) skipAlternative() {
	if c.bit() {
		c.syntax("objectClass", ErrExtension)
		return
	}
	c.take(6)
	c.skipOpen()
	c.skipped |= SkippedPreCrash
}
