package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

// check compares n, the root, with the schema.
func (n *node) check() []finding {
	err := loadSchema().compiled.Validate(n.value)
	if failed, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		return n.explain(failed)
	}
	if err != nil {
		return []finding{{message: err.Error()}}
	}
	return nil
}

// explain turns the causes of a failure into findings. Only the innermost causes say
// something; those around them are the way there through the schema.
func (n *node) explain(failed *jsonschema.ValidationError) (all []finding) {
	for _, cause := range failed.Causes {
		all = append(all, n.explain(cause)...)
	}
	if len(failed.Causes) > 0 {
		return all
	}
	at := jsontext.Pointer(failed.InstanceLocation)
	_, location, _ := strings.Cut(failed.AbsoluteKeywordLocation, "#")
	keyword, owner := jsontext.Pointer(location).LastToken(), jsontext.Pointer(location).Parent()
	switch keyword {
	case "required":
		return n.missing(at, owner)
	case "additionalProperties":
		return n.unknown(at, owner)
	}
	if text := n.explainValue(at, owner, keyword); text != "" {
		return []finding{{at, text}}
	}
	return []finding{{at, failed.Message}}
}

// explainValue says what a keyword of an object of the schema, its owner, wants of the
// value at p. It cites values only for keywords that no secret has.
func (n *node) explainValue(p, owner jsontext.Pointer, keyword string) string {
	wanted := schemaObject(owner)[keyword]
	switch keyword {
	case "type":
		types := strings.ReplaceAll(alternatives(wanted), `"`, "")
		return fmt.Sprintf("must be %s but found %s", types, n.kind(p, types))
	case "minimum":
		return fmt.Sprintf("must be >= %s but found %s", jsonText(wanted), shorten(n.find(p).text))
	case "maximum":
		return fmt.Sprintf("must be <= %s but found %s", jsonText(wanted), shorten(n.find(p).text))
	case "minItems":
		return fmt.Sprintf("must have at least %s item but is empty", jsonText(wanted))
	case "maxItems":
		return fmt.Sprintf("must have at most %s items but has %d", jsonText(wanted), len(n.find(p).value.([]any)))
	case "minLength":
		return "must not be empty"
	case "maxLength":
		return fmt.Sprintf("must have at most %s characters but has %d", jsonText(wanted), utf8.RuneCountInString(n.find(p).value.(string)))
	case "pattern":
		what, ok := schemaObject(owner)["$comment"] // in words
		if !ok {
			what = fmt.Sprint("something that matches ", wanted)
		}
		return fmt.Sprintf("must be %s but found %s", what, n.literal(p))
	case "const":
		text := fmt.Sprintf("must be %s but found %s", jsonText(wanted), n.literal(p))
		if p == "/templateVersion" {
			text += ": no other version can be read; compare the file with the example"
		}
		return text
	case "enum":
		return fmt.Sprintf("must be %s but found %s", alternatives(wanted), n.literal(p))
	}
	return ""
}

// missing is the message about a key that is required and not there.
const missing = "missing"

// missing finds the required keys that the object at p does not have.
func (n *node) missing(p, owner jsontext.Pointer) (all []finding) {
	object := n.find(p).value.(map[string]any)
	required, _ := schemaObject(owner)["required"].([]any)
	for _, key := range required {
		if _, ok := object[key.(string)]; !ok {
			all = append(all, finding{p.AppendToken(key.(string)), missing})
		}
	}
	return all
}

// unknown finds the keys that the object at p has and should not have.
func (n *node) unknown(p, owner jsontext.Pointer) (all []finding) {
	known := slices.Sorted(maps.Keys(schemaProperties(owner)))
	for key := range n.find(p).value.(map[string]any) {
		if slices.Contains(known, key) {
			continue
		}
		message := "unknown key"
		if best := nearest(key, known); best != "" {
			message += "; did you mean " + best + "?"
		}
		all = append(all, finding{p.AppendToken(key), message})
	}
	return all
}

// kind names the type of the value at p. Where an integer was wanted it cites a
// number, because to say that 1.5 is a number would explain nothing.
func (n *node) kind(p jsontext.Pointer, wanted string) string {
	switch n.find(p).value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	if strings.Contains(wanted, "integer") {
		return shorten(n.find(p).text)
	}
	return "number"
}

// literal is the value at p if it is a string or a number, else its type.
func (n *node) literal(p jsontext.Pointer) string {
	if s, ok := n.find(p).value.(string); ok {
		if strings.Contains(s, "://") {
			return "a URL" // with a password in it, perhaps
		}
		return cited(s)
	}
	return n.kind(p, "integer")
}

// alternatives lists the values of an enum or the types of a value; one type comes
// without a list.
func alternatives(wanted any) string {
	list, ok := wanted.([]any)
	if !ok {
		return jsonText(wanted)
	}
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = jsonText(v)
	}
	return strings.Join(words, " or ")
}

// jsonText writes a bound as people do: fmt would write 4294967295 as 4.294967295e+09.
func jsonText(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return strconv.Quote(v)
	}
	return fmt.Sprint(v)
}
