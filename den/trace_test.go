package den

import (
	"strings"
	"testing"
)

// The trace of an event is read and written if it has the form of one, and does no harm if
// not.
func TestTrace(t *testing.T) {
	const good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	collisions := string(readTestdata(t, "collisions.json"))
	for _, row := range []struct{ name, parent, state, wantParent, wantState string }{
		{"good", `"` + good + `"`, `"vendor=1,b=x y"`, good, "vendor=1,b=x y"},
		{"other_version", `"` + "cc" + good[2:] + `"`, `""`, "cc" + good[2:], ""},
		{"capitals", `"` + strings.ToUpper(good) + `"`, `null`, "", ""},
		{"short", `"` + good[:54] + `"`, `7`, "", ""},
		{"long", `"` + good + `-"`, `{}`, "", ""},
		{"no_trace", `"00-00000000000000000000000000000000-00f067aa0ba902b7-01"`, `"é"`, "", ""},
		{"no_parent", `"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"`, `"a\n"`, "", ""},
		{"version_ff", `"ff` + good[2:] + `"`, `"` + strings.Repeat("x", 513) + `"`, "", ""},
		{"long_state", `"` + good + `"`, `"` + strings.Repeat("x", 512) + `"`, good, strings.Repeat("x", 512)},
		{"state_alone", `1`, `"a=b"`, "", ""},
		{"dash", `"` + strings.Replace(good, "-", "_", 1) + `"`, `""`, "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := `{"dataschema":"StationCollisionArrayV1","traceparent":` + row.parent + `,"tracestate":` + row.state + `,"data":` + collisions + `}`
			event, err := ParseEvent([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if event.TraceParent != row.wantParent || event.TraceState != row.wantState {
				t.Errorf("the trace is %q, %q; want %q, %q", event.TraceParent, event.TraceState, row.wantParent, row.wantState)
			}
			again, err := ParseEvent(event.AppendJSON(nil))
			if err != nil || again.TraceParent != row.wantParent || again.TraceState != row.wantState {
				t.Errorf("written and read again it is %q, %q (%v)", again.TraceParent, again.TraceState, err)
			}
			if row.wantParent == "" && strings.Contains(string(event.AppendJSON(nil)), "traceparent") {
				t.Error("an event without a trace has one when it is written")
			}
		})
	}
}
