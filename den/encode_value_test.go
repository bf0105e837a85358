package den

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// Numbers are written as strconv writes them.
func TestAppendUint(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, n uint32) {
		want := "x" + strconv.FormatUint(uint64(n), 10)
		if got := string(appendUint([]byte("x"), n)); got != want {
			t.Fatalf("%s is written as %s", want, got)
		}
	}
	for n := range uint32(1 << 17) {
		check(t, n)
	}
	for power := uint64(10); power <= 1<<32; power *= 10 {
		for digit := uint64(1); digit < 10 && digit*power <= 1<<32; digit++ {
			for _, n := range []uint64{digit*power - 1, digit * power, digit*power + 1} {
				check(t, uint32(n))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.Uint32().Draw(t, "n")) })
}

// Every half of a number is divided right.
func TestEightDigits(t *testing.T) {
	for n := range uint32(10000) {
		for _, both := range []uint32{n, n * 10000, n*10000 + n, n*10000 + 9999} {
			want := uint64(0)
			for i, rest := 0, both; i < 8; i++ {
				want, rest = want<<8|uint64(rest%10), rest/10
			}
			if got := eightDigits(both); got != want {
				t.Fatalf("%d: %#x, not %#x", both, got, want)
			}
		}
	}
}
