package den

// CauseCode says what kind of event a DENM warns of: eventType, the direct cause
// code of ETSI TS 102 894-2. Codes that ETSI reserves are refused.
type CauseCode uint8

// The cause codes of ETSI TS 102 894-2. The producer itself sends only
// CauseCollisionRisk.
const (
	CauseTrafficCondition                               CauseCode = 1
	CauseAccident                                       CauseCode = 2
	CauseRoadworks                                      CauseCode = 3
	CauseImpassability                                  CauseCode = 5
	CauseAdverseWeatherConditionAdhesion                CauseCode = 6
	CauseAquaplaning                                    CauseCode = 7
	CauseHazardousLocationSurfaceCondition              CauseCode = 9
	CauseHazardousLocationObstacleOnTheRoad             CauseCode = 10
	CauseHazardousLocationAnimalOnTheRoad               CauseCode = 11
	CauseHumanPresenceOnTheRoad                         CauseCode = 12
	CauseWrongWayDriving                                CauseCode = 14
	CauseRescueAndRecoveryWorkInProgress                CauseCode = 15
	CauseAdverseWeatherConditionExtremeWeatherCondition CauseCode = 17
	CauseAdverseWeatherConditionVisibility              CauseCode = 18
	CauseAdverseWeatherConditionPrecipitation           CauseCode = 19
	CauseViolence                                       CauseCode = 20
	CauseSlowVehicle                                    CauseCode = 26
	CauseDangerousEndOfQueue                            CauseCode = 27
	CausePublicTransportVehicleApproaching              CauseCode = 28
	CauseVehicleBreakdown                               CauseCode = 91
	CausePostCrash                                      CauseCode = 92
	CauseHumanProblem                                   CauseCode = 93
	CauseStationaryVehicle                              CauseCode = 94
	CauseEmergencyVehicleApproaching                    CauseCode = 95
	CauseHazardousLocationDangerousCurve                CauseCode = 96
	CauseCollisionRisk                                  CauseCode = 97
	CauseSignalViolation                                CauseCode = 98
	CauseDangerousSituation                             CauseCode = 99
	CauseRailwayLevelCrossing                           CauseCode = 100
)

var causeCodes = newEnum("cause code",
	enumValue{1, "trafficCondition", nil},
	enumValue{2, "accident", nil},
	enumValue{3, "roadworks", nil},
	enumValue{5, "impassability", nil},
	enumValue{6, "adverseWeatherCondition-Adhesion", nil},
	enumValue{7, "aquaplaning", []string{"aquaplannning"}}, // release 1 spells it so
	enumValue{9, "hazardousLocation-SurfaceCondition", nil},
	enumValue{10, "hazardousLocation-ObstacleOnTheRoad", nil},
	enumValue{11, "hazardousLocation-AnimalOnTheRoad", nil},
	enumValue{12, "humanPresenceOnTheRoad", nil},
	enumValue{14, "wrongWayDriving", nil},
	enumValue{15, "rescueAndRecoveryWorkInProgress", nil},
	enumValue{17, "adverseWeatherCondition-ExtremeWeatherCondition", nil},
	enumValue{18, "adverseWeatherCondition-Visibility", nil},
	enumValue{19, "adverseWeatherCondition-Precipitation", nil},
	enumValue{20, "violence", nil},
	enumValue{26, "slowVehicle", nil},
	enumValue{27, "dangerousEndOfQueue", nil},
	enumValue{28, "publicTransportVehicleApproaching", nil},
	enumValue{91, "vehicleBreakdown", nil},
	enumValue{92, "postCrash", nil},
	enumValue{93, "humanProblem", nil},
	enumValue{94, "stationaryVehicle", nil},
	enumValue{95, "emergencyVehicleApproaching", nil},
	enumValue{96, "hazardousLocation-DangerousCurve", nil},
	enumValue{97, "collisionRisk", nil},
	enumValue{98, "signalViolation", nil},
	enumValue{99, "dangerousSituation", nil},
	enumValue{100, "railwayLevelCrossing", nil},
)

// String returns the ETSI identifier, such as "collisionRisk".
func (c CauseCode) String() string { return causeCodes.name(uint8(c)) }

// MarshalText implements encoding.TextMarshaler. A code that ETSI does not
// define is an error.
func (c CauseCode) MarshalText() ([]byte, error) { return causeCodes.marshal(uint8(c)) }

// UnmarshalText implements encoding.TextUnmarshaler. It reads the ETSI
// identifier in any usual spelling, or the number.
func (c *CauseCode) UnmarshalText(text []byte) error { return causeCodes.unmarshal(text, (*uint8)(c)) }
