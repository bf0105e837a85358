package den

// ParseDENM reads a DENM, the data of an event. Keys newer than some senders may
// be missing; a value out of its range is refused. It reads at most
// MaxMessageSize bytes; an error is a *[FieldError].
func ParseDENM(data []byte) (*DENM, error) {
	d := new(DENM)
	if err := read(data, func(r *reader) error { return denmKeys.read(r, d) }); err != nil {
		return nil, err
	}
	return d, nil
}

var denmKeys = newObject([]field[DENM]{
	{"stationId", required, func(r *reader, d *DENM) error { return intoInt(r, &d.StationID, spanStationID) }},
	{"managementContainer", required, func(r *reader, d *DENM) error { return managementKeys.read(r, &d.Management) }},
	{"situationContainer", optional, func(r *reader, d *DENM) error {
		return into(r, situationKeys, &d.Situation)
	}},
	{"locationContainer", optional, func(r *reader, d *DENM) error {
		return into(r, locationKeys, &d.Location)
	}},
	{"preCrashContainer", optional, func(r *reader, d *DENM) error {
		return into(r, preCrashKeys, &d.PreCrash)
	}},
})

var managementKeys = newObject([]field[Management]{
	{"actionId", required, intoActionID},
	{"detectionTime", required, func(r *reader, m *Management) (err error) {
		m.DetectionTime, err = r.timestamp()
		return err
	}},
	{"referenceTime", required, func(r *reader, m *Management) (err error) {
		m.ReferenceTime, err = r.timestamp()
		return err
	}},
	{"termination", optional, intoTermination},
	{"eventPosition", required, func(r *reader, m *Management) error { return intoPosition(r, &m.EventPosition) }},
	{"awarenessDistance", optional, func(r *reader, m *Management) error {
		return intoOptional(r, &m.AwarenessDistance, spanAwarenessDistance)
	}},
	{"trafficDirection", optional, func(r *reader, m *Management) error {
		return intoOptionalEnum(r, &m.TrafficDirection, trafficDirections)
	}},
	{"validityDuration", optional, func(r *reader, m *Management) error {
		return intoOptional(r, &m.ValidityDuration, spanValidityDuration)
	}},
	{"transmissionInterval", optional, func(r *reader, m *Management) error {
		return intoOptional(r, &m.TransmissionInterval, spanTransmissionInterval)
	}},
	{"stationType", required, func(r *reader, m *Management) error { return intoEnum(r, &m.StationType, participantTypes) }},
	{"referenceStationId", optional, func(r *reader, m *Management) error {
		return intoOptional(r, &m.ReferenceStationID, spanStationID)
	}},
	{"referenceObjectId", optional, func(r *reader, m *Management) error {
		return intoOptional(r, &m.ReferenceObjectID, spanObjectID)
	}},
})

func intoActionID(r *reader, m *Management) error { return actionIDKeys.read(r, &m.ActionID) }

func intoTermination(r *reader, m *Management) error {
	return intoOptionalEnum(r, &m.Termination, terminations)
}

var actionIDKeys = newObject([]field[ActionID]{
	{"originatingStationId", required, func(r *reader, a *ActionID) error {
		return intoInt(r, &a.OriginatingStationID, spanStationID)
	}},
	{"sequenceNumber", required, func(r *reader, a *ActionID) error {
		return intoInt(r, &a.SequenceNumber, spanSequenceNumber)
	}},
})

var situationKeys = newObject([]field[Situation]{
	{"informationQuality", optional, func(r *reader, s *Situation) error {
		return intoOptional(r, &s.InformationQuality, spanInformationQuality)
	}},
	{"eventType", required, func(r *reader, s *Situation) error { return intoEnum(r, &s.EventType, causeCodes) }},
})

var locationKeys = newObject([]field[Location]{
	{"eventSpeed", optional, func(r *reader, l *Location) error {
		l.EventSpeed.Valid = true
		return intoSpeed(r, &l.EventSpeed.Value)
	}},
	{"eventPositionHeading", optional, func(r *reader, l *Location) error {
		l.EventPositionHeading.Valid = true
		return intoHeading(r, &l.EventPositionHeading.Value)
	}},
	{"roadType", optional, func(r *reader, l *Location) error { return intoOptionalEnum(r, &l.RoadType, roadTypes) }},
})

var preCrashKeys = newObject([]field[PreCrash]{
	{"perceivedObject", required, func(r *reader, p *PreCrash) error { return perceivedKeys.read(r, &p.PerceivedObject) }},
	{"stationIdInvolved", optional, func(r *reader, p *PreCrash) error {
		return intoOptional(r, &p.StationIDInvolved, spanStationID)
	}},
	{"timeToCollision", optional, func(r *reader, p *PreCrash) error {
		return intoOptional(r, &p.TimeToCollision, spanTimeToCollision)
	}},
	{"impactSection", optional, func(r *reader, p *PreCrash) error {
		return intoOptionalEnum(r, &p.ImpactSection, objectFaces)
	}},
	{"estimatedBrakingDistance", optional, func(r *reader, p *PreCrash) error {
		return intoOptional(r, &p.EstimatedBrakingDistance, spanBrakingDistance)
	}},
	{"estimatedCollisionLatitude", optional, func(r *reader, p *PreCrash) error {
		p.EstimatedCollisionLatitude.Valid = true
		return intoLatitude(r, &p.EstimatedCollisionLatitude.Value)
	}},
	{"estimatedCollisionLongitude", optional, func(r *reader, p *PreCrash) error {
		p.EstimatedCollisionLongitude.Valid = true
		return intoLongitude(r, &p.EstimatedCollisionLongitude.Value)
	}},
})

var perceivedKeys = newObject([]field[PerceivedObject]{
	{"objectId", optional, func(r *reader, o *PerceivedObject) error { return intoOptional(r, &o.ObjectID, spanObjectID) }},
	{"measurementDeltaTime", required, func(r *reader, o *PerceivedObject) error {
		return intoInt(r, &o.MeasurementDeltaTime, spanMeasurementDeltaTime)
	}},
	{"position", required, func(r *reader, o *PerceivedObject) error { return intoPosition(r, &o.Position) }},
	{"speed", optional, func(r *reader, o *PerceivedObject) error {
		o.Speed.Valid = true
		return intoSpeed(r, &o.Speed.Value)
	}},
	{"heading", optional, func(r *reader, o *PerceivedObject) error {
		o.Heading.Valid = true
		return intoHeading(r, &o.Heading.Value)
	}},
	{"objectDimensionZ", optional, func(r *reader, o *PerceivedObject) error { return intoDimension(r, &o.ObjectDimensionZ) }},
	{"objectDimensionY", optional, func(r *reader, o *PerceivedObject) error { return intoDimension(r, &o.ObjectDimensionY) }},
	{"objectDimensionX", optional, func(r *reader, o *PerceivedObject) error { return intoDimension(r, &o.ObjectDimensionX) }},
	{"objectPerceptionQuality", optional, func(r *reader, o *PerceivedObject) error {
		return intoOptional(r, &o.ObjectPerceptionQuality, spanPerceptionQuality)
	}},
})
