package config

import (
	_ "embed" // for the two files below
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

var (
	//go:embed schema.json
	schemaText string

	//go:embed example.json
	exampleText string
)

// Schema returns the JSON Schema (2020-12) of the file, for editors and other tools.
// It is what [Parse] checks against.
func Schema() []byte { return []byte(schemaText) }

// Example returns a complete file that [Parse] accepts, with every key that an
// example can have.
func Example() []byte { return []byte(exampleText) }

// schema is the JSON Schema twice: compiled, and as it is written, because the
// compiled form keeps neither keys nor bounds in a way fit for messages.
type schema struct {
	compiled *jsonschema.Schema
	source   any
}

// loadSchema panics if the embedded schema is invalid, which the tests exclude.
var loadSchema = sync.OnceValue(func() schema {
	const url = "https://github.com/step-its/producer/config/schema.json"
	c := jsonschema.NewCompiler()
	c.LoadURL = func(string) (io.ReadCloser, error) {
		return nil, errors.New("config: a schema must not refer to other documents")
	}
	if err := c.AddResource(url, strings.NewReader(schemaText)); err != nil {
		panic(err)
	}
	s := schema{compiled: c.MustCompile(url)}
	if err := json.Unmarshal([]byte(schemaText), &s.source); err != nil {
		panic(err)
	}
	return s
})

// schemaObject returns the object at p in the schema, or nil.
func schemaObject(p jsontext.Pointer) map[string]any {
	value := loadSchema().source
	for token := range p.Tokens() {
		object, _ := value.(map[string]any) // a list, as of allOf, holds no bounds
		value = object[token]
	}
	object, _ := value.(map[string]any)
	return object
}

// schemaProperties returns the keys of the object that is described at p, or nil.
func schemaProperties(p jsontext.Pointer) map[string]any {
	properties, _ := schemaObject(p)["properties"].(map[string]any)
	return properties
}
