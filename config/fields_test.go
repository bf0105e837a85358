package config

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the table of fields anew")

// The table of all fields says what the schema says.
func TestFieldTable(t *testing.T) {
	const file = "FIELDS.md"
	want := fieldTable()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("go test ./config -run TestFieldTable -update writes it anew:\n%s", diff)
	}
}

// fieldTable makes the page from the schema.
func fieldTable() string {
	var b strings.Builder
	b.WriteString("# Every key of the configuration\n\n" +
		"Made from [schema.json](schema.json) by `go test ./config -run TestFieldTable -update`; [doc.go](doc.go) says how a file is read.\n" +
		"A key without a default must be given, or is explained by what stands below it.\n")
	section := func(title string) {
		b.WriteString("\n## " + title + "\n\n| key | type | range | default | meaning |\n|---|---|---|---|---|\n")
	}
	section("At the top, `redis` and its parts")
	writeFields(&b, "", "")
	for _, kind := range handlerTypes {
		section("Handler `" + kind + "`")
		writeFields(&b, "", "/$defs/"+pointer(kind))
	}
	return b.String()
}

// writeFields writes a line for each key of the object described at a place of the
// schema, those of objects and lists below it included.
func writeFields(b *strings.Builder, prefix string, at pointer) {
	properties := schemaProperties(at)
	for _, key := range inOrder(at + "/properties") {
		where := at + "/properties/" + pointer(key)
		path, field := prefix+key, resolve(properties[key])
		if items, ok := field["items"].(map[string]any); ok && items["$ref"] != nil && key != "handlers" {
			fmt.Fprintf(b, "| `%s[]` | %s | %s | %s | %s |\n", path, typeText(field), rangeText(field), defaultText(field), field["description"])
			writeFields(b, path+"[].", pointer(strings.TrimPrefix(items["$ref"].(string), "#")))
			continue
		}
		if key == "type" {
			field["description"] = "What the handler is."
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", path, typeText(field), rangeText(field), defaultText(field), field["description"])
		if field["properties"] != nil {
			writeFields(b, path+".", where)
		}
	}
}

// inOrder returns the keys of an object of the schema as they are written.
func inOrder(at pointer) (keys []string) {
	root, err := readDocument([]byte(schemaText))
	if err != nil {
		panic(err)
	}
	members := root.find(at).members
	for key := range members {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return int(members[a].order - members[b].order) })
	return keys
}

// resolve follows a reference, and keeps what stands beside it.
func resolve(v any) map[string]any {
	field, merged := v.(map[string]any), map[string]any{}
	if ref, ok := field["$ref"].(string); ok {
		maps.Copy(merged, schemaObject(jsontext.Pointer(strings.TrimPrefix(ref, "#"))))
	}
	maps.Copy(merged, field)
	return merged
}

func typeText(field map[string]any) string {
	if field["const"] != nil || field["enum"] != nil {
		return "string"
	}
	return strings.ReplaceAll(alternatives(field["type"]), `"`, "")
}

func rangeText(field map[string]any) string {
	switch {
	case field["const"] != nil:
		return "`" + jsonText(field["const"]) + "`"
	case field["enum"] != nil:
		return strings.ReplaceAll(alternatives(field["enum"]), " or ", ", ")
	case field["minimum"] != nil:
		return jsonText(field["minimum"]) + " … " + jsonText(field["maximum"])
	case field["pattern"] != nil:
		text := "`" + strings.ReplaceAll(field["pattern"].(string), "|", `\|`) + "`"
		if most := field["maxLength"]; most != nil {
			text += ", at most " + jsonText(most) + " characters"
		}
		return text
	case field["maxItems"] != nil:
		least := "0"
		if field["minItems"] != nil {
			least = jsonText(field["minItems"])
		}
		return least + " … " + jsonText(field["maxItems"]) + " items"
	case field["maxLength"] != nil:
		least := "0"
		if field["minLength"] != nil {
			least = jsonText(field["minLength"])
		}
		return least + " … " + jsonText(field["maxLength"]) + " characters"
	}
	return ""
}

func defaultText(field map[string]any) string {
	value, ok := field["default"]
	switch value := value.(type) {
	case nil:
		if ok {
			return "null"
		}
		return ""
	case []any:
		text, _ := json.Marshal(value)
		return "`" + string(text) + "`"
	case map[string]any:
		return "see below"
	default:
		return "`" + jsonText(value) + "`"
	}
}
