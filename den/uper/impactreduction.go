package uper

// ImpactReduction is the ImpactReductionContainer (EN 302 637-3): what a vehicle
// tells another one just before they collide. All lengths are in the vehicle's own
// frame; the values that mean unavailable are given with each.
type ImpactReduction struct {
	HeightLonCarrLeft         uint8  // 0.01 m, 1..100; 100 unavailable
	HeightLonCarrRight        uint8  // 0.01 m, 1..100; 100 unavailable
	PosLonCarrLeft            uint8  // 0.01 m, 1..127; 127 unavailable
	PosLonCarrRight           uint8  // 0.01 m, 1..127; 127 unavailable
	PositionOfPillars         []byte // 0.1 m each, 1..30; 30 unavailable; ETSI asks for 1..3
	PosCentMass               uint8  // 0.1 m, 1..63; 63 unavailable
	WheelBaseVehicle          uint8  // 0.1 m, 1..127; 127 unavailable
	TurningRadius             uint8  // 0.4 m, 1..255; 255 unavailable
	PosFrontAx                uint8  // 0.1 m, 1..20; 20 unavailable
	PositionOfOccupants       PositionOfOccupants
	VehicleMass               uint16 // 100 kg, 1..1024; 1024 unavailable
	RequestResponseIndication uint8  // 0 request, 1 response
}

// PositionOfOccupants says which seats are taken, as a bit string of 20 bits: five
// for each of four rows, from the front. In each row they are left, right and
// middle occupied, not detectable, not present. The first of ETSI's bits,
// row1LeftOccupied, is 1<<19; the last, row4NotPresent, is 1<<0.
type PositionOfOccupants uint32

var (
	spanHeightLonCarrLeft   = newSpan("heightLonCarrLeft", "HeightLonCarr", 1, 100)
	spanHeightLonCarrRight  = newSpan("heightLonCarrRight", "HeightLonCarr", 1, 100)
	spanPosLonCarrLeft      = newSpan("posLonCarrLeft", "PosLonCarr", 1, 127)
	spanPosLonCarrRight     = newSpan("posLonCarrRight", "PosLonCarr", 1, 127)
	spanPositionOfPillars   = newSpan("positionOfPillars", "PositionOfPillars", 1, 3)
	spanPosPillar           = newSpan("", "PosPillar", 1, 30)
	spanPosCentMass         = newSpan("posCentMass", "PosCentMass", 1, 63)
	spanWheelBaseVehicle    = newSpan("wheelBaseVehicle", "WheelBaseVehicle", 1, 127)
	spanTurningRadius       = newSpan("turningRadius", "TurningRadius", 1, 255)
	spanPosFrontAx          = newSpan("posFrontAx", "PosFrontAx", 1, 20)
	spanPositionOfOccupants = newSpan("positionOfOccupants", "PositionOfOccupants", 0, 1<<20-1)
	spanVehicleMass         = newSpan("vehicleMass", "VehicleMass", 1, 1024)
	spanRequestResponse     = newSpan("requestResponseIndication", "RequestResponseIndication", 0, 1)
)

func (c *coder) impactReduction(r *ImpactReduction) {
	c.enter("impactReduction")
	defer c.leave()
	number(c, &r.HeightLonCarrLeft, spanHeightLonCarrLeft)
	number(c, &r.HeightLonCarrRight, spanHeightLonCarrRight)
	number(c, &r.PosLonCarrLeft, spanPosLonCarrLeft)
	number(c, &r.PosLonCarrRight, spanPosLonCarrRight)
	octets(c, &r.PositionOfPillars, spanPositionOfPillars, spanPosPillar)
	number(c, &r.PosCentMass, spanPosCentMass)
	number(c, &r.WheelBaseVehicle, spanWheelBaseVehicle)
	number(c, &r.TurningRadius, spanTurningRadius)
	number(c, &r.PosFrontAx, spanPosFrontAx)
	number(c, &r.PositionOfOccupants, spanPositionOfOccupants)
	number(c, &r.VehicleMass, spanVehicleMass)
	number(c, &r.RequestResponseIndication, spanRequestResponse)
}

// octets walks over a list of small numbers that may grow, SIZE (1..3, ...).
func octets(c *coder, list *[]byte, length, each *span) {
	n := c.extensibleCount(len(*list), length, int(each.bits))
	sized(c, list, n)
	c.enter(length.name)
	defer c.leave()
	for i := 0; i < n && c.err == nil; i++ {
		c.at(i)
		number(c, &(*list)[i], each)
	}
}
