package logging

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestColorWanted(t *testing.T) {
	// A character device stands for a terminal: no more is asked of it.
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	unix := runtime.GOOS != "windows"
	tests := []struct {
		name          string
		color         Color
		w             io.Writer
		noColor, term string
		want          bool
	}{
		{"terminal", ColorAuto, device, "", "xterm", unix},
		{"terminal-NO_COLOR", ColorAuto, device, "1", "xterm", false},
		{"terminal-dumb", ColorAuto, device, "", "dumb", false},
		{"terminal-never", ColorNever, device, "", "xterm", false},
		{"file", ColorAuto, file, "", "xterm", false},
		{"buffer", ColorAuto, new(bytes.Buffer), "", "xterm", false},
		{"nil-file", ColorAuto, (*os.File)(nil), "", "xterm", false},
		{"file-always", ColorAlways, file, "1", "dumb", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("NO_COLOR", tt.noColor)
			t.Setenv("TERM", tt.term)
			got, err := tt.color.wanted(tt.w)
			if err != nil || got != tt.want {
				t.Errorf("wanted = %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

// NO_COLOR on a terminal gives the plain text format, not tint without colours.
func TestNoColorIsPlainText(t *testing.T) {
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	t.Setenv("NO_COLOR", "1")
	handler, _, err := Stream{Writer: device}.Open()
	if _, colored := handler.(terminal); err != nil || colored {
		t.Errorf("handler %T, %v", handler, err)
	}
}
