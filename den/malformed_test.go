package den

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

// A malformed message is a good one with one member of it replaced, or a text of
// its own.
type malformedMessage struct {
	name    string
	pointer string // of the member, in the event of a collision array or of a DENM
	members string // what is there instead; empty: the member is missing
	text    func(collisions, denm string) string
	want    string
}

func (m malformedMessage) message(tb testing.TB) []byte {
	tb.Helper()
	collisions := event(SchemaStationCollisions, readTestdata(tb, "collisions.json"))
	denm := event(SchemaDENM, readTestdata(tb, "denm.json"))
	switch {
	case m.text != nil:
		return []byte(m.text(string(collisions), string(denm)))
	case strings.HasPrefix(m.pointer, "/data/stations") || m.pointer == "/data/detectionTime":
		return edit(tb, collisions, m.pointer, m.members)
	}
	return edit(tb, denm, m.pointer, m.members)
}

func text(s string) func(_, _ string) string { return func(_, _ string) string { return s } }

var malformed = []malformedMessage{
	{name: "nothing", text: text(""), want: "invalid JSON: the text is empty"},
	{name: "blanks", text: text(" \n "), want: "invalid JSON: the text is empty"},
	{name: "null", text: text("null"), want: "must be an object but is null"},
	{name: "number", text: text("17"), want: "must be an object but is 17"},
	{name: "string", text: text(`"stations"`), want: `must be an object but is "stations"`},
	{name: "empty_object", text: text("{}"), want: "data: missing, and there are no stations and no managementContainer beside it"},
	{name: "empty_array", text: text("[]"), want: "stations: must list 2..256 stations but lists 0"},
	{
		name: "not_json", text: text("stations=2"),
		want: "invalid JSON at byte 0: invalid character 's' at start of value",
	},
	{
		name: "single_quotes", text: text("{'data':{}}"),
		want: "invalid JSON at byte 1: invalid character '\\'' at start of value",
	},
	{
		name: "byte_order_mark", text: text("\ufeff{}"),
		want: "invalid JSON at byte 0: invalid character '\\ufeff' at start of value",
	},
	{name: "comment", text: text("{/*x*/}"), want: "invalid JSON at byte 1: invalid character '/' at start of value"},
	{
		name: "trailing_comma", text: text(`{"data":{},}`),
		want: "invalid JSON at byte 10: invalid character ',' at start of value",
	},
	{
		name: "capital_null", text: text(`{"data":NULL}`),
		want: "data: invalid JSON at byte 8: invalid character 'N' at start of value",
	},
	{
		name: "nan", text: text(`{"data":NaN}`),
		want: "data: invalid JSON at byte 8: invalid character 'N' at start of value",
	},
	{
		name: "leading_zero", text: text(`{"data":007}`),
		want: "invalid JSON at byte 9: invalid character '0' after object value (expecting ',' or '}')",
	},
	{
		name: "control_character_in_text", text: text("{\"id\":\"a\nb\"}"),
		want: "id: invalid JSON at byte 8: invalid character '\\n' in string (expecting non-control character)",
	},
	{
		name: "half_a_surrogate_pair", text: text(`{"id":"\ud800"}`),
		want: "id: invalid JSON at byte 7: invalid surrogate pair `\\ud800\"}` in string",
	},
	{
		name: "bad_escape", text: text(`{"id":"\x41"}`),
		want: "id: invalid JSON at byte 7: invalid escape sequence `\\x` in string",
	},
	{name: "invalid_UTF-8", text: text("{\"id\":\"\xff\"}"), want: "id: invalid JSON at byte 7: invalid UTF-8"},
	{name: "invalid_UTF-8_in_name", text: text("{\"i\xc3\":1}"), want: "invalid JSON at byte 3: invalid UTF-8"},
	{
		name: "invalid_UTF-8_deep", text: func(c, _ string) string { return strings.Replace(c, "cyclist", "cycl\xc3st", 1) },
		want: "data.stations[2].stationType: invalid JSON at byte 2103: invalid UTF-8",
	},
	{
		name: "second_message", text: func(c, _ string) string { return c + c },
		want: "there is more after the end of the message",
	},
	{
		name: "trailing_text", text: func(c, _ string) string { return c + "\x00" },
		want: "invalid JSON at byte 2919: invalid character '\\x00' at start of value",
	},
	{
		name: "trailing_brace", text: func(c, _ string) string { return c + "}" },
		want: "invalid JSON at byte 2919: invalid character '}' at start of value",
	},
	{
		name: "mismatched_bracket", text: func(c, _ string) string { return strings.Replace(c, "]", "}", 1) },
		want: "data.stations: invalid JSON at byte 2914: invalid character '}' after array element (expecting ',' or ']')",
	},
	{
		name: "truncated_in_envelope", text: func(c, _ string) string { return c[:strings.Index(c, `p_crash`)] },
		want: "source: invalid JSON at byte 45: the text ends too early",
	},
	{
		name: "truncated_before_data", text: func(c, _ string) string { return c[:strings.Index(c, `"data":`)+7] },
		want: "data: invalid JSON at byte 192: the text ends too early",
	},
	{
		name: "truncated_in_station", text: func(c, _ string) string { return c[:strings.LastIndex(c, `"objectDimensionX"`)] },
		want: "data.stations[2]: invalid JSON at byte 2564: the text ends too early",
	},
	{
		name: "truncated_in_name", text: func(c, _ string) string { return c[:strings.LastIndex(c, `ionX"`)] },
		want: "data.stations[2]: invalid JSON at byte 2577: the text ends too early",
	},
	{
		name: "truncated_in_number", text: func(c, _ string) string { return c[:strings.LastIndex(c, `.3430058`)+1] },
		want: "data.stations[2].collisionLongitude: invalid JSON at byte 2831: the text ends too early",
	},
	{
		name: "truncated_at_end", text: func(c, _ string) string { return c[:len(c)-1] },
		want: "invalid JSON at byte 2918: the text ends too early",
	},
	{
		name: "truncated_denm", text: func(_, d string) string { return d[:strings.LastIndex(d, `"position"`)] },
		want: "data.preCrashContainer.perceivedObject: invalid JSON at byte 1394: the text ends too early",
	},
	{
		name: "deep_in_data", text: text(`{"dataschema":"DenmDataV1","data":{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}}`),
		want: "data.x" + strings.Repeat("[0]", 31) + ": is nested deeper than 32 levels",
	},
	{
		name: "deep_in_station", pointer: "/data/stations/2/objectId", members: `"x":` + strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40),
		want: "data.stations[2].x" + strings.Repeat(".a", 28) + ": is nested deeper than 32 levels",
	},
	{
		name: "deep_beside_data", text: text(`{"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`),
		want: "x" + strings.Repeat("[0]", 31) + ": is nested deeper than 32 levels",
	},
	{
		name: "deep_before_number", pointer: "/data/stations/2/objectId", members: `"objectId":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000),
		want: "data.stations[2].objectId" + strings.Repeat("[0]", 78) + "...: invalid JSON at byte 12075: exceeded max depth",
	},
	{
		name: "1_byte_too_long", text: func(c, _ string) string { return c + strings.Repeat(" ", MaxMessageSize+1-len(c)) },
		want: "the message has 1048577 bytes; at most 1048576 are read",
	},
	{
		name: "10_MB", text: func(c, _ string) string { return c + strings.Repeat(" ", 10_000_000-len(c)) },
		want: "the message has 10000000 bytes; at most 1048576 are read",
	},
	{
		name: "long_key", text: text(`{"` + strings.Repeat("k", 5000) + `":x}`),
		want: strings.Repeat("k", 40) + "...: invalid JSON at byte 5004: invalid character 'x' at start of value",
	},
	{
		name: "key_with_control_characters", text: text(`{"\u001b[31m\n":x}`),
		want: "\"\\x1b[31m\\n\": invalid JSON at byte 16: invalid character 'x' at start of value",
	},
	{
		name: "empty_key", text: text(`{"":x}`),
		want: `"": invalid JSON at byte 4: invalid character 'x' at start of value`,
	},
	{
		name: "key_of_digits", text: text(`{"` + strings.Repeat("0", 5000) + `":x}`),
		want: strings.Repeat("0", 40) + "...: invalid JSON at byte 5004: invalid character 'x' at start of value",
	},

	{name: "no_data", text: text(`{"id":"e-1","dataschema":"DenmDataV1"}`), want: "data: missing, and there are no stations and no managementContainer beside it"},
	{name: "data_in_base64", text: text(`{"dataschema":"DenmDataV1","data_base64":"e30="}`), want: "data: missing, and there are no stations and no managementContainer beside it"},
	{
		name: "unknown_kind", text: text(`{"dataschema":"CamDataV1","data":{"stationId":1}}`),
		want: "data: is neither a collision array nor a DENM",
	},
	{
		name: "unknown_kind_text", text: text(`{"dataschema":"CamDataV1","data":"hello"}`),
		want: "data: is neither a collision array nor a DENM",
	},
	{name: "unknown_kind_number", text: text(`{"data":1}`), want: "data: is neither a collision array nor a DENM"},
	{name: "data_null", pointer: "/data", members: `"data":null`, want: "data: missing, and there are no stations and no managementContainer beside it"},
	{name: "data_number", pointer: "/data", members: `"data":1`, want: "data: must be an object but is 1"},
	{name: "data_empty_text", pointer: "/data", members: `"data":""`, want: "data: invalid JSON: the text is empty"},
	{
		name: "data_no_json_text", pointer: "/data", members: `"data":"{\"a\"}"`,
		want: "data.a: invalid JSON at byte 4: invalid character '}' after object name (expecting ':')",
	},
	{
		name: "data_text_in_text", pointer: "/data", members: `"data":"\"{}\""`,
		want: `data: must be an object but is "{}"`,
	},
	{
		name: "data_array_for_denm", pointer: "/data", members: `"data":[]`,
		want: "data: must be an object but is an array",
	},
	{
		name: "collisions_read_as_denm", text: func(c, _ string) string { return strings.Replace(c, SchemaStationCollisions, SchemaDENM, 1) },
		want: "data.stationId: missing",
	},
	{
		name: "denm_read_as_collisions", text: func(_, d string) string { return strings.Replace(d, SchemaDENM, SchemaStationCollisions, 1) },
		want: "data.detectionTime: missing",
	},

	{
		name: "duplicate_in_envelope", pointer: "/dataschema", members: `"dataschema":"DenmDataV1","dataschema":"DenmDataV1"`,
		want: "dataschema: invalid JSON at byte 172: duplicate object member name",
	},
	{
		name: "duplicate_unknown", pointer: "/specversion", members: `"x":1,"x":1`,
		want: "x: invalid JSON at byte 7: duplicate object member name",
	},
	{
		name: "duplicate_data", text: text(`{"data":{"stations":[]},"data":{}}`),
		want: "data: invalid JSON at byte 24: duplicate object member name",
	},
	{
		name: "duplicate_in_data", pointer: "/data/stationId", members: `"stationId":1,"stationId":1`,
		want: "data.stationId: invalid JSON at byte 197: duplicate object member name",
	},
	{
		name: "duplicate_in_speed", pointer: "/data/stations/1/speed/value", members: `"value":1,"value":1`,
		want: "data.stations[1].speed.value: invalid JSON at byte 1565: duplicate object member name",
	},
	{
		name: "duplicate_by_escape", pointer: "/data/stations/0/heading/value", members: `"value":1,"v\u0061lue":1`,
		want: "data.stations[0].heading.value: invalid JSON at byte 751: duplicate object member name",
	},
	{
		name: "duplicate_in_unknown", pointer: "/data/stations/2/objectId", members: `"x":{"y":[{"z":1,"z":2}]}`,
		want: "data.stations[2].x.y[0].z: invalid JSON at byte 2085: duplicate object member name",
	},

	{name: "no_detection_time", pointer: "/data/detectionTime", want: "data.detectionTime: missing"},
	{
		name: "null_detection_time", pointer: "/data/detectionTime", members: `"detectionTime":null`,
		want: "data.detectionTime: missing",
	},
	{
		name: "time_number", pointer: "/data/detectionTime", members: `"detectionTime":1775889012160`,
		want: "data.detectionTime: must be an RFC 3339 time with Z or an offset, from 2004 to 2143, but is 1775889012160",
	},
	{
		name: "time_without_zone", pointer: "/data/detectionTime", members: `"detectionTime":"2026-04-11T06:30:12.160"`,
		want: `data.detectionTime: must be an RFC 3339 time with Z or an offset, from 2004 to 2143, but is "2026-04-11T06:30:12.160"`,
	},
	{
		name: "time_too_early", pointer: "/data/detectionTime", members: `"detectionTime":"1970-01-01T00:00:00Z"`,
		want: `data.detectionTime: must be an RFC 3339 time with Z or an offset, from 2004 to 2143, but is "1970-01-01T00:00:00Z"`,
	},
	{
		name: "time_too_late", pointer: "/data/stations/1/measurementTime", members: `"measurementTime":"9999-12-31T23:59:59Z"`,
		want: `data.stations[1].measurementTime: must be an RFC 3339 time with Z or an offset, from 2004 to 2143, but is "9999-12-31T23:59:59Z"`,
	},
	{name: "no_stations", pointer: "/data/stations", want: "data.stations: missing"},
	{name: "null_stations", pointer: "/data/stations", members: `"stations":null`, want: "data.stations: missing"},
	{
		name: "stations_object", pointer: "/data/stations", members: `"stations":{}`,
		want: "data.stations: must be an array but is an object",
	},
	{
		name: "empty_stations", pointer: "/data/stations", members: `"stations":[]`,
		want: "data.stations: must list 2..256 stations but lists 0",
	},
	{
		name: "one_station", text: func(c, _ string) string { return oneStation(c) },
		want: "data.stations: must list 2..256 stations but lists 1",
	},
	{
		name: "257_stations", text: func(c, _ string) string { return manyStations(c, 257) },
		want: "data.stations: must list 2..256 stations but lists more",
	},
	{
		name: "900_stations", text: func(c, _ string) string { return manyStations(c, 900) },
		want: "data.stations: must list 2..256 stations but lists more",
	},
	{
		name: "stations_under_both_names", pointer: "/data/stations", members: `"stations":[],"stationCollisions":[]`,
		want: "data.stationCollisions: lists the stations a second time",
	},
	{
		name: "station_null", pointer: "/data/stations", members: `"stations":[null,null]`,
		want: "data.stations[0]: must be an object but is null",
	},
	{
		name: "station_array", pointer: "/data/stations", members: `"stations":[[]]`,
		want: "data.stations[0]: must be an object but is an array",
	},
	{
		name: "station_empty", pointer: "/data/stations", members: `"stations":[{}]`,
		want: "data.stations[0].stationId: missing",
	},
	{
		name: "same_station_twice", pointer: "/data/stations/1/stationId", members: `"stationId":2101`,
		want: "data.stations[1]: is the same station and object as stations[0]",
	},
	{
		name: "same_object_twice", pointer: "/data/stations/1/objectId", members: `"objectId":9`,
		want: "data.stations[2]: is the same station and object as stations[1]",
	},
	{
		name: "target_without_time", pointer: "/data/stations/1/timeToCollision",
		want: "data.stations[1].timeToCollision: missing; only the first station, the reference, may leave it out",
	},
	{
		name: "target_without_latitude", pointer: "/data/stations/2/collisionLatitude", members: `"collisionLatitude":null`,
		want: "data.stations[2].collisionLatitude: missing; only the first station, the reference, may leave it out",
	},
	{
		name: "target_without_longitude", pointer: "/data/stations/2/collisionLongitude",
		want: "data.stations[2].collisionLongitude: missing; only the first station, the reference, may leave it out",
	},
	{
		name: "time_to_collision_fraction", pointer: "/data/stations/1/timeToCollision", members: `"timeToCollision":2300.5`,
		want: "data.stations[1].timeToCollision: must be a whole number of milliseconds but is 2300.5",
	},
	{
		name: "time_to_collision_infinite", pointer: "/data/stations/1/timeToCollision", members: `"timeToCollision":1e400`,
		want: "data.stations[1].timeToCollision: must be a whole number of milliseconds but is 1e400",
	},
	{
		name: "time_to_collision_text", pointer: "/data/stations/1/timeToCollision", members: `"timeToCollision":"2300"`,
		want: `data.stations[1].timeToCollision: must be a whole number of milliseconds but is "2300"`,
	},
	{name: "no_station_id", pointer: "/data/stations/1/stationId", want: "data.stations[1].stationId: missing"},
	{
		name: "station_id_text", pointer: "/data/stations/1/stationId", members: `"stationId":"2102"`,
		want: `data.stations[1].stationId: must be a whole number 0..4294967295 but is "2102"`,
	},
	{
		name: "station_id_below", pointer: "/data/stations/1/stationId", members: `"stationId":-1`,
		want: "data.stations[1].stationId: must be a whole number 0..4294967295 but is -1",
	},
	{
		name: "station_id_above", pointer: "/data/stations/1/stationId", members: `"stationId":4294967296`,
		want: "data.stations[1].stationId: must be a whole number 0..4294967295 but is 4294967296",
	},
	{
		name: "station_id_overflow", pointer: "/data/stations/1/stationId", members: `"stationId":18446744073709551617`,
		want: "data.stations[1].stationId: must be a whole number 0..4294967295 but is 18446744073709551617",
	},
	{
		name: "station_id_100_digits", pointer: "/data/stations/1/stationId", members: `"stationId":` + strings.Repeat("9", 100),
		want: "data.stations[1].stationId: must be a whole number 0..4294967295 but is " + strings.Repeat("9", 40) + "...",
	},
	{
		name: "station_id_1e400", pointer: "/data/stations/1/stationId", members: `"stationId":1e400`,
		want: "data.stations[1].stationId: must be a whole number 0..4294967295 but is 1e400",
	},
	{
		name: "station_id_fraction", pointer: "/data/stations/1/stationId", members: `"stationId":1.5`,
		want: "data.stations[1].stationId: must be a whole number 0..4294967295 but is 1.5",
	},
	{
		name: "station_id_bool", pointer: "/data/stations/1/stationId", members: `"stationId":true`,
		want: "data.stations[1].stationId: must be a whole number 0..4294967295 but is true",
	},
	{
		name: "station_id_object", pointer: "/data/stations/1/stationId", members: `"stationId":{"value":1}`,
		want: "data.stations[1].stationId: must be a whole number 0..4294967295 but is an object",
	},
	{
		name: "object_id_above", pointer: "/data/stations/2/objectId", members: `"objectId":65536`,
		want: "data.stations[2].objectId: must be a whole number 0..65535 but is 65536",
	},
	{name: "no_station_type", pointer: "/data/stations/2/stationType", want: "data.stations[2].stationType: missing"},
	{
		name: "station_type_unknown", pointer: "/data/stations/2/stationType", members: `"stationType":"hovercraft"`,
		want: `data.stations[2].stationType: must be a traffic participant type such as passengerCar but is "hovercraft"`,
	},
	{
		name: "station_type_reserved", pointer: "/data/stations/2/stationType", members: `"stationType":16`,
		want: "data.stations[2].stationType: must be a traffic participant type such as passengerCar but is 16",
	},
	{name: "no_position", pointer: "/data/stations/0/position", want: "data.stations[0].position: missing"},
	{
		name: "position_list", pointer: "/data/stations/0/position", members: `"position":[44.1,11.2]`,
		want: "data.stations[0].position: must be an object but is an array",
	},
	{
		name: "no_latitude", pointer: "/data/stations/0/position/latitude",
		want: "data.stations[0].position.latitude: missing",
	},
	{
		name: "latitude_above", pointer: "/data/stations/0/position/latitude", members: `"latitude":90.0000001`,
		want: "data.stations[0].position.latitude: must be a number of degrees -90..90 but is 90.0000001",
	},
	{
		name: "latitude_below", pointer: "/data/stations/0/position/latitude", members: `"latitude":-91`,
		want: "data.stations[0].position.latitude: must be a number of degrees -90..90 but is -91",
	},
	{
		name: "latitude_text", pointer: "/data/stations/0/position/latitude", members: `"latitude":"44.49"`,
		want: `data.stations[0].position.latitude: must be a number of degrees -90..90 but is "44.49"`,
	},
	{
		name: "latitude_in_1e-7_degrees", pointer: "/data/stations/0/position/latitude", members: `"latitude":444948876`,
		want: "data.stations[0].position.latitude: must be a number of degrees -90..90 but is 444948876",
	},
	{
		name: "latitude_1e400", pointer: "/data/stations/0/position/latitude", members: `"latitude":1e400`,
		want: "data.stations[0].position.latitude: must be a number of degrees -90..90 but is 1e400",
	},
	{
		name: "latitude_that_wraps_to_0", pointer: "/data/stations/0/position/latitude", members: `"latitude":144115188075855872`,
		want: "data.stations[0].position.latitude: must be a number of degrees -90..90 but is 144115188075855872",
	},
	{
		name: "longitude_above", pointer: "/data/stations/0/position/longitude", members: `"longitude":180.0000001`,
		want: "data.stations[0].position.longitude: must be a number of degrees -180..180 but is 180.0000001",
	},
	{
		name: "altitude_above", pointer: "/data/stations/0/position/altitude/value", members: `"value":800002`,
		want: "data.stations[0].position.altitude.value: must be a whole number -100000..800001 but is 800002",
	},
	{
		name: "altitude_below", pointer: "/data/stations/0/position/altitude/value", members: `"value":-100001`,
		want: "data.stations[0].position.altitude.value: must be a whole number -100000..800001 but is -100001",
	},
	{
		name: "altitude_confidence_above", pointer: "/data/stations/0/position/altitude/confidence", members: `"confidence":16`,
		want: "data.stations[0].position.altitude.confidence: must be a whole number 0..15 but is 16",
	},
	{
		name: "semi_axis_above", pointer: "/data/stations/0/position/positionConfidence/semiMajorAxisLengthConfidence", members: `"semiMajorAxisLengthConfidence":4096`,
		want: "data.stations[0].position.positionConfidence.semiMajorAxisLengthConfidence: must be a whole number 0..4095 but is 4096",
	},
	{name: "no_speed", pointer: "/data/stations/1/speed", want: "data.stations[1].speed: missing"},
	{
		name: "speed_number", pointer: "/data/stations/1/speed", members: `"speed":12.5`,
		want: "data.stations[1].speed: must be an object but is 12.5",
	},
	{
		name: "speed_above", pointer: "/data/stations/1/speed/value", members: `"value":16384`,
		want: "data.stations[1].speed.value: must be a whole number 0..16383 but is 16384",
	},
	{
		name: "speed_below", pointer: "/data/stations/1/speed/value", members: `"value":-1`,
		want: "data.stations[1].speed.value: must be a whole number 0..16383 but is -1",
	},
	{
		name: "speed_fraction", pointer: "/data/stations/1/speed/value", members: `"value":12.5`,
		want: "data.stations[1].speed.value: must be a whole number 0..16383 but is 12.5",
	},
	{
		name: "speed_confidence_0", pointer: "/data/stations/1/speed/confidence", members: `"confidence":0`,
		want: "data.stations[1].speed.confidence: must be a whole number 1..127 but is 0",
	},
	{
		name: "speed_confidence_above", pointer: "/data/stations/1/speed/confidence", members: `"confidence":128`,
		want: "data.stations[1].speed.confidence: must be a whole number 1..127 but is 128",
	},
	{
		name: "heading_above", pointer: "/data/stations/1/heading/value", members: `"value":3602`,
		want: "data.stations[1].heading.value: must be a whole number 0..3601 but is 3602",
	},
	{
		name: "dimension_0", pointer: "/data/stations/1/objectDimensionX/value", members: `"value":0`,
		want: "data.stations[1].objectDimensionX.value: must be a whole number 1..256 but is 0",
	},
	{
		name: "dimension_above", pointer: "/data/stations/1/objectDimensionX/value", members: `"value":257`,
		want: "data.stations[1].objectDimensionX.value: must be a whole number 1..256 but is 257",
	},
	{
		name: "dimension_without_value", pointer: "/data/stations/1/objectDimensionX/value",
		want: "data.stations[1].objectDimensionX.value: missing",
	},
	{
		name: "dimension_confidence_above", pointer: "/data/stations/1/objectDimensionZ/confidence", members: `"confidence":33`,
		want: "data.stations[1].objectDimensionZ.confidence: must be a whole number 1..32 but is 33",
	},
	{
		name: "perception_quality_above", pointer: "/data/stations/1/objectPerceptionQuality", members: `"objectPerceptionQuality":16`,
		want: "data.stations[1].objectPerceptionQuality: must be a whole number 0..15 but is 16",
	},
	{
		name: "impact_section_unknown", pointer: "/data/stations/1/impactSection", members: `"impactSection":"roof"`,
		want: `data.stations[1].impactSection: must be one of front, sideLeftFront, sideLeftBack, sideRightFront, sideRightBack, back but is "roof"`,
	},
	{
		name: "braking_distance_above", pointer: "/data/stations/1/estimatedBrakingDistance", members: `"estimatedBrakingDistance":4096`,
		want: "data.stations[1].estimatedBrakingDistance: must be a whole number 0..4095 but is 4096",
	},
	{
		name: "collision_latitude_above", pointer: "/data/stations/1/collisionLatitude", members: `"collisionLatitude":100`,
		want: "data.stations[1].collisionLatitude: must be a number of degrees -90..90 but is 100",
	},

	{name: "denm_without_station", pointer: "/data/stationId", want: "data.stationId: missing"},
	{name: "denm_without_management", pointer: "/data/managementContainer", want: "data.managementContainer: missing"},
	{
		name: "denm_without_action", pointer: "/data/managementContainer/actionId",
		want: "data.managementContainer.actionId: missing",
	},
	{
		name: "denm_sequence_number_above", pointer: "/data/managementContainer/actionId/sequenceNumber", members: `"sequenceNumber":65536`,
		want: "data.managementContainer.actionId.sequenceNumber: must be a whole number 0..65535 but is 65536",
	},
	{
		name: "denm_without_reference_time", pointer: "/data/managementContainer/referenceTime",
		want: "data.managementContainer.referenceTime: missing",
	},
	{
		name: "denm_termination_unknown", pointer: "/data/managementContainer/termination", members: `"termination":"over"`,
		want: `data.managementContainer.termination: must be one of isCancellation, isNegation but is "over"`,
	},
	{
		name: "denm_awareness_distance_below", pointer: "/data/managementContainer/awarenessDistance", members: `"awarenessDistance":-1`,
		want: "data.managementContainer.awarenessDistance: must be a whole number 0..4294967295 but is -1",
	},
	{
		name: "denm_validity_above", pointer: "/data/managementContainer/validityDuration", members: `"validityDuration":86401`,
		want: "data.managementContainer.validityDuration: must be a whole number 0..86400 but is 86401",
	},
	{
		name: "denm_transmission_interval_0", pointer: "/data/managementContainer/transmissionInterval", members: `"transmissionInterval":0`,
		want: "data.managementContainer.transmissionInterval: must be a whole number 1..10000 but is 0",
	},
	{
		name: "denm_transmission_interval_above", pointer: "/data/managementContainer/transmissionInterval", members: `"transmissionInterval":10001`,
		want: "data.managementContainer.transmissionInterval: must be a whole number 1..10000 but is 10001",
	},
	{
		name: "denm_without_event_type", pointer: "/data/situationContainer/eventType",
		want: "data.situationContainer.eventType: missing",
	},
	{
		name: "denm_event_type_reserved", pointer: "/data/situationContainer/eventType", members: `"eventType":4`,
		want: "data.situationContainer.eventType: must be a cause code such as humanPresenceOnTheRoad but is 4",
	},
	{
		name: "denm_information_quality_above", pointer: "/data/situationContainer/informationQuality", members: `"informationQuality":8`,
		want: "data.situationContainer.informationQuality: must be a whole number 0..7 but is 8",
	},
	{
		name: "denm_road_type_unknown", pointer: "/data/locationContainer/roadType", members: `"roadType":"motorway"`,
		want: `data.locationContainer.roadType: must be one of urban-NoStructuralSeparationToOppositeLanes, urban-WithStructuralSeparationToOppositeLanes, nonUrban-NoStructuralSeparationToOppositeLanes, nonUrban-WithStructuralSeparationToOppositeLanes but is "motorway"`,
	},
	{
		name: "denm_without_object", pointer: "/data/preCrashContainer/perceivedObject",
		want: "data.preCrashContainer.perceivedObject: missing",
	},
	{
		name: "denm_delta_time_below", pointer: "/data/preCrashContainer/perceivedObject/measurementDeltaTime", members: `"measurementDeltaTime":-2049`,
		want: "data.preCrashContainer.perceivedObject.measurementDeltaTime: must be a whole number -2048..2047 but is -2049",
	},
	{
		name: "denm_delta_time_above", pointer: "/data/preCrashContainer/perceivedObject/measurementDeltaTime", members: `"measurementDeltaTime":2048`,
		want: "data.preCrashContainer.perceivedObject.measurementDeltaTime: must be a whole number -2048..2047 but is 2048",
	},
	{
		name: "denm_time_to_collision_0", pointer: "/data/preCrashContainer/timeToCollision", members: `"timeToCollision":0`,
		want: "data.preCrashContainer.timeToCollision: must be a whole number 1..10000 but is 0",
	},
	{
		name: "denm_container_text", pointer: "/data/preCrashContainer", members: `"preCrashContainer":"\u001b[2J\u0000"`,
		want: "data.preCrashContainer: must be an object but is \"\\x1b[2J\\x00\"",
	},
}

func oneStation(collisions string) string {
	first, _, _ := strings.Cut(collisions, "},\n    {")
	return first + "}]}}"
}

// manyStations repeats the last station of the array, under other ids.
func manyStations(collisions string, n int) string {
	start := strings.LastIndex(collisions, `{
      "stationId": 2102`)
	end := strings.LastIndex(collisions, "]")
	var b strings.Builder
	b.WriteString(collisions[:start])
	for i := range n - 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.Replace(collisions[start:end], "2102", strconv.Itoa(5000+i), 1))
	}
	return b.String() + collisions[end:]
}

func TestMalformedMessages(t *testing.T) {
	for _, m := range malformed {
		t.Run(m.name, func(t *testing.T) {
			ev, err := ParseEvent(m.message(t))
			if err == nil {
				t.Fatalf("read as %+v", ev)
			}
			if err.Error() != m.want {
				t.Errorf("got  %s\nwant %s", err, m.want)
			}
			checkFieldError(t, err)
			if ev.Collisions != nil || ev.DENM != nil {
				t.Error("the event still holds a message")
			}
		})
	}
}

// Who sent a message can be told even where its data is wrong.
func TestMalformedMessageKeepsAttributes(t *testing.T) {
	for _, tt := range []struct{ name, pointer string }{
		{"collisions", "/data/stations/1/speed"}, {"denm", "/data/managementContainer/actionId"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ev, err := ParseEvent(malformedMessage{pointer: tt.pointer}.message(t))
			if err == nil {
				t.Fatal("no error")
			}
			if ev.ID != "e-1" || ev.Source != "step_crash_prediction" || ev.Time != at("2026-04-11T06:30:12.170Z") {
				t.Errorf("the attributes are %+v", ev)
			}
		})
	}
}

// A message that was cut anywhere is an error that says so, never a shorter
// message.
func TestTruncatedMessages(t *testing.T) {
	for name, message := range map[string][]byte{
		"collisions":      event(SchemaStationCollisions, wantCollisions().AppendJSON(nil)),
		"denm":            event(SchemaDENM, wantDENM().AppendJSON(nil)),
		"negation":        event("", []byte(negation)),
		"bare_denm":       wantDENM().AppendJSON(nil),
		"bare_collisions": wantCollisions().AppendJSON(nil),
	} {
		t.Run(name, func(t *testing.T) {
			for n := range message {
				ev, err := ParseEvent(message[:n:n])
				if err == nil {
					t.Fatalf("the first %d bytes are read as %+v", n, ev)
				}
				checkFieldError(t, err)
				if !strings.Contains(err.Error(), "invalid JSON") {
					t.Errorf("the first %d bytes: %v", n, err)
				}
			}
			if _, err := ParseEvent(message); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestUnmarshalErrorsAreFieldErrors(t *testing.T) {
	for name, err := range map[string]error{
		"denm":       new(DENM).UnmarshalJSON([]byte("[")),
		"collisions": new(StationCollisions).UnmarshalJSON([]byte("{}")),
		"validate":   (*StationCollisions)(nil).Validate(),
	} {
		if _, ok := errors.AsType[*FieldError](err); !ok {
			t.Errorf("%s: %v is not a FieldError", name, err)
		}
	}
}
