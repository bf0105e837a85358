package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestFlags(t *testing.T) {
	for args, want := range map[string]string{
		"-rate 0":                     "-rate must be 0.1 to 100",
		"-rate NaN":                   "-rate must be 0.1 to 100",
		"-negate 1.5 -client":         "-negate must be 0 to 1",
		"-negate 0.5":                 "-negate needs -client",
		"-vehicles 5 -client":         "-vehicles has no meaning with -client",
		"-vehicles -1":                "-vehicles, -cyclists and -pedestrians must be 0 to 5000",
		"-horizon 11s":                "-horizon must be up to 10s",
		"-input=":                     "a stream must have a name",
		"-for -1s":                    "-for must not be negative",
		"-blocks 51":                  "-blocks must be 1 to 50",
		"-noise 21":                   "-noise must be 0 to 20",
		"here":                        `unexpected argument "here"`,
		"-station 5000000000 -client": "-station must be 0 to 4294967295",
		"-redis redis://u:secret@h":   "-redis must be host:port",
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), &stdout, &stderr); code != 2 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: exit code %d, want 2 and %q in\n%s", args, code, want, stderr.String())
		}
		if strings.Contains(stderr.String(), "secret") {
			t.Errorf("%s: the password is shown", args)
		}
	}
}

// The help documents every flag, and what they are by default.
func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"-help"}, &stdout, &stderr); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"-redis host:port", "-seed number", "-rate times", "-client", "-negate part", `(default "step_client")`} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("the help lacks %q:\n%s", want, stderr.String())
		}
	}
}

// The streets of a town of one block are its four sides.
func TestPrintStreets(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"-print-streets", "-blocks", "1"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	var got struct {
		Type        string
		Coordinates [][][2]float64
	}
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "MultiLineString" || len(got.Coordinates) != 4 {
		t.Errorf("got %s with %d lines", got.Type, len(got.Coordinates))
	}
	for _, line := range got.Coordinates {
		if len(line) != 2 || line[0][0] < 7 || line[0][0] > 8 || line[0][1] < 45 || line[0][1] > 46 {
			t.Errorf("%v is no street in Turin, with the longitude first", line)
		}
	}
}
