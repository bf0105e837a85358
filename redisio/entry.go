package redisio

import (
	"encoding/json"
	"strings"

	"github.com/redis/rueidis"
)

// entry is an entry of an input stream as the server sent it.
type entry struct {
	id     string
	fields []rueidis.RedisMessage // names and values in turn; nil when the entry is gone
}

// readStreams takes the streams and their entries out of an answer, which is a map
// in one version of the protocol and a list of pairs in the other.
func readStreams(answer rueidis.RedisMessage) (map[string][]entry, error) {
	var pairs []rueidis.RedisMessage
	if answer.IsMap() {
		pairs = []rueidis.RedisMessage{answer}
	} else {
		var err error
		if pairs, err = answer.ToArray(); err != nil {
			return nil, err
		}
	}
	streams := make(map[string][]entry, len(pairs))
	for i := range pairs {
		some, err := pairs[i].AsMap()
		if err != nil {
			return nil, err
		}
		for stream, list := range some {
			if streams[stream], err = readEntries(list); err != nil {
				return nil, err
			}
		}
	}
	return streams, nil
}

// readEntries takes the entries of one stream out of an answer.
func readEntries(answer rueidis.RedisMessage) ([]entry, error) {
	list, err := answer.ToArray()
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(list))
	for i := range list {
		pair, err := list[i].ToArray()
		if err != nil || len(pair) != 2 {
			return nil, errUnexpectedEntry
		}
		if entries[i].id, err = pair[0].ToString(); err != nil {
			return nil, err
		}
		if pair[1].IsNil() {
			continue
		}
		if entries[i].fields, err = pair[1].ToArray(); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// messageFields are the names under which senders put a message beside other
// fields, the likeliest first.
var messageFields = []string{"message", "event", "cloudevent", "payload", "data", "json", "value"}

// message finds the text of the message in the entry. Senders differ: most write
// one field of any name, some one field for each attribute of the CloudEvent,
// some the whole message beside fields of their own.
func (e entry) message() ([]byte, error) {
	if len(e.fields) == 2 {
		return e.fields[1].AsBytes()
	}
	values := make(map[string]rueidis.RedisMessage, len(e.fields)/2)
	for i := 0; i+1 < len(e.fields); i += 2 {
		name, _ := e.fields[i].ToString()
		values[name] = e.fields[i+1]
	}
	_, hasVersion := values["specversion"]
	_, hasType := values["type"]
	if data, ok := values["data"]; ok && (hasVersion || hasType) {
		return flattened(values, data)
	}
	for _, name := range messageFields {
		if value, ok := values[name]; ok {
			return value.AsBytes()
		}
	}
	return nil, &Error{Meaning: "the entry has no field with a message: expected one field, or one named " + strings.Join(messageFields, ", ")}
}

// flattened puts a CloudEvent together that was written as one field for each
// attribute. Its data becomes a string with JSON in it, which readers of events
// take as well.
func flattened(values map[string]rueidis.RedisMessage, data rueidis.RedisMessage) ([]byte, error) {
	text, err := data.ToString()
	if err != nil {
		return nil, err
	}
	event := map[string]string{"data": text}
	for _, attribute := range []string{"id", "source", "type", "time", "dataschema"} {
		if value, ok := values[attribute]; ok {
			event[attribute], _ = value.ToString()
		}
	}
	return json.Marshal(event)
}

// strings returns the names and values of the entry as they are.
func (e entry) strings() []string {
	texts := make([]string, len(e.fields))
	for i := range e.fields {
		texts[i], _ = e.fields[i].ToString()
	}
	return texts
}
