package den_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/step-its/producer"

// dependencies says which packages each package of the module may import beside
// the standard library, and why. Nothing else is allowed:
//
//	examples/producer ──▶ config  logging  redisio  denstore  den
//	                                          └────▶ den ◄─┘
//	                                                  ▲
//	                                     den/dentest  den/uper
//	                                                  ▲
//	             examples/simulator, livemap ──▶ examples/simulator/world
//
// The arrows are the design. A new one is a decision, not a fix for this test.
var dependencies = map[string]map[string]string{
	"den": {
		"github.com/go-json-experiment/json/jsontext": "strict JSON, token by token, without building trees",
	},
	"den/dentest": {
		module + "/den": "the kit tests implementations of den's interfaces",
	},
	"den/uper": {
		module + "/den": "it encodes den's messages",
	},
	"denstore": {
		module + "/den":            "the records hold DENMs",
		"github.com/tidwall/btree": "the index of the records by the time of their last update",
	},
	"redisio": {
		module + "/den":              "it publishes and receives den's messages",
		"github.com/redis/rueidis":   "the Redis client",
		"github.com/redis/rueidis/*": "its parts",
	},
	"redisio/redistest": {}, // a redis-server for tests; it knows nothing of us
	"config": {
		"github.com/santhosh-tekuri/jsonschema/v5":    "the schema is the description of the file",
		"github.com/go-json-experiment/json":          "strict JSON: the place of every mistake, no duplicate keys",
		"github.com/go-json-experiment/json/jsontext": "strict JSON: the place of every mistake, no duplicate keys",
	},
	"logging": {
		"github.com/lmittmann/tint": "lines in colour on a terminal",
	},
	"examples/producer": {
		module + "/*":                      "it puts everything together",
		"github.com/alicebob/miniredis/v2": "a first run without a Redis server",
		"github.com/redis/rueidis":         "it plays the neighbours of the producer, who are clients of Redis",
	},
	"examples/producer/monitor": {
		module + "/den":     "it tells what the service does",
		module + "/redisio": "it tells what the connection does",
	},
	"examples/embedded": {
		module + "/*":                      "it shows the library inside another program",
		"github.com/alicebob/miniredis/v2": "a first run without a Redis server",
	},
	"examples/simulator": {
		module + "/den":                      "it makes and reads the messages",
		module + "/examples/simulator/world": "the town",
		"github.com/redis/rueidis":           "it plays the neighbours of the producer, who are clients of Redis",
	},
	"examples/livemap": {
		module + "/den":                      "it reads DENMs, and has the service itself in the demonstration",
		module + "/denstore":                 "the service of the demonstration needs a store",
		module + "/examples/simulator/world": "the town of the demonstration",
		"github.com/redis/rueidis":           "it follows a stream beside the consumer groups, which redisio does not",
	},
	"examples/simulator/world": {
		module + "/den": "it predicts collisions in den's words",
	},
	"testdata": {},
}

// never lists what must not come back by a row added above, and why not.
var never = []struct{ from, to, why string }{
	{"den", module + "/*", "the domain stands alone: all arrows lead to it"},
	{"den", "github.com/redis/*", "only redisio knows Redis"},
	{"denstore", module + "/redisio", "a store and a transport do not know each other"},
	{"redisio", module + "/denstore", "a store and a transport do not know each other"},
	{"config", module + "/*", "settings are plain values; the program turns them into objects"},
	{"logging", module + "/*", "logging serves any program"},
	{"*", "math/rand", "math/rand/v2 needs no seed"},
	{"*", "unsafe", "nothing here is worth it"},
}

// TestDependencies reads the sources of the module, not the output of a command,
// so that its result is never a stale one from the test cache.
func TestDependencies(t *testing.T) {
	sources := readSources(t)
	for dir, source := range sources {
		allowed, listed := dependencies[dir]
		if !listed {
			t.Errorf("%s: the package is not in the table of dependencies", dir)
			continue
		}
		if !source.documented {
			t.Errorf("%s: there is no package comment", dir)
		}
		for imported, file := range source.imports {
			for _, n := range never {
				if matches(n.from, dir) && matches(n.to, imported) {
					t.Errorf("%s imports %s, which must never be: %s", file, imported, n.why)
				}
			}
			if standard(imported) || allows(allowed, imported) {
				continue
			}
			t.Errorf("%s imports %s, which the table of dependencies does not allow for %s", file, imported, dir)
		}
	}
}

// A row that nothing needs any more would hide a dependency that comes back.
func TestDependenciesAreNotStale(t *testing.T) {
	sources := readSources(t)
	for dir, allowed := range dependencies {
		source, ok := sources[dir]
		if !ok {
			t.Errorf("%s: the table lists a package that does not exist", dir)
			continue
		}
		for pattern := range allowed {
			if strings.HasPrefix(dir, "examples/") || strings.HasSuffix(pattern, "/*") {
				continue // a permission, not a need
			}
			if _, ok := source.imports[pattern]; !ok {
				t.Errorf("%s: the table allows %s, which the package does not import", dir, pattern)
			}
		}
	}
}

// A source is what the test knows of one package: its imports, each with a file
// that has it, and whether it has a package comment.
type source struct {
	imports    map[string]string
	documented bool
}

func readSources(t *testing.T) map[string]*source {
	t.Helper()
	sources := make(map[string]*source)
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		dir := path.Dir(name)
		if sources[dir] == nil {
			sources[dir] = &source{imports: make(map[string]string)}
		}
		sources[dir].add(name, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func (s *source) add(name string, file *ast.File) {
	s.documented = s.documented || file.Doc.Text() != ""
	for _, spec := range file.Imports {
		if imported, err := strconv.Unquote(spec.Path.Value); err == nil {
			s.imports[imported] = name
		}
	}
}

func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

func allows(allowed map[string]string, imported string) bool {
	for pattern := range allowed {
		if matches(pattern, imported) {
			return true
		}
	}
	return false
}

// matches reports whether the import path is the pattern or, where the pattern
// ends in an asterisk, begins with it.
func matches(pattern, imported string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(imported, prefix)
	}
	return pattern == imported
}
