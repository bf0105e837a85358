package uper

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/step-its/producer/den"
)

// Wireshark's dissector is the judge: it was written by others, from ETSI's
// modules. What it does not see is tested elsewhere: bytes and padding after the
// message, a default that was not left out, and the content of what release 2
// added. Two things it gets wrong, so they are not shown to it: it reads the length
// of companyName in 5 bits, although the size of an UTF8String is not visible to PER
// (X.691, 30.6), and it gives up on whole numbers of more than 4 octets.

// tshark returns the path of the program.
func tshark(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err != nil {
		withoutJudge(t, "tshark is not installed")
	}
	return path
}

// withoutJudge skips the test, or fails it where TSHARK_REQUIRE=1 says that the
// judge must be there.
func withoutJudge(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("TSHARK_REQUIRE") == "1" {
		t.Fatalf("TSHARK_REQUIRE=1, but %s", why)
	}
	t.Skip(why)
}

// writeCapture writes the messages as packets of Wireshark's "exported PDU", which
// names the dissector to begin with.
func writeCapture(t *testing.T, messages [][]byte) string {
	t.Helper()
	const upperPDU = 252 // link type
	file := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	for _, v := range []uint32{4<<16 | 2, 0, 0, 1 << 16, upperPDU} {
		file = binary.LittleEndian.AppendUint32(file, v)
	}
	for i, m := range messages {
		const tags = "\x00\x0c\x00\x04its\x00" + "\x00\x00\x00\x00"
		n := uint32(len(tags) + len(m))
		for _, v := range []uint32{uint32(i), 0, n, n} {
			file = binary.LittleEndian.AppendUint32(file, v)
		}
		file = append(append(file, tags...), m...)
	}
	path := filepath.Join(t.TempDir(), "denm.pcap")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// dissected returns for every message its fields by name: all values of a field, in
// order, with a comma in between.
func dissected(t *testing.T, messages [][]byte, names []string) []map[string]string {
	t.Helper()
	arguments := []string{"-r", writeCapture(t, messages), "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"}
	for _, name := range names {
		arguments = append(arguments, "-e", name)
	}
	command := exec.Command(tshark(t), arguments...)
	var errors bytes.Buffer
	command.Stderr = &errors
	out, err := command.Output()
	if bytes.Contains(errors.Bytes(), []byte("aren't valid")) {
		withoutJudge(t, "this version of tshark has other names for fields than 4.0: "+errors.String())
	}
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, errors.Bytes())
	}
	var all []map[string]string
	for line := range strings.Lines(string(out)) {
		values := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(values) != len(names) {
			t.Fatalf("message %d: %d values for %d fields", len(all), len(values), len(names))
		}
		fields := make(map[string]string)
		for i, name := range names {
			fields[name] = values[i]
		}
		all = append(all, fields)
	}
	if len(all) != len(messages) {
		t.Fatalf("tshark has %d messages of %d\n%s", len(all), len(messages), errors.Bytes())
	}
	return all
}

func TestTshark(t *testing.T) {
	var messages [][]byte
	var want []leaves
	add := func(d *DENM) {
		message, err := Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		messages, want = append(messages, message), append(want, leavesOf(d))
	}
	g := newDice(2)
	g.judged, g.beyond = true, 0
	for i := range 3000 {
		g.version1 = i >= 1500
		add(g.denm())
	}
	for _, v := range handVectors {
		add(v.denm)
	}
	// Wireshark reads lists that are longer than ETSI asks for, but with a warning.
	warned := len(messages)
	g.beyond = 20
	for i := range 400 {
		g.version1 = i >= 200
		add(g.denm())
	}
	// Both versions have a field for each of ours, so that every name is asked for.
	names := []string{"_ws.malformed", "_ws.expert.severity", "_ws.expert.message"}
	known := make(map[string]bool)
	for _, w := range want {
		for name := range w {
			known[name] = true
		}
	}
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names[3:])
	wrong := 0
	for i, got := range dissected(t, messages, names) {
		var problems []string
		for severity := range strings.SplitSeq(got["_ws.expert.severity"], ",") {
			n, _ := strconv.ParseUint(severity, 0, 32)
			if n >= 0x600000 && i < warned || n >= 0x800000 || got["_ws.malformed"] != "" {
				problems = append(problems, "expert: "+got["_ws.expert.message"]+got["_ws.malformed"])
			}
		}
		for _, name := range names[3:] {
			if w := strings.Join(want[i][name], ","); got[name] != w {
				problems = append(problems, fmt.Sprintf("%s is %q, want %q", name, got[name], w))
			}
		}
		if len(problems) > 0 {
			wrong++
			t.Errorf("message %d: %x\n%s", i, messages[i], strings.Join(problems, "\n"))
		}
		if wrong > 3 {
			t.Fatal("and so on")
		}
	}
	t.Logf("%d messages, %d fields", len(messages), len(known))
}

// Wireshark takes the leap seconds out of the times that it prints, so it judges our
// conversion as well, from a den.Timestamp to a date.
func TestTsharkTimes(t *testing.T) {
	var messages [][]byte
	var want []string
	for _, text := range []string{
		"2017-01-01T00:00:00.000Z", "2026-01-05T10:40:00.000Z", "2040-02-29T23:59:59.999Z", "2143-05-15T07:35:06.103Z",
	} {
		d := crash()
		if err := d.Management.DetectionTime.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		e, err := FromDENM(d, Profile{})
		if err != nil {
			t.Fatal(err)
		}
		message, err := Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, message)
		want = append(want, strings.NewReplacer("T", " ", "Z", "").Replace(text))
	}
	out, err := exec.Command(tshark(t), "-r", writeCapture(t, messages), "-V").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(out)) {
		if date, ok := strings.CutPrefix(strings.TrimSpace(line), "detectionTime: "); ok {
			got = append(got, date[:len("2026-01-05 10:40:00.000")])
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("Wireshark reads %q, want %q", got, want)
	}
}

// leaves is the fields of a message by Wireshark's names, in the order in which the
// message has them.
type leaves map[string][]string

// leavesOf lists the fields of a DENM. It says once more, apart from the code that
// is tested, which members there are and in which order.
func leavesOf(d *DENM) leaves {
	l := leaver{leaves: make(leaves), its: "its.", denm: "denm."}
	if d.Header.ProtocolVersion == 1 {
		l.its, l.denm = "itsv1.", "denmv1."
	}
	l.add("its.protocolVersion", d.Header.ProtocolVersion)
	l.add("its.messageID", d.Header.MessageID)
	l.add("its.stationID", d.Header.StationID)
	m := &d.Management
	l.actionID(m.ActionID)
	l.add(l.denm+"detectionTime", uint64(m.DetectionTime))
	l.add(l.denm+"referenceTime", uint64(m.ReferenceTime))
	addOptional(l, l.denm+"termination", m.Termination)
	l.position(m.EventPosition)
	addOptional(l, l.denm+"relevanceDistance", m.RelevanceDistance)
	addOptional(l, l.denm+"relevanceTrafficDirection", m.RelevanceTrafficDirection)
	if m.ValidityDuration != 600 {
		l.add(l.denm+"validityDuration", m.ValidityDuration)
	}
	addOptional(l, l.denm+"transmissionInterval", m.TransmissionInterval)
	l.add(l.denm+"stationType", m.StationType)
	if d.Situation != nil {
		l.situation(d.Situation)
	}
	if d.Location != nil {
		l.location(d.Location)
	}
	if d.Alacarte != nil {
		l.alacarte(d.Alacarte)
	}
	return l.leaves
}

type leaver struct {
	leaves    leaves
	its, denm string // the prefixes of the version
}

func (l leaver) add(name string, v any) {
	// %d prints the number of an enumeration, not its name.
	text := fmt.Sprintf("%d", v)
	switch v := v.(type) {
	case bool:
		text = fmt.Sprint(one(v))
	case string:
		text = v
	case []byte:
		text = hex.EncodeToString(v)
	}
	l.leaves[name] = append(l.leaves[name], text)
}

func addOptional[T any](l leaver, name string, v den.Optional[T]) {
	if v.Valid {
		l.add(name, v.Value)
	}
}

// bits lists a bit string of n bits, of which v's highest comes first.
func (l leaver) bits(name string, v uint64, n int) {
	octets := binary.BigEndian.AppendUint64(nil, v<<(64-n))
	l.add(name, octets[:(n+7)/8])
}

func (l leaver) actionID(a den.ActionID) {
	l.add(l.its+"originatingStationID", a.OriginatingStationID)
	l.add(l.its+"sequenceNumber", a.SequenceNumber)
}

func (l leaver) position(p ReferencePosition) {
	l.add(l.its+"latitude", p.Latitude)
	l.add(l.its+"longitude", p.Longitude)
	l.add(l.its+"semiMajorConfidence", p.PositionConfidenceEllipse.SemiMajorConfidence)
	l.add(l.its+"semiMinorConfidence", p.PositionConfidenceEllipse.SemiMinorConfidence)
	l.add(l.its+"semiMajorOrientation", p.PositionConfidenceEllipse.SemiMajorOrientation)
	l.add(l.its+"altitudeValue", p.Altitude.AltitudeValue)
	l.add(l.its+"altitudeConfidence", p.Altitude.AltitudeConfidence)
}

func (l leaver) delta(p DeltaReferencePosition) {
	l.add(l.its+"deltaLatitude", p.DeltaLatitude)
	l.add(l.its+"deltaLongitude", p.DeltaLongitude)
	l.add(l.its+"deltaAltitude", p.DeltaAltitude)
}

func (l leaver) cause(c CauseCode) {
	l.add(l.its+"causeCode", c.CauseCode)
	l.add(l.its+"subCauseCode", c.SubCauseCode)
}

func (l leaver) situation(s *Situation) {
	l.add(l.denm+"informationQuality", s.InformationQuality)
	l.cause(s.EventType)
	if s.LinkedCause.Valid {
		l.cause(s.LinkedCause.Value)
	}
	if s.EventHistory != nil {
		l.add(l.denm+"eventHistory", len(s.EventHistory))
	}
	for _, p := range s.EventHistory {
		l.delta(p.EventPosition)
		addOptional(l, l.its+"eventDeltaTime", p.EventDeltaTime)
		l.add(l.its+"informationQuality", p.InformationQuality)
	}
}

func (l leaver) location(v *Location) {
	if s := v.EventSpeed; s.Valid {
		l.add(l.its+"speedValue", s.Value.SpeedValue)
		l.add(l.its+"speedConfidence", s.Value.SpeedConfidence)
	}
	if h := v.EventPositionHeading; h.Valid {
		l.add(l.its+"headingValue", h.Value.HeadingValue)
		l.add(l.its+"headingConfidence", h.Value.HeadingConfidence)
	}
	l.add(l.denm+"traces", len(v.Traces))
	for _, trace := range v.Traces {
		l.add(l.its+"PathHistory", len(trace))
		for _, p := range trace {
			l.delta(p.PathPosition)
			addOptional(l, l.its+"pathDeltaTime", p.PathDeltaTime)
		}
	}
	addOptional(l, l.denm+"roadType", v.RoadType)
}

func (l leaver) alacarte(a *Alacarte) {
	addOptional(l, l.denm+"lanePosition", a.LanePosition)
	if r := a.ImpactReduction; r != nil {
		l.add(l.denm+"heightLonCarrLeft", r.HeightLonCarrLeft)
		l.add(l.denm+"heightLonCarrRight", r.HeightLonCarrRight)
		l.add(l.denm+"posLonCarrLeft", r.PosLonCarrLeft)
		l.add(l.denm+"posLonCarrRight", r.PosLonCarrRight)
		l.add(l.denm+"positionOfPillars", len(r.PositionOfPillars))
		for _, p := range r.PositionOfPillars {
			l.add(l.its+"PosPillar", p)
		}
		l.add(l.denm+"posCentMass", r.PosCentMass)
		l.add(l.denm+"wheelBaseVehicle", r.WheelBaseVehicle)
		l.add(l.denm+"turningRadius", r.TurningRadius)
		l.add(l.denm+"posFrontAx", r.PosFrontAx)
		l.bits(l.denm+"positionOfOccupants", uint64(r.PositionOfOccupants), 20)
		l.add(l.denm+"vehicleMass", r.VehicleMass)
		l.add(l.denm+"requestResponseIndication", r.RequestResponseIndication)
	}
	addOptional(l, l.denm+"externalTemperature", a.ExternalTemperature)
	if a.RoadWorks != nil {
		l.roadWorks(a.RoadWorks)
	}
	addOptional(l, l.denm+"positioningSolution", a.PositioningSolution)
	if a.StationaryVehicle != nil {
		l.stationaryVehicle(a.StationaryVehicle)
	}
}

func (l leaver) roadWorks(r *RoadWorks) {
	if v := r.LightBarSirenInUse; v.Valid {
		l.bits(l.denm+"lightBarSirenInUse", uint64(v.Value), 2)
	}
	if lanes := r.ClosedLanes; lanes != nil {
		inner := l.its + "innerhardShoulderStatus"
		if l.its == "itsv1." {
			inner = l.its + "hardShoulderStatus"
		}
		addOptional(l, inner, lanes.InnerHardShoulderStatus)
		addOptional(l, l.its+"outerhardShoulderStatus", lanes.OuterHardShoulderStatus)
		if v := lanes.DrivingLaneStatus; v.Valid {
			var fromInside uint64 // the innermost lane comes first
			for i := range v.Value.Lanes {
				fromInside = fromInside<<1 | uint64(v.Value.Closed>>i&1)
			}
			l.bits(l.its+"drivingLaneStatus", fromInside, int(v.Value.Lanes))
		}
	}
	if r.Restriction != nil {
		l.add(l.denm+"restriction", len(r.Restriction))
	}
	for _, v := range r.Restriction {
		l.add(l.its+"StationType", v)
	}
	addOptional(l, l.denm+"speedLimit", r.SpeedLimit)
	if r.IncidentIndication.Valid {
		l.cause(r.IncidentIndication.Value)
	}
	if r.RecommendedPath != nil {
		l.add(l.denm+"recommendedPath", len(r.RecommendedPath))
	}
	for _, p := range r.RecommendedPath {
		l.position(p)
	}
	if r.StartingPointSpeedLimit.Valid {
		l.delta(r.StartingPointSpeedLimit.Value)
	}
	addOptional(l, l.denm+"trafficFlowRule", r.TrafficFlowRule)
	if r.ReferenceDenms != nil {
		l.add(l.denm+"referenceDenms", len(r.ReferenceDenms))
	}
	for _, a := range r.ReferenceDenms {
		l.actionID(a)
	}
}

func (l leaver) stationaryVehicle(v *StationaryVehicle) {
	addOptional(l, l.denm+"stationarySince", v.StationarySince)
	if v.StationaryCause.Valid {
		l.cause(v.StationaryCause.Value)
	}
	if g := v.CarryingDangerousGoods; g != nil {
		l.add(l.its+"dangerousGoodsType", g.DangerousGoodsType)
		l.add(l.its+"unNumber", g.UNNumber)
		l.add(l.its+"elevatedTemperature", g.ElevatedTemperature)
		l.add(l.its+"tunnelsRestricted", g.TunnelsRestricted)
		l.add(l.its+"limitedQuantity", g.LimitedQuantity)
		addOptional(l, l.its+"emergencyActionCode", g.EmergencyActionCode)
		addOptional(l, l.its+"phoneNumber", g.PhoneNumber)
	}
	addOptional(l, l.denm+"numberOfOccupants", v.NumberOfOccupants)
	if id := v.VehicleIdentification; id != nil {
		addOptional(l, l.its+"wMInumber", id.WMINumber)
		addOptional(l, l.its+"vDS", id.VDS)
	}
	if e := v.EnergyStorageType; e.Valid {
		l.bits(l.denm+"energyStorageType", uint64(e.Value), 7)
	}
}
