package uper

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// ranges is what ETSI's ASN.1 modules say of each type: of numbers the range, of
// enumerations the codes of the root, of lists and texts the length, of bit strings
// all ones. Types that are not named there have the name of what they are in.
//
// They stand under the function that names the document.
var ranges = map[string]map[string]string{"newDENMSpan": { // EN 302 637-3
	"DENM":           "1..2 1..1", // protocolVersion, messageID
	"ReferenceDenms": "1..8",
	"Termination":    "0..1",
}, "newSpan": { // TS 102 894-2, release 1
	"AltitudeConfidence":             "0..15",
	"AltitudeValue":                  "-100000..800001",
	"CauseCodeType":                  "0..255",
	"DangerousGoodsBasic":            "0..19",
	"DangerousGoodsExtended":         "0..9999 1..24", // unNumber and the length of texts
	"DeltaAltitude":                  "-12700..12800",
	"DeltaLatitude":                  "-131071..131072",
	"DeltaLongitude":                 "-131071..131072",
	"DrivingLaneStatus":              "1..13",
	"DrivingLaneStatus of version 1": "1..14",
	"EnergyStorageType":              "0..127",
	"EventHistory":                   "1..23",
	"HardShoulderStatus":             "0..2",
	"HeadingConfidence":              "1..127",
	"HeadingValue":                   "0..3601",
	"HeightLonCarr":                  "1..100",
	"InformationQuality":             "0..7",
	"ItineraryPath":                  "1..40",
	"ItsPduHeader":                   "0..255",
	"LanePosition":                   "-1..14",
	"Latitude":                       "-900000000..900000001",
	"LightBarSirenInUse":             "0..3",
	"Longitude":                      "-1800000000..1800000001",
	"NumberOfOccupants":              "0..127",
	"PathDeltaTime":                  "1..65535",
	"PathHistory":                    "0..40",
	"PhoneNumber":                    "1..16",
	"PosCentMass":                    "1..63",
	"PosFrontAx":                     "1..20",
	"PosLonCarr":                     "1..127",
	"PosPillar":                      "1..30",
	"PositionOfOccupants":            "0..1048575",
	"PositionOfPillars":              "1..3",
	"PositioningSolutionType":        "0..5",
	"RelevanceDistance":              "0..7",
	"RelevanceTrafficDirection":      "0..3",
	"RequestResponseIndication":      "0..1",
	"RestrictedTypes":                "1..3",
	"RoadType":                       "0..3",
	"SemiAxisLength":                 "0..4095",
	"SequenceNumber":                 "0..65535",
	"SpeedConfidence":                "1..127",
	"SpeedLimit":                     "1..255",
	"SpeedValue":                     "0..16383",
	"StationID":                      "0..4294967295",
	"StationType":                    "0..255",
	"StationarySince":                "0..3",
	"SubCauseCodeType":               "0..255",
	"Temperature":                    "-60..67",
	"TimestampIts":                   "0..4398046511103",
	"Traces":                         "1..7",
	"TrafficRule":                    "0..3",
	"TransmissionInterval":           "1..10000",
	"TurningRadius":                  "1..255",
	"VDS":                            "6..6",
	"ValidityDuration":               "0..86400",
	"VehicleMass":                    "1..1024",
	"WMInumber":                      "1..3",
	"WheelBaseVehicle":               "1..127",
}, "newR2Span": { // TS 102 894-2, release 2
	"AccelerationConfidence":                           "0..102",
	"AccelerationMagnitudeValue":                       "0..161",
	"AccelerationValue":                                "-160..161",
	"ActionIdList":                                     "1..8",
	"AngleConfidence":                                  "1..127",
	"AngularSpeedConfidence":                           "0..7",
	"CardinalNumber1B":                                 "0..255",
	"CartesianAngleValue":                              "0..3601",
	"CartesianAngularVelocityComponentValue":           "-255..256",
	"CartesianCoordinateLarge":                         "-131072..131071",
	"ConfidenceLevel":                                  "1..101",
	"CoordinateConfidence":                             "1..4096",
	"CorrelationColumn":                                "1..13",
	"DeltaTimeMilliSecondPositive":                     "1..10000",
	"DeltaTimeMilliSecondSigned":                       "-2048..2047",
	"Identifier1B":                                     "0..255",
	"Identifier2B":                                     "0..65535",
	"LowerTriangularPositiveSemidefiniteMatrices":      "1..4",
	"LowerTriangularPositiveSemidefiniteMatrixColumns": "1..13",
	"ObjectClass":                                      "0..3 0..14", // alternatives, vehicleSubClass
	"ObjectClassDescription":                           "1..8",
	"ObjectDimensionConfidence":                        "1..32",
	"ObjectDimensionValue":                             "1..256",
	"ObjectFace":                                       "0..5",
	"ObjectPerceptionQuality":                          "0..15",
	"OtherSubClass":                                    "0..255",
	"PerceivedObject":                                  "0..2047", // objectAge
	"Position1d":                                       "-8190..8191",
	"SequenceOfIdentifier1B":                           "1..128",
	"StandardLength12b":                                "0..4095",
	"SpeedConfidence":                                  "1..127",
	"StationId":                                        "0..4294967295",
	"VelocityComponentValue":                           "-16383..16383",
	"VruClusterProfiles":                               "0..15",
	"VruProfileAndSubprofile":                          "0..3",
	"VruSubProfile":                                    "0..15",
}}

// TestRanges reads the spans in the sources, so that none is left out.
func TestRanges(t *testing.T) {
	used := make(map[string]bool)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 4 || !strings.HasSuffix(types.ExprString(call.Fun), "Span") {
				return true
			}
			typ, err := strconv.Unquote(call.Args[1].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			got := constant(t, call.Args[2]) + ".." + constant(t, call.Args[3])
			in := types.ExprString(call.Fun)
			used[in+typ] = true
			if want := ranges[in][typ]; !strings.Contains(" "+want+" ", " "+got+" ") {
				t.Errorf("%s: %s is a %s %s, want %q", name, typ, in, got, want)
			}
			return true
		})
	}
	for in, all := range ranges {
		for typ := range all {
			if !used[in+typ] {
				t.Errorf("nothing is a %s %s", in, typ)
			}
		}
	}
}

// constant returns the value of a constant expression.
func constant(t *testing.T, e ast.Expr) string {
	t.Helper()
	v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, types.ExprString(e))
	if err != nil {
		t.Fatal(err)
	}
	return v.Value.ExactString()
}
