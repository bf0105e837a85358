package main

import (
	"strings"
	"testing"
)

func TestWarn(t *testing.T) {
	var out strings.Builder
	if err := warn(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	want := `3000001/0 1001:0-1002:0 termination: null
3000001/0 1001:0-1002:0 termination: null
3000001/0 1001:0-1002:0 termination: isCancellation
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
