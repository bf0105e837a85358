package redisio

import "testing"

// The slot of a key is the server's: these were computed with CLUSTER KEYSLOT.
func TestSlot(t *testing.T) {
	for key, want := range map[string]uint16{
		"":            0,
		"123456789":   12739,
		"collisions":  14423,
		"{north}a":    1043,
		"a{north}b":   1043,
		"{north}{a}":  1043,
		"{{north}}":   557,
		"{}{north}":   9140,
		"{north":      557,
		"north}":      9714,
		"été{été}été": 10087,
	} {
		if got := slot(key); got != want {
			t.Errorf("the slot of %q is %d; want %d", key, got, want)
		}
	}
}
