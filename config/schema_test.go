package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

type pointer = jsontext.Pointer

var handlerTypes = []string{
	StreamHandler, FileHandler, SizeFileRotateHandler, TimeFileRotateHandler, SyslogHandler, NullHandler,
}

// objects pairs every object in the schema with the value that has its defaults.
func objects() map[pointer]any {
	all := map[pointer]any{
		"":                  Default(),
		"/properties/redis": Default().Redis,
		"/properties/log":   Default().Log,
		"/$defs/input":      defaultInput(),
		"/$defs/output":     defaultOutput(),
		"/properties/redis/properties/connection":                    Default().Redis.Connection,
		"/properties/redis/properties/streams":                       Default().Redis.Streams,
		"/properties/redis/properties/streams/properties/deadLetter": Default().Redis.Streams.DeadLetter,
	}
	for _, kind := range handlerTypes {
		all["/$defs/"+pointer(kind)] = defaultHandler(kind)
	}
	return all
}

func structKeys(v any) (keys []string) {
	for field := range reflect.ValueOf(v).Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func TestSchemaNamesTheKeysOfTheStructs(t *testing.T) {
	handler := map[string]bool{} // the union over all types
	for at, value := range objects() {
		keys := slices.DeleteFunc(slices.Sorted(maps.Keys(schemaProperties(at))), func(k string) bool { return k == "$schema" })
		if _, ok := value.(Handler); ok {
			for _, k := range keys {
				handler[k] = true
			}
			continue
		}
		if diff := cmp.Diff(structKeys(value), keys); diff != "" {
			t.Errorf("%s: structs (-) and schema (+) differ:\n%s", at, diff)
		}
	}
	if diff := cmp.Diff(structKeys(Handler{}), slices.Sorted(maps.Keys(handler))); diff != "" {
		t.Errorf("handlers: structs (-) and schema (+) differ:\n%s", diff)
	}
}

// TestSchemaObjectsAreAllPaired guards the table above against a new object.
func TestSchemaObjectsAreAllPaired(t *testing.T) {
	paired := objects()
	walkSchema(loadSchema().source, "", func(at pointer, object map[string]any) {
		if object["properties"] == nil || at == "/$defs/handler" || at.LastToken() == "if" {
			return
		}
		if paired[at] == nil {
			t.Errorf("%s: no struct is paired with it", at)
		}
		if object["additionalProperties"] != false {
			t.Errorf("%s: additionalProperties must be false, or misspelt keys pass", at)
		}
	})
}

func walkSchema(v any, at pointer, visit func(pointer, map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(at, v)
		for key, value := range v {
			walkSchema(value, at.AppendToken(key), visit)
		}
	case []any:
		for _, value := range v {
			walkSchema(value, at.AppendToken("item"), visit)
		}
	}
}

func TestSchemaDefaultsAreTheDefaults(t *testing.T) {
	// Keys without a default must be given in a file, or are explained here.
	noDefault := map[string]bool{
		"$schema": true, "type": true, "filename": true, "templateVersion": true, "instanceName": true,
		"stationId": true, "redis": true, "log": true, "connection": true, "streams": true,
		"inputs": true, "outputs": true, "deadLetter": true, "streamId": true, "groupId": true,
	}
	for at, value := range objects() {
		data, err := json.Marshal(value, handlerKeys)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any // an absent key is nil, like the default null
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		for key, property := range schemaProperties(at) {
			property := property.(map[string]any)
			if ref, ok := property["$ref"].(string); ok {
				property = schemaObject(pointer(strings.TrimPrefix(ref, "#")))
			}
			want, ok := property["default"]
			switch {
			case key == "handlers":
				if c := mustParse(t, edited(t, `"redis":`, `"log": {"handlers": `+text(t, want)+`}, "redis":`)); !cmp.Equal(c.Log, Default().Log) {
					t.Errorf("%s: default handlers differ", at)
				}
			case !ok && !noDefault[key]:
				t.Errorf("%s: key %s has no default", at, key)
			case ok && !cmp.Equal(got[key], want):
				t.Errorf("%s: default of %s is %v in the schema and %v in Go", at, key, want, got[key])
			}
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSchemaDescribesEveryKey(t *testing.T) {
	walkSchema(loadSchema().source, "", func(at pointer, object map[string]any) {
		if at.Parent().LastToken() != "properties" || object["$ref"] != nil || at.LastToken() == "type" || at.Parent().Parent().LastToken() == "if" {
			return
		}
		if object["title"] == nil || object["description"] == nil {
			t.Errorf("%s: needs a title and a description", at)
		}
		if types := text(t, object["type"]); strings.Contains(types, "integer") && (object["minimum"] == nil || object["maximum"] == nil) {
			t.Errorf("%s: an integer without bounds may not fit its field", at)
		}
	})
}

func TestSchemaRefersToNothingElse(t *testing.T) {
	walkSchema(loadSchema().source, "", func(at pointer, object map[string]any) {
		if ref, ok := object["$ref"].(string); ok && schemaObject(pointer(strings.TrimPrefix(ref, "#"))) == nil {
			t.Errorf("%s: %s is not in this schema", at, ref)
		}
	})
}

// An editor has the schema only, so it too says what a mode needs.
func TestSchemaSaysWhatAModeNeeds(t *testing.T) {
	for connection, valid := range map[string]bool{
		`{"mode": "standalone"}`: true,
		`{"mode": "sentinel", "nodes": ["h:1"], "sentinelMasterSet": "m"}`: true,
		`{"mode": "sentinel", "nodes": ["h:1"]}`:                           false,
		`{"mode": "sentinel", "sentinelMasterSet": "m"}`:                   false,
		`{"mode": "cluster", "nodes": ["h:1"]}`:                            true,
		`{"mode": "cluster"}`:                                              false,
	} {
		var file any
		if err := json.Unmarshal(edited(t, `"streams":`, `"connection": `+connection+`, "streams":`), &file); err != nil {
			t.Fatal(err)
		}
		if err := loadSchema().compiled.Validate(file); (err == nil) != valid {
			t.Errorf("%s: %v", connection, err)
		}
	}
}
