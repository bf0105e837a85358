package uper

// The parts of a PerceivedObject that this package does not keep. They have no
// length of their own, so to pass over them is to know them (TS 102 894-2 V2.2.1).

var (
	spanMatrices   = newR2Span("lowerTriangularCorrelationMatrices", "LowerTriangularPositiveSemidefiniteMatrices", 1, 4)
	spanColumns    = newR2Span("matrix", "LowerTriangularPositiveSemidefiniteMatrixColumns", 1, 13)
	spanColumn     = newR2Span("matrix", "CorrelationColumn", 1, 13)
	spanSensorList = newR2Span("sensorIdList", "SequenceOfIdentifier1B", 1, 128)
)

func (c *coder) skipMatrices() {
	c.skipped |= SkippedSensing
	for range c.count(0, spanMatrices, 1+13+4+1+4+8) {
		included := 13 // bits that say which components are in the matrix
		if c.bit() {
			included = c.length(0, spanColumns.name)
		}
		c.skipList(included, 1)
		for range c.count(0, spanColumns, 1+4+8) {
			c.skipList(c.extensibleCount(0, spanColumn, 8), 8) // of CorrelationCellValue
		}
	}
}

func (c *coder) skipSensors() {
	c.skipped |= SkippedSensing
	c.skipList(c.extensibleCount(0, spanSensorList, 8), 8)
}

// skipMapPosition passes over a MapPosition: optionally a reference to a map, the
// ids of a lane and of a connection, and where along the lane.
func (c *coder) skipMapPosition() {
	c.skipped |= SkippedSensing
	c.enter("mapPosition")
	defer c.leave()
	extended := c.extended(false)
	hasReference, hasLane, hasConnection, hasLongitudinal := c.bit(), c.bit(), c.bit(), c.bit()
	if hasReference {
		c.bit() // a road segment or an intersection; both are a region and an id
		bits := 16
		if c.bit() {
			bits += 16
		}
		c.skipList(bits, 1)
	}
	if hasLane {
		c.skipList(8, 1)
	}
	if hasConnection {
		c.skipList(8, 1)
	}
	if hasLongitudinal {
		c.skipList(15+10, 1) // LongitudinalLanePosition
	}
	c.noAdditions(extended, SkippedPreCrash)
}

// skipList passes over n elements of so many bits each.
func (c *coder) skipList(n, bits int) {
	if n*bits > c.left() {
		c.syntax("", ErrTruncated)
		return
	}
	c.skip(n * bits)
}
