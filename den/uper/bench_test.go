package uper

import (
	"runtime"
	"testing"
)

// A collision warning in release 2, with the other party; and in release 1.
var warnings = map[string]func() *DENM{
	"release1": warning,
	"release2": crashInETSITerms,
}

func BenchmarkAppend(b *testing.B) {
	for name, d := range warnings {
		b.Run(name, func(b *testing.B) {
			d := d()
			buffer := make([]byte, 0, 128)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Append(buffer[:0], d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	for name, d := range warnings {
		b.Run(name, func(b *testing.B) {
			message, err := Marshal(d())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Unmarshal(message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFromDENM(b *testing.B) {
	d := crash()
	for name, p := range map[string]Profile{"release1": {}, "release2": {Release: R2}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := FromDENM(d, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkToDENM(b *testing.B) {
	d := crashInETSITerms()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.ToDENM(Profile{Release: R2}); err != nil {
			b.Fatal(err)
		}
	}
}

// Append does not allocate, whatever is in the message, as long as the buffer is
// large enough.
func TestAppendDoesNotAllocate(t *testing.T) {
	for name, d := range warnings {
		d, buffer := d(), make([]byte, 0, 128)
		if n := testing.AllocsPerRun(100, func() {
			if _, err := Append(buffer[:0], d); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// A hostile message cannot make Unmarshal take much more memory than it is long:
// here the counts promise 7 traces of 40 points and 16383 action ids that are not
// there.
func TestMemoryIsBounded(t *testing.T) {
	point := put(52, 0)
	for name, message := range map[string][]byte{
		"traces": tape{"0 000", put(3, 6), put(6, 40), point, point}.message(t, withLocation),
		"references": tape{"0 000100", "0 0 0 0 0 0 0 0 1", "1", put(16, 1<<15|16383), put(48, 0)}.
			message(t, withAlacarte),
	} {
		const runs = 1000
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			if d, err := Unmarshal(message); d != nil || err == nil {
				t.Fatal("it is read")
			}
		}
		runtime.ReadMemStats(&after)
		if n := (after.TotalAlloc - before.TotalAlloc) / runs; n > 2048 {
			t.Errorf("%s: %d bytes are taken for %d", name, n, len(message))
		}
	}
}
