package config

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzParse checks that no input makes Parse panic, that failures are reported as
// promised, and that what is accepted survives being written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add(Example())
	for _, c := range wrongFiles {
		f.Add(edited(f, c.old, c.new))
	}
	for _, kind := range handlerTypes {
		f.Add(edited(f, `"redis":`, `"log": {"handlers": [{"filename": "f", "type": "`+kind+`"}, {"type": "`+kind+`"}]}, "redis":`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, _, err := Parse(data)
		if err != nil {
			e, ok := errors.AsType[*Error](err)
			if !ok || len(e.Problems) == 0 {
				t.Fatalf("error is %T %v", err, err)
			}
			for _, p := range e.Problems {
				if p.Message == "" || p.Message == "cannot be read" {
					t.Fatalf("schema and structs disagree: %v", err)
				}
			}
			return
		}
		if diff := cmp.Diff(c, mustParse(t, data)); diff != "" {
			t.Fatalf("the same file gives two configurations: %s", diff)
		}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		c.Redis.Connection.Password = "" // a dump does not tell it
		roundTrip(t, c)
	})
}
