//go:build unix

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named finds action ids and pairs in a text.
var named = regexp.MustCompile(`\d+/\d+|\d+:\d+-\d+:\d+`)

// showEvidence prints what the history and the logs of the producers say of what the findings
// name, and whatever else the producers said above the level of debugging: a finding that
// comes once in many runs cannot be looked into later. It prints the last lines of each.
func showEvidence(t *testing.T, dir string, findings []string) {
	t.Helper()
	const mostNames, mostLines = 20, 60
	names := named.FindAllString(strings.Join(findings, "\n"), mostNames)
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, filepath.Join(dir, "history.txt")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		of := make(map[string][]int) // lines, by what they name
		for i, line := range strings.Split(string(text), "\n") {
			lines = append(lines, line)
			for _, name := range names {
				if strings.Contains(line, name) {
					of[name] = append(of[name], i)
				}
			}
		}
		show := make(map[int]bool)
		for _, some := range of {
			for _, i := range some[max(len(some)-mostLines, 0):] {
				show[i] = true
			}
		}
		for i, line := range lines {
			if show[i] || strings.Contains(line, `"level":"`) && !strings.Contains(line, `"level":"DEBUG"`) {
				t.Logf("%s: %.600s", filepath.Base(file), line)
			}
		}
	}
}
