package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Validate checks a configuration that was made or changed by a program. It applies
// the rules of [Parse] and returns nil or an [*Error].
func (c Config) Validate() error {
	data, err := json.Marshal(c, handlerKeys)
	if err != nil {
		return unwritable(err)
	}
	root, err := readDocument(data)
	if err != nil {
		return err
	}
	found := root.check()
	conflicts := slices.DeleteFunc(c.conflicts(found), func(f finding) bool { return mayComeFrom(f.at, found) })
	if problems := root.report(join(found, conflicts)); problems != nil {
		return problems
	}
	return nil
}

// join adds the conflicts to what the schema has found. Of a key that is missing the
// conflict says more.
func join(found, conflicts []finding) []finding {
	found = slices.DeleteFunc(found, func(f finding) bool {
		return f.message == missing && slices.ContainsFunc(conflicts, func(c finding) bool { return c.at == f.at })
	})
	return append(found, conflicts...)
}

// unwritable reports a value that JSON cannot express: invalid UTF-8, or a Timeout
// that is not a number.
func unwritable(err error) error {
	p := Problem{Message: "cannot be written as JSON"}
	if s, ok := errors.AsType[*json.SemanticError](err); ok {
		p.Path = pathText(s.JSONPointer)
	} else if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		p.Path = pathText(s.JSONPointer)
	}
	return &Error{Problems: []Problem{p}}
}

// conflicts finds values that are legal alone and wrong together. Found is what is
// wrong with them alone.
func (c Config) conflicts(found []finding) []finding {
	all := c.timeConflicts(found)
	all = append(all, c.Redis.Connection.conflicts()...)
	all = append(all, c.Redis.Streams.conflicts(found)...)
	if c.Redis.Connection.Mode == ModeCluster {
		all = append(all, c.Redis.Streams.slots()...)
	}
	return append(all, c.Log.conflicts()...)
}

// conflicts finds streams that are named twice. An empty name is no conflict, it is
// missing.
func (s Streams) conflicts(found []finding) (all []finding) {
	const root = jsontext.Pointer("/redis/streams")
	inputs, outputs := map[string]int{"": -1}, map[string]int{"": -1}
	for i, in := range s.Inputs {
		if !isEntryID(in.StartID) {
			all = append(all, finding{root + jsontext.Pointer(fmt.Sprintf("/inputs/%d/startId", i)), "must not be greater than 18446744073709551615-18446744073709551615 but found " + cited(in.StartID)})
		}
		at := root + jsontext.Pointer(fmt.Sprintf("/inputs/%d/streamId", i))
		if first, ok := inputs[in.StreamID]; !ok {
			inputs[in.StreamID] = i
		} else if first >= 0 {
			all = append(all, finding{at, fmt.Sprintf("%s is also inputs[%d]: each message would be read twice", cited(in.StreamID), first)})
		}
	}
	for i, out := range s.Outputs {
		at := root + jsontext.Pointer(fmt.Sprintf("/outputs/%d/streamId", i))
		if first, ok := outputs[out.StreamID]; !ok {
			outputs[out.StreamID] = i
		} else if first >= 0 {
			all = append(all, finding{at, fmt.Sprintf("%s is also outputs[%d]: each DENM would be written twice", cited(out.StreamID), first)})
		}
		if out.Format != FormatCloudEvents && (out.Field == "actionId" || out.Field == "termination" || out.Field == "contentType") {
			all = append(all, finding{
				root + jsontext.Pointer(fmt.Sprintf("/outputs/%d/field", i)),
				fmt.Sprintf("must not be %s in the format %s: the entry has another field of that name", cited(out.Field), out.Format),
			})
		}
		if first, ok := inputs[out.StreamID]; ok && first >= 0 {
			all = append(all, finding{at, fmt.Sprintf("%s is also inputs[%d]: the producer would read its own DENMs", cited(out.StreamID), first)})
		}
	}
	if len(s.Outputs) > 0 && s.Outputs[0].Format != FormatCloudEvents && !concerns(found, root+"/outputs/0/format") {
		all = append(all, finding{root + "/outputs/0/format", `must be "cloudEvents" but found ` + cited(s.Outputs[0].Format) + ": the first output is the journal, in JSON"})
	}
	if len(s.Inputs) > 0 && len(s.Outputs) > 0 {
		all = append(all, s.ownKeys(root)...)
	}
	at := root + "/deadLetter/streamId"
	if first, ok := inputs[s.DeadLetter.StreamID]; ok && first >= 0 {
		all = append(all, finding{at, fmt.Sprintf("%s is also inputs[%d]: a refused message would be read again without end", cited(s.DeadLetter.StreamID), first)})
	}
	if first, ok := outputs[s.DeadLetter.StreamID]; ok && first >= 0 {
		all = append(all, finding{at, fmt.Sprintf("%s is also outputs[%d]: receivers would get refused messages", cited(s.DeadLetter.StreamID), first)})
	}
	return all
}

// ownKeys finds streams with the name of a key that the producer keeps beside its
// streams.
func (s Streams) ownKeys(root jsontext.Pointer) (all []finding) {
	kept := map[string]string{s.Outputs[0].StreamID + ":commits": "of the first output"}
	for i, in := range s.Inputs {
		key := in.StreamID + ":" + in.GroupID
		kept[key+":ledger"] = fmt.Sprintf("of inputs[%d]", i)
		if i == 0 {
			kept[key+":lease"], kept[key+":owner"] = "of inputs[0]", "of inputs[0]"
		}
	}
	look := func(path jsontext.Pointer, stream string) {
		if whose, ok := kept[stream]; ok {
			all = append(all, finding{root + path, fmt.Sprintf("%s is the name of a key that the producer keeps %s", cited(stream), whose)})
		}
	}
	for i, in := range s.Inputs {
		look(jsontext.Pointer(fmt.Sprintf("/inputs/%d/streamId", i)), in.StreamID)
	}
	for i, out := range s.Outputs {
		look(jsontext.Pointer(fmt.Sprintf("/outputs/%d/streamId", i)), out.StreamID)
	}
	look("/deadLetter/streamId", s.DeadLetter.StreamID)
	return all
}

// isEntryID reports whether the numbers in s are not too large for an id. Its form is
// the matter of the schema.
func isEntryID(s string) bool {
	for part := range strings.SplitSeq(s, "-") {
		if _, err := strconv.ParseUint(part, 10, 64); errors.Is(err, strconv.ErrRange) {
			return false
		}
	}
	return true
}

func (l Log) conflicts() (all []finding) {
	files := map[string]int{}
	for i, h := range l.Handlers {
		at := jsontext.Pointer(fmt.Sprintf("/log/handlers/%d", i))
		if name := filepath.Clean(h.Filename); h.Filename != "" {
			if first, ok := files[name]; ok {
				all = append(all, finding{at + "/filename", fmt.Sprintf("%s is also the file of handlers[%d]: they would overwrite each other", cited(h.Filename), first)})
			} else {
				files[name] = i
			}
		}
		for j, other := range l.Handlers {
			end, within := strings.CutPrefix(filepath.Clean(h.Filename), filepath.Clean(other.Filename)+".")
			if number, err := strconv.ParseUint(end, 10, 32); other.Type == SizeFileRotateHandler && within && err == nil && other.BackupCount > 0 && number <= uint64(other.BackupCount) {
				all = append(all, finding{at + "/filename", fmt.Sprintf("%s is the name of an old file of handlers[%d]", cited(h.Filename), j)})
			}
		}
		if (h.Network == "udp" || h.Network == "tcp") && h.Address != "" && !isHostPort(h.Address) {
			all = append(all, finding{at + "/address", "must be host:port, with a port from 1 to 65535, but found " + harmless(h.Address)})
		}
		if h.Network != "" && h.Address == "" {
			all = append(all, finding{at + "/address", "is needed: network is " + h.Network})
		}
		if h.Network == "" && h.Address != "" {
			all = append(all, finding{at + "/network", "is needed: without it address is not used"})
		}
	}
	return all
}
