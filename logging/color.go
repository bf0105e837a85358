package logging

import (
	"fmt"
	"io"
	"os"
	"runtime"
)

// Color says whether text is written in colour.
type Color int

const (
	// ColorAuto is colour on a terminal, unless the environment variable
	// NO_COLOR is set and not empty or TERM is "dumb". On Windows it is none,
	// since not every console there obeys the codes. It is the default.
	ColorAuto Color = iota
	// ColorNever is no colour.
	ColorNever
	// ColorAlways is colour, wherever the lines go and whatever the
	// environment says.
	ColorAlways
)

// wanted decides for the writer w.
func (c Color) wanted(w io.Writer) (bool, error) {
	switch c {
	case ColorAuto:
		asked := os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		return asked && runtime.GOOS != "windows" && isTerminal(w), nil
	case ColorNever:
		return false, nil
	case ColorAlways:
		return true, nil
	}
	return false, fmt.Errorf("color %d: must be ColorAuto, ColorNever or ColorAlways", int(c))
}

// isTerminal takes every character device for a terminal. That errs only for
// the likes of /dev/null, which do not mind.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
