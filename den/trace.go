package den

import "strings"

// traceParent returns the text if it is a traceparent (W3C Trace Context, 3.2), and else
// nothing: a trace that is broken is no reason to refuse a warning.
func traceParent(text []byte) string {
	const form = "00-00000000000000000000000000000000-0000000000000000-00"
	if len(text) != len(form) {
		return ""
	}
	for i, c := range text {
		if isHex := '0' <= c && c <= '9' || 'a' <= c && c <= 'f'; form[i] == '0' && !isHex || form[i] == '-' && c != '-' {
			return ""
		}
	}
	if s := string(text); s[:2] != "ff" && strings.Trim(s[3:35], "0") != "" && strings.Trim(s[36:52], "0") != "" {
		return s
	}
	return ""
}

// maxTraceState is how long a tracestate is that everybody has to pass on.
const maxTraceState = 512

// traceState returns the text if it can be a tracestate (W3C Trace Context, 3.3). What
// is in it is the matter of whoever put it there.
func traceState(text []byte) string {
	if len(text) > maxTraceState {
		return ""
	}
	for _, c := range text {
		if c < ' ' || c > '~' {
			return ""
		}
	}
	return string(text)
}
