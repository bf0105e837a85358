package config

import (
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// handlerKeys writes a handler with the keys of its type only, because [Parse]
// refuses the others. Keys of other types that are set all the same are written
// too: that is how [Config.Validate] finds them.
var handlerKeys = json.WithMarshalers(json.MarshalToFunc(writeHandler))

func writeHandler(enc *jsontext.Encoder, h Handler) error {
	own := schemaProperties("/$defs/" + jsontext.Pointer(h.Type))
	if own == nil { // unknown type
		own = schemaProperties("/$defs/" + NullHandler)
	}
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for field, value := range reflect.ValueOf(h).Fields() {
		key := field.Tag.Get("json")
		if own[key] == nil && value.IsZero() {
			continue
		}
		if err := enc.WriteToken(jsontext.String(key)); err != nil {
			return err
		}
		if err := json.MarshalEncode(enc, value.Interface()); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}
