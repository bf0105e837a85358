package den

// The JSON of a DENM and of a collision array is written by hand, key by key:
// encoding is the hottest path of the service, and this way it costs a third of
// what reflection costs and no allocation. Tests hold it against the decoder.

// AppendJSON appends the DENM as a JSON object and returns the extended buffer.
// Absent values are written as null. It allocates nothing when the buffer is
// large enough.
func (d *DENM) AppendJSON(b []byte) []byte {
	b = appendUint(d.appendSender(b), d.Management.ActionID.SequenceNumber)
	b = appendOptional(d.appendReference(b, nil), d.Management.ValidityDuration)
	return d.appendPreCrash(d.appendCircumstances(b), nil)
}

// appendSender appends what stands before the sequence number.
func (d *DENM) appendSender(b []byte) []byte {
	b = appendUint(append(b, `{"stationId":`...), d.StationID)
	b = append(b, `,"managementContainer":{"actionId":{"originatingStationId":`...)
	b = appendUint(b, d.Management.ActionID.OriginatingStationID)
	return append(b, `,"sequenceNumber":`...)
}

// appendReference appends what stands between the sequence number and the duration of
// the validity.
func (d *DENM) appendReference(b []byte, last *written) []byte {
	m := &d.Management
	b = appendTime(append(b, `},"detectionTime":`...), m.DetectionTime)
	b = appendTime(append(b, `,"referenceTime":`...), m.ReferenceTime)
	b = appendEnum(append(b, `,"termination":`...), m.Termination, terminations)
	b = m.EventPosition.append(append(b, `,"eventPosition":`...), last)
	b = appendOptional(append(b, `,"awarenessDistance":`...), m.AwarenessDistance)
	b = appendEnum(append(b, `,"trafficDirection":`...), m.TrafficDirection, trafficDirections)
	return append(b, `,"validityDuration":`...)
}

// appendCircumstances appends what stands between the duration of the validity and the
// predicted collision.
func (d *DENM) appendCircumstances(b []byte) []byte {
	m := &d.Management
	b = appendOptional(append(b, `,"transmissionInterval":`...), m.TransmissionInterval)
	b = appendEnum(append(b, `,"stationType":`...), Some(m.StationType), participantTypes)
	b = appendOptional(append(b, `,"referenceStationId":`...), m.ReferenceStationID)
	b = appendOptional(append(b, `,"referenceObjectId":`...), m.ReferenceObjectID)
	b = append(b, `},"situationContainer":`...)
	if d.Situation.Valid {
		b = d.Situation.Value.append(b)
	} else {
		b = appendNull(b)
	}
	b = append(b, `,"locationContainer":`...)
	if d.Location.Valid {
		return d.Location.Value.append(b)
	}
	return appendNull(b)
}

// appendPreCrash appends the rest.
func (d *DENM) appendPreCrash(b []byte, last *written) []byte {
	b = append(b, `,"preCrashContainer":`...)
	if d.PreCrash.Valid {
		b = d.PreCrash.Value.append(b, last)
	} else {
		b = appendNull(b)
	}
	return append(b, '}')
}

// MarshalJSON implements json.Marshaler; it writes what AppendJSON writes.
func (d DENM) MarshalJSON() ([]byte, error) { return d.AppendJSON(nil), nil }

// UnmarshalJSON implements json.Unmarshaler; it reads what [ParseDENM] reads.
func (d *DENM) UnmarshalJSON(data []byte) error {
	parsed, err := ParseDENM(data)
	if err == nil {
		*d = *parsed
	}
	return err
}

func (s *Situation) append(b []byte) []byte {
	b = appendOptional(append(b, `{"informationQuality":`...), s.InformationQuality)
	b = appendEnum(append(b, `,"eventType":`...), Some(s.EventType), causeCodes)
	return append(b, '}')
}

func (l *Location) append(b []byte) []byte {
	b = appendSpeed(append(b, `{"eventSpeed":`...), l.EventSpeed)
	b = appendHeading(append(b, `,"eventPositionHeading":`...), l.EventPositionHeading)
	b = appendEnum(append(b, `,"roadType":`...), l.RoadType, roadTypes)
	return append(b, '}')
}

func (p *PreCrash) append(b []byte, last *written) []byte {
	b = p.PerceivedObject.append(append(b, `{"perceivedObject":`...), last)
	b = appendOptional(append(b, `,"stationIdInvolved":`...), p.StationIDInvolved)
	b = appendOptional(append(b, `,"timeToCollision":`...), p.TimeToCollision)
	b = appendEnum(append(b, `,"impactSection":`...), p.ImpactSection, objectFaces)
	b = appendOptional(append(b, `,"estimatedBrakingDistance":`...), p.EstimatedBrakingDistance)
	b = appendPlace(append(b, `,"estimatedCollisionLatitude":`...), p.EstimatedCollisionLatitude)
	b = appendPlace(append(b, `,"estimatedCollisionLongitude":`...), p.EstimatedCollisionLongitude)
	return append(b, '}')
}

func (o *PerceivedObject) append(b []byte, last *written) []byte {
	b = appendOptional(append(b, `{"objectId":`...), o.ObjectID)
	b = appendInt(append(b, `,"measurementDeltaTime":`...), o.MeasurementDeltaTime)
	b = o.Position.append(append(b, `,"position":`...), last)
	b = appendSpeed(append(b, `,"speed":`...), o.Speed)
	b = appendHeading(append(b, `,"heading":`...), o.Heading)
	return last.appendExtent(b, extent{o.ObjectDimensionX, o.ObjectDimensionY, o.ObjectDimensionZ, o.ObjectPerceptionQuality})
}

// append appends what a perceived object ends with.
func (e *extent) append(b []byte) []byte {
	b = appendDimension(append(b, `,"objectDimensionZ":`...), e.z)
	b = appendDimension(append(b, `,"objectDimensionY":`...), e.y)
	b = appendDimension(append(b, `,"objectDimensionX":`...), e.x)
	b = appendOptional(append(b, `,"objectPerceptionQuality":`...), e.quality)
	return append(b, '}')
}

// AppendJSON appends the collision array as a JSON object and returns the
// extended buffer. Absent values are written as null.
func (c *StationCollisions) AppendJSON(b []byte) []byte {
	b = appendTime(append(b, `{"detectionTime":`...), c.DetectionTime)
	b = append(b, `,"stations":[`...)
	for i := range c.Stations {
		if i > 0 {
			b = append(b, ',')
		}
		b = c.Stations[i].append(b)
	}
	return append(b, `]}`...)
}

// MarshalJSON implements json.Marshaler; it writes what AppendJSON writes.
func (c StationCollisions) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil), nil }

// UnmarshalJSON implements json.Unmarshaler; it reads what
// [ParseStationCollisions] reads.
func (c *StationCollisions) UnmarshalJSON(data []byte) error {
	parsed, err := ParseStationCollisions(data)
	if err == nil {
		*c = *parsed
	}
	return err
}

func (s *StationCollision) append(b []byte) []byte {
	b = appendUint(append(b, `{"stationId":`...), s.StationID)
	b = appendOptional(append(b, `,"objectId":`...), s.ObjectID)
	b = appendEnum(append(b, `,"stationType":`...), Some(s.StationType), participantTypes)
	b = append(b, `,"measurementTime":`...)
	if s.MeasurementTime.Valid {
		b = appendTime(b, s.MeasurementTime.Value)
	} else {
		b = appendNull(b)
	}
	b = s.Position.append(append(b, `,"position":`...), nil)
	b = appendSpeed(append(b, `,"speed":`...), Some(s.Speed))
	b = appendHeading(append(b, `,"heading":`...), Some(s.Heading))
	b = appendDimension(append(b, `,"objectDimensionX":`...), s.ObjectDimensionX)
	b = appendDimension(append(b, `,"objectDimensionY":`...), s.ObjectDimensionY)
	b = appendDimension(append(b, `,"objectDimensionZ":`...), s.ObjectDimensionZ)
	b = appendOptional(append(b, `,"objectPerceptionQuality":`...), s.ObjectPerceptionQuality)
	b = appendOptional(append(b, `,"timeToCollision":`...), s.TimeToCollision)
	b = appendPlace(append(b, `,"collisionLatitude":`...), s.CollisionLatitude)
	b = appendPlace(append(b, `,"collisionLongitude":`...), s.CollisionLongitude)
	b = appendEnum(append(b, `,"impactSection":`...), s.ImpactSection, objectFaces)
	b = appendOptional(append(b, `,"estimatedBrakingDistance":`...), s.EstimatedBrakingDistance)
	return append(b, '}')
}
