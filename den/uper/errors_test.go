package uper

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/step-its/producer/den"
)

// everything is a message that has every member there is.
func everything(t testing.TB) *DENM {
	t.Helper()
	d := warning()
	d.Management.Termination = den.Some(den.IsNegation)
	g := newDice(11)
	d.Situation.LinkedCause = den.Some(CauseCode{1, 2})
	d.Situation.EventHistory = []EventPoint{{EventDeltaTime: den.Some[uint32](1)}, {EventDeltaTime: den.Some[uint32](1 << 20)}}
	d.Situation.LinkedDenms = []den.ActionID{{}, {}}
	d.Situation.EventEnd = den.Some[int16](12)
	d.Location.Traces = []PathHistory{nil, {{}, {PathDeltaTime: den.Some[uint32](70000)}}}
	d.Alacarte = &Alacarte{
		LanePosition: den.Some[int8](1), ExternalTemperature: den.Some[int8](-3), PositioningSolution: den.Some[uint8](6),
	}
	for !complete(d.Alacarte) {
		a := g.alacarte()
		d.Alacarte.ImpactReduction, d.Alacarte.RoadWorks = a.ImpactReduction, a.RoadWorks
		d.Alacarte.StationaryVehicle, d.Alacarte.PreCrash = a.StationaryVehicle, a.PreCrash
	}
	d.Alacarte.RoadWorks = &RoadWorks{
		LightBarSirenInUse: den.Some(LightBarActivated),
		ClosedLanes: &ClosedLanes{
			den.Some[uint8](1), den.Some[uint8](2), den.Some(DrivingLaneStatus{3, 5}),
		},
		Restriction: []byte{1, 2, 3, 4}, SpeedLimit: den.Some[uint8](80), IncidentIndication: den.Some(CauseCode{3, 4}),
		RecommendedPath:         []ReferencePosition{{}, {}},
		StartingPointSpeedLimit: den.Some(DeltaReferencePosition{}),
		TrafficFlowRule:         den.Some[uint8](4),
		ReferenceDenms:          []den.ActionID{{}, {}},
	}
	d.Alacarte.StationaryVehicle = &StationaryVehicle{
		StationarySince: den.Some[uint8](1), StationaryCause: den.Some(CauseCode{94, 0}),
		CarryingDangerousGoods: &DangerousGoods{
			EmergencyActionCode: den.Some("2X"), PhoneNumber: den.Some("112"), CompanyName: den.Some("Ä"),
		},
		NumberOfOccupants:     den.Some[uint8](2),
		VehicleIdentification: &VehicleIdentification{den.Some("WVW"), den.Some("ZZZ1JZ")},
		EnergyStorageType:     den.Some(Diesel),
	}
	o := &d.Alacarte.PreCrash.PerceivedPreCrashObject
	o.ObjectID, o.ObjectAge, o.ObjectPerceptionQuality = den.Some[uint16](5), den.Some[uint16](5), den.Some[uint8](5)
	z := den.Some(VelocityComponent{1, 1})
	o.Position = Position3D{Coordinate{1, 1}, Coordinate{1, 1}, den.Some(Coordinate{1, 1})}
	o.Velocity = den.Some(Velocity{Magnitude: Speed{1, 1}, Direction: Angle{1, 1}, Z: z})
	o.Acceleration = den.Some(Acceleration{Cartesian: true, Z: den.Some(AccelerationComponent{})})
	o.Angles = den.Some(EulerAngles{Angle{1, 1}, den.Some(Angle{1, 1}), den.Some(Angle{1, 1})})
	o.ZAngularVelocity = den.Some(AngularVelocity{1, 1})
	dimension := den.Some(ObjectDimension{1, 1})
	o.ObjectDimensionZ, o.ObjectDimensionY, o.ObjectDimensionX = dimension, dimension, dimension
	o.Classification = []ObjectClass{
		{Kind: KindVehicle, Confidence: 1},
		{Kind: KindVRU, Confidence: 1},
		{Kind: KindGroup, ClusterID: den.Some[uint8](1), ClusterProfiles: den.Some[uint8](1), Confidence: 1},
		{Kind: KindOther, Confidence: 1},
	}
	p := d.Alacarte.PreCrash
	p.ObjectStationID, p.TimeToCollision = den.Some[den.StationID](1), den.Some[uint16](1)
	p.ImpactSection, p.EstimatedBrakingDistance = den.Some(den.FaceBack), den.Some[uint16](1)
	return d
}

func complete(a *Alacarte) bool {
	return a.ImpactReduction != nil && a.RoadWorks != nil && a.StationaryVehicle != nil && a.PreCrash != nil
}

// Every number, length and text outside its range is named.
func TestRangeErrors(t *testing.T) {
	object := func(d *DENM) *PerceivedObject { return &d.Alacarte.PreCrash.PerceivedPreCrashObject }
	goods := func(d *DENM) *DangerousGoods { return d.Alacarte.StationaryVehicle.CarryingDangerousGoods }
	impact := func(d *DENM) *ImpactReduction { return d.Alacarte.ImpactReduction }
	works := func(d *DENM) *RoadWorks { return d.Alacarte.RoadWorks }
	for want, change := range map[string]func(*DENM){
		"header.protocolVersion: 3 is not in 1..2 (DENM, EN 302 637-3 module DENM-PDU-Descriptions)":                      func(d *DENM) { d.Header.ProtocolVersion = 3 },
		"header.messageID: 2 is not in 1..1 (DENM, EN 302 637-3 module DENM-PDU-Descriptions)":                            func(d *DENM) { d.Header.MessageID = 2 },
		"management.detectionTime: 4398046511104 is not in 0..4398046511103 (TimestampIts, TS 102 894-2 V1.3.1 annex A)":  func(d *DENM) { d.Management.DetectionTime = 1 << 42 },
		"management.referenceTime: -1 is not in 0..4398046511103 (":                                                       func(d *DENM) { d.Management.ReferenceTime = 1<<64 - 1 },
		"management.termination: 2 is not in 0..1 (Termination, EN 302 637-3 module DENM-PDU-Descriptions)":               func(d *DENM) { d.Management.Termination.Value = 2 },
		"management.eventPosition.latitude: -900000001 is not in":                                                         func(d *DENM) { d.Management.EventPosition.Latitude = -900000001 },
		"management.eventPosition.longitude: 1800000002 is not in":                                                        func(d *DENM) { d.Management.EventPosition.Longitude = 1800000002 },
		"management.eventPosition.positionConfidenceEllipse.semiMajorConfidence: 4096 is":                                 func(d *DENM) { d.Management.EventPosition.PositionConfidenceEllipse.SemiMajorConfidence = 4096 },
		"management.eventPosition.positionConfidenceEllipse.semiMinorConfidence: 4096 is":                                 func(d *DENM) { d.Management.EventPosition.PositionConfidenceEllipse.SemiMinorConfidence = 4096 },
		"management.eventPosition.positionConfidenceEllipse.semiMajorOrientation: 3602 is":                                func(d *DENM) { d.Management.EventPosition.PositionConfidenceEllipse.SemiMajorOrientation = 3602 },
		"management.eventPosition.altitude.altitudeValue: 800002 is":                                                      func(d *DENM) { d.Management.EventPosition.Altitude.AltitudeValue = 800002 },
		"management.eventPosition.altitude.altitudeConfidence: 16 is":                                                     func(d *DENM) { d.Management.EventPosition.Altitude.AltitudeConfidence = 16 },
		"management.relevanceDistance: 8 is":                                                                              func(d *DENM) { d.Management.RelevanceDistance.Value = 8 },
		"management.relevanceTrafficDirection: 4 is":                                                                      func(d *DENM) { d.Management.RelevanceTrafficDirection.Value = 4 },
		"management.validityDuration: 90000 is not in 0..86400 (ValidityDuration, TS 102 894-2 V1.3.1 annex A)":           func(d *DENM) { d.Management.ValidityDuration = 90000 },
		"management.transmissionInterval: 0 is not in 1..10000 (":                                                         func(d *DENM) { d.Management.TransmissionInterval.Value = 0 },
		"situation.informationQuality: 8 is":                                                                              func(d *DENM) { d.Situation.InformationQuality = 8 },
		"situation.eventHistory: 24 is not in 1..23 (EventHistory, ":                                                      func(d *DENM) { d.Situation.EventHistory = make([]EventPoint, 24) },
		"situation.eventHistory: 0 is not in 1..23 (EventHistory, ":                                                       func(d *DENM) { d.Situation.EventHistory = []EventPoint{} },
		"situation.eventHistory[1].eventPosition.deltaLatitude: 131073 is":                                                func(d *DENM) { d.Situation.EventHistory[1].EventPosition.DeltaLatitude = 131073 },
		"situation.eventHistory[0].eventPosition.deltaLongitude: -131072 is":                                              func(d *DENM) { d.Situation.EventHistory[0].EventPosition.DeltaLongitude = -131072 },
		"situation.eventHistory[0].eventPosition.deltaAltitude: 12801 is":                                                 func(d *DENM) { d.Situation.EventHistory[0].EventPosition.DeltaAltitude = 12801 },
		"situation.eventHistory[0].eventDeltaTime: 0 is":                                                                  func(d *DENM) { d.Situation.EventHistory[0].EventDeltaTime.Value = 0 },
		"situation.eventHistory[1].informationQuality: 8 is":                                                              func(d *DENM) { d.Situation.EventHistory[1].InformationQuality = 8 },
		"situation.linkedDenms: 0 is not in 1..8 (":                                                                       func(d *DENM) { d.Situation.LinkedDenms = []den.ActionID{} },
		"situation.linkedDenms: is longer than 16383":                                                                     func(d *DENM) { d.Situation.LinkedDenms = make([]den.ActionID, 16384) },
		"situation.eventEnd: 8192 is not in -8190..8191 (":                                                                func(d *DENM) { d.Situation.EventEnd.Value = 8192 },
		"location.eventSpeed.speedValue: 16384 is":                                                                        func(d *DENM) { d.Location.EventSpeed.Value.SpeedValue = 16384 },
		"location.eventSpeed.speedConfidence: 0 is":                                                                       func(d *DENM) { d.Location.EventSpeed.Value.SpeedConfidence = 0 },
		"location.eventPositionHeading.headingValue: 3602 is":                                                             func(d *DENM) { d.Location.EventPositionHeading.Value.HeadingValue = 3602 },
		"location.eventPositionHeading.headingConfidence: 128 is":                                                         func(d *DENM) { d.Location.EventPositionHeading.Value.HeadingConfidence = 128 },
		"location.traces: 0 is not in 1..7 (Traces, ":                                                                     func(d *DENM) { d.Location.Traces = nil },
		"location.traces: 8 is not in 1..7 (Traces, ":                                                                     func(d *DENM) { d.Location.Traces = make([]PathHistory, 8) },
		"location.traces[1]: 41 is not in 0..40 (PathHistory, ":                                                           func(d *DENM) { d.Location.Traces[1] = make(PathHistory, 41) },
		"location.traces[1][1].pathPosition.deltaLatitude: -131072 is":                                                    func(d *DENM) { d.Location.Traces[1][1].PathPosition.DeltaLatitude = -131072 },
		"location.traces[1][1].pathDeltaTime: 0 is":                                                                       func(d *DENM) { d.Location.Traces[1][1].PathDeltaTime.Value = 0 },
		"location.roadType: 4 is":                                                                                         func(d *DENM) { d.Location.RoadType.Value = 4 },
		"alacarte.lanePosition: 15 is not in -1..14 (":                                                                    func(d *DENM) { d.Alacarte.LanePosition.Value = 15 },
		"alacarte.externalTemperature: -61 is not in -60..67 (":                                                           func(d *DENM) { d.Alacarte.ExternalTemperature.Value = -61 },
		"alacarte.impactReduction.heightLonCarrLeft: 101 is":                                                              func(d *DENM) { impact(d).HeightLonCarrLeft = 101 },
		"alacarte.impactReduction.heightLonCarrRight: 0 is":                                                               func(d *DENM) { impact(d).HeightLonCarrRight = 0 },
		"alacarte.impactReduction.posLonCarrLeft: 128 is":                                                                 func(d *DENM) { impact(d).PosLonCarrLeft = 128 },
		"alacarte.impactReduction.posLonCarrRight: 0 is":                                                                  func(d *DENM) { impact(d).PosLonCarrRight = 0 },
		"alacarte.impactReduction.positionOfPillars: 0 is":                                                                func(d *DENM) { impact(d).PositionOfPillars = nil },
		"alacarte.impactReduction.positionOfPillars[1]: 31 is":                                                            func(d *DENM) { impact(d).PositionOfPillars = []byte{1, 31} },
		"alacarte.impactReduction.posCentMass: 64 is":                                                                     func(d *DENM) { impact(d).PosCentMass = 64 },
		"alacarte.impactReduction.wheelBaseVehicle: 0 is":                                                                 func(d *DENM) { impact(d).WheelBaseVehicle = 0 },
		"alacarte.impactReduction.turningRadius: 0 is":                                                                    func(d *DENM) { impact(d).TurningRadius = 0 },
		"alacarte.impactReduction.posFrontAx: 21 is":                                                                      func(d *DENM) { impact(d).PosFrontAx = 21 },
		"alacarte.impactReduction.positionOfOccupants: 1048576 is":                                                        func(d *DENM) { impact(d).PositionOfOccupants = 1 << 20 },
		"alacarte.impactReduction.vehicleMass: 1025 is":                                                                   func(d *DENM) { impact(d).VehicleMass = 1025 },
		"alacarte.impactReduction.requestResponseIndication: 2 is":                                                        func(d *DENM) { impact(d).RequestResponseIndication = 2 },
		"alacarte.roadWorks.lightBarSirenInUse: 4 is":                                                                     func(d *DENM) { works(d).LightBarSirenInUse.Value = 4 },
		"alacarte.roadWorks.closedLanes.innerhardShoulderStatus: 3 is":                                                    func(d *DENM) { works(d).ClosedLanes.InnerHardShoulderStatus.Value = 3 },
		"alacarte.roadWorks.closedLanes.outerhardShoulderStatus: 3 is":                                                    func(d *DENM) { works(d).ClosedLanes.OuterHardShoulderStatus.Value = 3 },
		"alacarte.roadWorks.closedLanes.drivingLaneStatus: 14 is not in 1..13 (":                                          func(d *DENM) { works(d).ClosedLanes.DrivingLaneStatus.Value.Lanes = 14 },
		"alacarte.roadWorks.closedLanes.drivingLaneStatus: a lane is closed that does not exist":                          func(d *DENM) { works(d).ClosedLanes.DrivingLaneStatus.Value.Closed = 8 },
		"alacarte.roadWorks.restriction: 0 is":                                                                            func(d *DENM) { works(d).Restriction = []byte{} },
		"alacarte.roadWorks.speedLimit: 0 is":                                                                             func(d *DENM) { works(d).SpeedLimit.Value = 0 },
		"alacarte.roadWorks.recommendedPath: 41 is":                                                                       func(d *DENM) { works(d).RecommendedPath = make([]ReferencePosition, 41) },
		"alacarte.roadWorks.recommendedPath[1].latitude: 900000002 is":                                                    func(d *DENM) { works(d).RecommendedPath[1].Latitude = 900000002 },
		"alacarte.roadWorks.startingPointSpeedLimit.deltaAltitude: -12701 is":                                             func(d *DENM) { works(d).StartingPointSpeedLimit.Value.DeltaAltitude = -12701 },
		"alacarte.roadWorks.referenceDenms: 0 is not in 1..8 (ReferenceDenms, EN 302 637-3 module DENM-PDU-Descriptions)": func(d *DENM) { works(d).ReferenceDenms = []den.ActionID{} },
		"alacarte.stationaryVehicle.stationarySince: 4 is":                                                                func(d *DENM) { d.Alacarte.StationaryVehicle.StationarySince.Value = 4 },
		"alacarte.stationaryVehicle.carryingDangerousGoods.dangerousGoodsType: 20 is":                                     func(d *DENM) { goods(d).DangerousGoodsType = 20 },
		"alacarte.stationaryVehicle.carryingDangerousGoods.unNumber: 10000 is":                                            func(d *DENM) { goods(d).UNNumber = 10000 },
		"alacarte.stationaryVehicle.carryingDangerousGoods.emergencyActionCode: 25 is":                                    func(d *DENM) { goods(d).EmergencyActionCode.Value = strings.Repeat("x", 25) },
		"alacarte.stationaryVehicle.carryingDangerousGoods.emergencyActionCode: has a character that IA5":                 func(d *DENM) { goods(d).EmergencyActionCode.Value = "é" },
		"alacarte.stationaryVehicle.carryingDangerousGoods.phoneNumber: 17 is":                                            func(d *DENM) { goods(d).PhoneNumber.Value = strings.Repeat("1", 17) },
		"alacarte.stationaryVehicle.carryingDangerousGoods.phoneNumber: has a character that Numeric":                     func(d *DENM) { goods(d).PhoneNumber.Value = "+49" },
		"alacarte.stationaryVehicle.carryingDangerousGoods.companyName: 25 is":                                            func(d *DENM) { goods(d).CompanyName.Value = strings.Repeat("é", 25) },
		"alacarte.stationaryVehicle.carryingDangerousGoods.companyName: 0 is":                                             func(d *DENM) { goods(d).CompanyName.Value = "" },
		"alacarte.stationaryVehicle.carryingDangerousGoods.companyName: is not UTF-8":                                     func(d *DENM) { goods(d).CompanyName.Value = "\xff" },
		"alacarte.stationaryVehicle.numberOfOccupants: 128 is":                                                            func(d *DENM) { d.Alacarte.StationaryVehicle.NumberOfOccupants.Value = 128 },
		"alacarte.stationaryVehicle.vehicleIdentification.wMInumber: 4 is":                                                func(d *DENM) { d.Alacarte.StationaryVehicle.VehicleIdentification.WMINumber.Value = "WVWZ" },
		"alacarte.stationaryVehicle.vehicleIdentification.vDS: 5 is not in 6..6 (":                                        func(d *DENM) { d.Alacarte.StationaryVehicle.VehicleIdentification.VDS.Value = "12345" },
		"alacarte.stationaryVehicle.energyStorageType: 128 is":                                                            func(d *DENM) { d.Alacarte.StationaryVehicle.EnergyStorageType.Value = 128 },
		"alacarte.preCrash.timeToCollision: 10001 is":                                                                     func(d *DENM) { d.Alacarte.PreCrash.TimeToCollision.Value = 10001 },
		"alacarte.preCrash.impactSection: 6 is":                                                                           func(d *DENM) { d.Alacarte.PreCrash.ImpactSection.Value = 6 },
		"alacarte.preCrash.estimatedBrakingDistance: 4096 is":                                                             func(d *DENM) { d.Alacarte.PreCrash.EstimatedBrakingDistance.Value = 4096 },
		"alacarte.preCrash.perceivedPreCrashObject.measurementDeltaTime: 2048 is not in -2048..2047 (":                    func(d *DENM) { object(d).MeasurementDeltaTime = 2048 },
		"alacarte.preCrash.perceivedPreCrashObject.position.xCoordinate.value: 131072 is":                                 func(d *DENM) { object(d).Position.X.Value = 131072 },
		"alacarte.preCrash.perceivedPreCrashObject.position.yCoordinate.confidence: 4097 is":                              func(d *DENM) { object(d).Position.Y.Confidence = 4097 },
		"alacarte.preCrash.perceivedPreCrashObject.position.zCoordinate.confidence: 0 is":                                 func(d *DENM) { object(d).Position.Z.Value.Confidence = 0 },
		"alacarte.preCrash.perceivedPreCrashObject.velocity.velocityMagnitude.speedConfidence: 0 is":                      func(d *DENM) { object(d).Velocity.Value.Magnitude.SpeedConfidence = 0 },
		"alacarte.preCrash.perceivedPreCrashObject.velocity.velocityDirection.value: 3602 is":                             func(d *DENM) { object(d).Velocity.Value.Direction.Value = 3602 },
		"alacarte.preCrash.perceivedPreCrashObject.velocity.zVelocity.value: -16384 is":                                   func(d *DENM) { object(d).Velocity.Value.Z.Value.Value = -16384 },
		"alacarte.preCrash.perceivedPreCrashObject.acceleration.xAcceleration.value: 162 is":                              func(d *DENM) { object(d).Acceleration.Value.X.Value = 162 },
		"alacarte.preCrash.perceivedPreCrashObject.acceleration.yAcceleration.confidence: 103 is":                         func(d *DENM) { object(d).Acceleration.Value.Y.Confidence = 103 },
		"alacarte.preCrash.perceivedPreCrashObject.acceleration.accelerationMagnitude.acceleration": func(d *DENM) {
			object(d).Acceleration.Value = Acceleration{Magnitude: AccelerationComponent{-1, 0}}
		},
		"alacarte.preCrash.perceivedPreCrashObject.angles.yAngle.confidence: 0 is":                    func(d *DENM) { object(d).Angles.Value.Y.Value.Confidence = 0 },
		"alacarte.preCrash.perceivedPreCrashObject.zAngularVelocity.value: 257 is":                    func(d *DENM) { object(d).ZAngularVelocity.Value.Value = 257 },
		"alacarte.preCrash.perceivedPreCrashObject.zAngularVelocity.confidence: 8 is":                 func(d *DENM) { object(d).ZAngularVelocity.Value.Confidence = 8 },
		"alacarte.preCrash.perceivedPreCrashObject.objectDimensionY.value: 0 is":                      func(d *DENM) { object(d).ObjectDimensionY.Value.Value = 0 },
		"alacarte.preCrash.perceivedPreCrashObject.objectDimensionX.confidence: 33 is":                func(d *DENM) { object(d).ObjectDimensionX.Value.Confidence = 33 },
		"alacarte.preCrash.perceivedPreCrashObject.objectAge: 2048 is":                                func(d *DENM) { object(d).ObjectAge.Value = 2048 },
		"alacarte.preCrash.perceivedPreCrashObject.objectPerceptionQuality: 16 is":                    func(d *DENM) { object(d).ObjectPerceptionQuality.Value = 16 },
		"alacarte.preCrash.perceivedPreCrashObject.classification: 9 is":                              func(d *DENM) { object(d).Classification = make([]ObjectClass, 9) },
		"alacarte.preCrash.perceivedPreCrashObject.classification[0].vehicleSubClass: 15 is":          func(d *DENM) { object(d).Classification[0].SubClass = 15 },
		"alacarte.preCrash.perceivedPreCrashObject.classification[1].vruSubClass: 4 is":               func(d *DENM) { object(d).Classification[1].VRUProfile = 4 },
		"alacarte.preCrash.perceivedPreCrashObject.classification[1].vruSubClass: 16 is":              func(d *DENM) { object(d).Classification[1].SubClass = 16 },
		"alacarte.preCrash.perceivedPreCrashObject.classification[2].clusterProfiles: 16 is":          func(d *DENM) { object(d).Classification[2].ClusterProfiles.Value = 16 },
		"alacarte.preCrash.perceivedPreCrashObject.classification[3].confidence: 102 is":              func(d *DENM) { object(d).Classification[3].Confidence = 102 },
		"alacarte.preCrash.perceivedPreCrashObject.classification[3].objectClass: 4 is not in 0..3 (": func(d *DENM) { object(d).Classification[3].Kind = KindUnknown },
	} {
		d := everything(t)
		change(d)
		before := []byte("before")
		after, err := Append(before, d)
		if err == nil || !strings.HasPrefix(err.Error(), "uper: "+want) {
			t.Errorf("%v, want %s", err, want)
			continue
		}
		if string(after) != "before" {
			t.Errorf("%s: with an error Append returns %q", want, after)
		}
		var outside *RangeError
		var wrong *ValueError
		if !errors.As(err, &outside) && !errors.As(err, &wrong) {
			t.Errorf("%s: is a %T", want, err)
		}
		if outside != nil && (outside.Value >= outside.Least && outside.Value <= outside.Most || outside.Clause == "" || outside.Path == "") {
			t.Errorf("%s: %+v", want, outside)
		}
	}
	if _, err := Marshal(nil); err == nil {
		t.Error("nil is not an error")
	}
}

// The whole of it is right, so that each error above comes from its own change.
func TestEverything(t *testing.T) {
	d := everything(t)
	message, err := Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	checkCodec(t, message, d)
}

// Marshal only reads a DENM, so several may write the same one; the race detector
// sees it if not.
func TestMarshalConcurrently(t *testing.T) {
	d := everything(t)
	version1 := everything(t)
	version1.Header.ProtocolVersion = 1
	version1.Alacarte.RoadWorks.ClosedLanes.OuterHardShoulderStatus = den.Optional[uint8]{}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, d := range []*DENM{d, version1} {
				if _, err := Marshal(d); err != nil {
					t.Error(err)
				}
				if _, err := d.ToDENM(Profile{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// Zero values are a message: the header has defaults, and the rest is as it says.
func TestZeroValue(t *testing.T) {
	message, err := Marshal(&DENM{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := Unmarshal(message)
	if err != nil {
		t.Fatal(err)
	}
	if d.Header != (Header{2, 1, 0}) || d.Management.ValidityDuration != 0 {
		t.Errorf("%+v", d)
	}
}

// What protocol version 1 cannot say is refused, not left out.
func TestVersion1CannotSay(t *testing.T) {
	for _, lanes := range []ClosedLanes{
		{},
		{OuterHardShoulderStatus: den.Some[uint8](1), DrivingLaneStatus: den.Some(DrivingLaneStatus{1, 1})},
	} {
		d := shortest(func(d *DENM) {
			d.Header.ProtocolVersion = 1
			d.Alacarte = &Alacarte{RoadWorks: &RoadWorks{ClosedLanes: &lanes}}
		})
		var wrong *ValueError
		if _, err := Marshal(d); !errors.As(err, &wrong) || wrong.Path != "alacarte.roadWorks.closedLanes" {
			t.Errorf("%+v: %v", lanes, err)
		}
	}
}

// Whatever is cut off, it is an error, which names the field.
func TestTruncated(t *testing.T) {
	messages := [][]byte{}
	for _, v := range handVectors {
		messages = append(messages, fromHex(t, v.hex))
	}
	for _, s := range readSamples(t) {
		messages = append(messages, s.message)
	}
	full, err := Marshal(everything(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range append(messages, full) {
		for n := range message {
			d, err := Unmarshal(message[:n:n])
			if d != nil || !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrExtension) {
				t.Fatalf("%d bytes of %x: %v", n, message, err)
			}
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Path == "" && n >= 7 || syntax.Bit > n*8 {
				t.Fatalf("%d bytes of %x: %#v", n, message, err)
			}
		}
	}
	for n, want := range map[int]string{
		0:  "uper: header.protocolVersion: the message ends here (bit 0)",
		1:  "uper: header.messageID: the message ends here (bit 8)",
		5:  "uper: header.stationID: the message ends here (bit 16)",
		6:  "uper: the message ends here (bit 48)",
		20: "uper: management.referenceTime: the message ends here (bit 147)",
		30: "uper: management.eventPosition.longitude: the message ends here (bit 220)",
		46: "uper: situation.eventType.causeCode: the message ends here (bit 363)",
	} {
		if _, err := Unmarshal(fromHex(t, handVectors["new"].hex)[:n]); err == nil || err.Error() != want {
			t.Errorf("%d bytes: %v, want %s", n, err, want)
		}
	}
}

// A message that ends at any bit: the rest of its last byte cannot make up for
// what is missing.
func TestTruncatedAtEveryBit(t *testing.T) {
	for _, v := range readVectors(t) {
		message := fromHex(t, v.Hex)
		for bit := range v.Bits {
			cut := slices.Clone(message[:(bit+7)/8])
			if bit%8 > 0 {
				cut[bit/8] &= 0xff << (8 - bit%8)
			}
			// With zeros for what is missing of its last byte it may be whole.
			d, err := Unmarshal(cut)
			if err != nil {
				continue
			}
			if again, err := Marshal(d); err != nil || !bytes.Equal(again, cut) {
				t.Fatalf("%d bits of %x are read as something else: %v", bit, message, err)
			}
		}
	}
}

func TestTrailing(t *testing.T) {
	for _, v := range handVectors {
		message := fromHex(t, v.hex)
		for _, more := range [][]byte{{0}, {0xff}, make([]byte, 100)} {
			if d, err := Unmarshal(append(bytes.Clone(message), more...)); d != nil || !errors.Is(err, ErrTrailing) {
				t.Errorf("%d more bytes: %v", len(more), err)
			}
		}
	}
}

func TestPadding(t *testing.T) {
	n := 0
	for _, v := range readVectors(t) {
		message := fromHex(t, v.Hex)
		for bit := v.Bits; bit < len(message)*8; bit++ {
			wrong := bytes.Clone(message)
			wrong[bit/8] |= 0x80 >> (bit % 8)
			if d, err := Unmarshal(wrong); d != nil || !errors.Is(err, ErrPadding) {
				t.Errorf("bit %d of %x: %v", bit, message, err)
			}
			n++
		}
	}
	if n < 300 {
		t.Errorf("there were %d bits", n)
	}
}

// What the bits can say and ETSI does not define.
func TestMalformed(t *testing.T) {
	object := strings.Join([]string{"0", "0 0 0 0 0", "0", "0 0 0", "0 0", "0"}, "")
	place := put(12, 2048) + "0" + put(18, 131072) + put(12, 0) + put(18, 131072) + put(12, 0)
	preCrash := func(content ...string) tape {
		return tape{"1 000000", "0 000000", "1", opened(append([]string{"01", "0 0000"}, content...)...)}
	}
	point := "0 000" + put(3, 0) + put(6, 1) + "1" + put(18, 131071) + put(18, 131071) + put(15, 12700)
	goods := "0 000001" + "0 0 1 0 0 0"
	for name, c := range map[string]struct {
		tape       tape
		containers byte
		want       string
	}{
		"heading":                         {tape{"0 010", put(12, 3602), put(7, 0)}, withLocation, "location.eventPositionHeading.headingValue: 3602 is not in 0..3601 ("},
		"no_event_history":                {tape{"0 01", put(3, 0), put(17, 0), put(5, 23)}, withSituation, "situation.eventHistory: 24 is not in 1..23 ("},
		"traces":                          {tape{"0 000", put(3, 7)}, withLocation, "location.traces: 8 is not in 1..7 ("},
		"points":                          {tape{"0 000", put(3, 0), put(6, 41)}, withLocation, "location.traces[0]: 41 is not in 0..40 ("},
		"points_not_there":                {tape{"0 000", put(3, 0), put(6, 40), put(52, 0)}, withLocation, "location.traces[0]: the message ends here"},
		"zero_extended_time":              {tape{point, "1", put(8, 1), put(8, 0)}, withLocation, "location.traces[0][0].pathDeltaTime: the extended"},
		"negative_time":                   {tape{point, "1", put(8, 2), put(16, 0xfffe)}, withLocation, "location.traces[0][0].pathDeltaTime: the extended"},
		"large_time":                      {tape{point, "1", put(8, 5), put(40, 1<<32)}, withLocation, "location.traces[0][0].pathDeltaTime: the extended"},
		"very_large_time":                 {tape{point, "1", put(8, 6), put(48, 1)}, withLocation, "location.traces[0][0].pathDeltaTime: the extended"},
		"time_of_no_octets":               {tape{point, "1", put(8, 0)}, withLocation, "location.traces[0][0].pathDeltaTime: the extended"},
		"time_not_there":                  {tape{point, "1", put(8, 4), put(16, 0)}, withLocation, "location.traces[0][0].pathDeltaTime: the message ends here"},
		"large_enumeration":               {tape{"0 000010", "1", "1", put(8, 2), put(16, 250)}, withAlacarte, "alacarte.positioningSolution: the value is unknown"},
		"huge_enumeration":                {tape{"0 000010", "1", "1", put(8, 9), put(64, 0)}, withAlacarte, "alacarte.positioningSolution: the value is unknown"},
		"enumeration_of_no_octets":        {tape{"0 000010", "1", "1", put(8, 0)}, withAlacarte, "alacarte.positioningSolution: the value is unknown"},
		"no_elements":                     {tape{"0 000100", "0 0 1 0 0 0 0 0 0", "1", put(8, 0)}, withAlacarte, "alacarte.roadWorks.restriction: 0 is not in 1..3 ("},
		"too_few_elements":                {tape{"0 000100", "0 0 1 0 0 0 0 0 0", "1", put(16, 1<<15|16383), put(64, 0)}, withAlacarte, "alacarte.roadWorks.restriction: the message ends here"},
		"fragments":                       {tape{"0 000100", "0 0 1 0 0 0 0 0 0", "1", put(8, 0xc1), put(64, 0)}, withAlacarte, "alacarte.roadWorks.restriction: the extension is malformed"},
		"hard_shoulder":                   {tape{"0 000100", "0 1 0 0 0 0 0 0 0", "0 100", "11"}, withAlacarte, "alacarte.roadWorks.closedLanes.innerhardShoulderStatus: 3 is"},
		"lanes":                           {tape{"0 000100", "0 1 0 0 0 0 0 0 0", "0 001", put(4, 13)}, withAlacarte, "alacarte.roadWorks.closedLanes.drivingLaneStatus: 14 is"},
		"numeric":                         {tape{goods, "0 010", put(5, 0), put(14, 0), "000", put(4, 0), put(4, 11)}, withAlacarte, "alacarte.stationaryVehicle.carryingDangerousGoods.phoneNumber: has a character"},
		"text_not_there":                  {tape{goods, "0 100", put(5, 0), put(14, 0), "000", put(5, 23), put(7, 1)}, withAlacarte, "alacarte.stationaryVehicle.carryingDangerousGoods.emergencyActionCode: the message ends here"},
		"not_utf8":                        {tape{goods, "0 001", put(5, 0), put(14, 0), "000", put(8, 2), put(16, 0xc328)}, withAlacarte, "alacarte.stationaryVehicle.carryingDangerousGoods.companyName: is not UTF-8"},
		"empty_utf8":                      {tape{goods, "0 001", put(5, 0), put(14, 0), "000", put(8, 0)}, withAlacarte, "alacarte.stationaryVehicle.carryingDangerousGoods.companyName: 0 is not in 1..24"},
		"long_utf8":                       {tape{goods, "0 001", put(5, 0), put(14, 0), "000", put(8, 97), strings.Repeat(put(8, 'x'), 97)}, withAlacarte, "alacarte.stationaryVehicle.carryingDangerousGoods.companyName: 97 is not in 1..24"},
		"utf8_not_there":                  {tape{goods, "0 001", put(5, 0), put(14, 0), "000", put(8, 3), put(16, 0)}, withAlacarte, "alacarte.stationaryVehicle.carryingDangerousGoods.companyName: the message ends here"},
		"65_additions":                    {tape{"1 00 ", put(3, 4), "0", put(16, 0), "1", put(8, 65), strings.Repeat("0", 65)}, withSituation, "situation: the extension is malformed"},
		"addition_not_there":              {tape{"1 00 ", put(3, 4), "0", put(16, 0), "0 000001", "01", put(8, 3), put(16, 0)}, withSituation, "situation: the message ends here"},
		"group_not_there":                 {tape{"1 000000", "0 000000", "1", put(8, 50), "01"}, withAlacarte, "alacarte: the message ends here"},
		"group_too_short":                 {tape{"1 000000", "0 000000", "1", put(8, 2), "01 0 0000", object, "0 0", place, put(64, 0)}, withAlacarte, "alacarte: the extension is malformed"},
		"group_too_long":                  {preCrash(object, "0 0", place, put(16, 0)), withAlacarte, "alacarte: the extension is malformed"},
		"group_of_no_octets":              {tape{"1 000000", "0 000000", "1", put(8, 0)}, withAlacarte, "alacarte: the "},
		"padding_of_group":                {tape{"1 000000", "0 000000", "1", put(8, 1), "00 000001"}, withAlacarte, "alacarte: the bits that fill up"},
		"road_configuration_of_no_octets": {tape{"1 000000", "0 000000", "1", put(8, 0), "11", put(16, 0)}, withAlacarte, "alacarte: the extension is malformed"},
		"vehicle_class":                   {preCrash(object, "1 0", place, put(3, 0), "0 00", put(4, 15), put(7, 0)), withAlacarte, "alacarte.preCrash.perceivedPreCrashObject.classification[0].vehicleSubClass: 15 is"},
		"bounding_box":                    {preCrash(object, "1 0", place, put(3, 0), "0 10", "0 0 1 0", put(64, 0)), withAlacarte, "alacarte.preCrash.perceivedPreCrashObject.classification[0].groupSubClass: has a clusterBoundingBoxShape"},
		"large_alternative":               {preCrash(object, "1 0", place, put(3, 0), "1", "1", put(64, 0)), withAlacarte, "alacarte.preCrash.perceivedPreCrashObject.classification[0].objectClass: the extension is malformed"},
		"sensors_not_there": {
			preCrash(strings.Join([]string{"0", "0 0 0 0 0", "0", "0 0 0", "0 0", "1", "0 0"}, ""), place, "0", put(7, 127)), withAlacarte,
			"alacarte.preCrash.perceivedPreCrashObject.sensorIdList: the message ends here",
		},
		"map_position_not_there": {
			preCrash(strings.Join([]string{"0", "0 0 0 0 0", "0", "0 0 0", "0 0", "0", "0 1"}, ""), place, "0 0001"), withAlacarte,
			"alacarte.preCrash.perceivedPreCrashObject.mapPosition: the message ends here",
		},
		"alternative_cut": {preCrash(object, "1 0", place, put(3, 0), "1"), withAlacarte, "alacarte.preCrash.perceivedPreCrashObject.classification: the message ends here"},
	} {
		d, err := Unmarshal(c.tape.message(t, c.containers))
		if d != nil || err == nil || !strings.HasPrefix(err.Error(), "uper: "+c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	for version, want := range map[string]string{"00": "0 is not in 1..2", "03": "3 is not in 1..2", "ff": "255 is"} {
		_, err := Unmarshal(fromHex(t, version+handVectors["shortest"].hex[2:]))
		if err == nil || !strings.HasPrefix(err.Error(), "uper: header.protocolVersion: "+want) {
			t.Errorf("version %s: %v", version, err)
		}
	}
	_, err := Unmarshal(fromHex(t, "0202"+handVectors["shortest"].hex[4:])) // a CAM
	if err == nil || !strings.HasPrefix(err.Error(), "uper: header.messageID: 2 is not in 1..1") {
		t.Errorf("a CAM: %v", err)
	}
}
