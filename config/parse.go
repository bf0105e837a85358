package config

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Parse reads a configuration from the text of a file. It is a function of data
// alone: no file that it names is read, nor is the environment. On failure the error
// is an [*Error] with everything that is wrong, and the Config is the zero value.
//
// Warnings are what is accepted and should be changed all the same. Tell an operator
// of them once.
func Parse(data []byte) (c Config, warnings []Problem, err error) {
	return parse(data, func(*Config) inFiles { return inFiles{} })
}

// parse is Parse with a look at the files that the configuration names, which may
// complete it.
func parse(data []byte, look func(*Config) inFiles) (Config, []Problem, error) {
	if len(data) > maxBytes {
		return Config{}, nil, &Error{Problems: []Problem{{Message: fmt.Sprintf("the file is larger than %d bytes", maxBytes)}}}
	}
	root, err := readDocument(data)
	if err != nil {
		return Config{}, nil, err
	}
	data, warnings, findings := root.resolveAliases(data)
	findings = append(findings, root.check()...)
	c, err := decode(data)
	var unknown []jsontext.Pointer
	if err != nil && len(findings) > 0 { // read the rest, to tell all at once
		unknown, data = root.cutOut(findings)
		c, err = decode(data)
	}
	if err != nil {
		if len(findings) == 0 {
			findings = append(findings, unreadable(err))
		}
		return Config{}, nil, root.report(findings)
	}
	conflicts := c.conflicts(findings)
	files := look(&c)
	for _, f := range files.wrong {
		if !concerns(findings, f.at) && !concerns(conflicts, f.at) {
			conflicts = append(conflicts, f)
		}
	}
	conflicts = slices.DeleteFunc(conflicts, func(f finding) bool { return dependsOn(f.at, unknown) })
	if problems := root.report(join(findings, conflicts)); problems != nil {
		problems.cause = files.cause
		return Config{}, nil, problems
	}
	return c, slices.Concat(warnings, c.doubts(), files.warnings), nil
}

// cutOut returns the text without the values that findings are about, and where
// these are.
func (n *node) cutOut(findings []finding) (places []jsontext.Pointer, rest []byte) {
	for _, f := range findings {
		at := f.at
		if n.find(at.Parent()).items != nil { // those behind it must keep their index
			at = at.Parent()
		}
		if parent, key := n.find(at.Parent()), at.LastToken(); parent.members[key] != nil {
			delete(parent.value.(map[string]any), key)
			places = append(places, at)
		}
	}
	rest, err := json.Marshal(n.value)
	if err != nil {
		return places, []byte("{}") // cannot be: it was read from JSON
	}
	return places, rest
}

// dependsOn reports whether what seems wrong at a place may come from a value that is
// not known: one of the same connection, or of the log.
func dependsOn(at jsontext.Pointer, unknown []jsontext.Pointer) bool {
	return slices.ContainsFunc(unknown, func(p jsontext.Pointer) bool {
		for _, section := range []jsontext.Pointer{"/redis/connection", "/log"} {
			if section.Contains(at) && (section.Contains(p) || p.Contains(section)) {
				return true
			}
		}
		return p.Contains(at)
	})
}

// decode reads data onto the defaults.
func decode(data []byte) (Config, error) {
	c := Default()
	c.Redis.Streams.Inputs, c.Redis.Streams.Outputs = nil, nil // placeholders
	return c, json.Unmarshal(data, &c, itemDefaults)
}

// itemDefaults does for the items of lists what [Default] does for the rest.
var itemDefaults = json.WithUnmarshalers(json.JoinUnmarshalers(
	json.UnmarshalFunc(func(data []byte, in *Input) error {
		*in = defaultInput()
		return json.Unmarshal(data, in)
	}),
	json.UnmarshalFunc(func(data []byte, out *Output) error {
		*out = defaultOutput()
		return json.Unmarshal(data, out)
	}),
	json.UnmarshalFunc(func(data []byte, h *Handler) error {
		*h = Handler{}
		if err := json.Unmarshal(data, h); err != nil {
			return err
		}
		*h = defaultHandler(h.Type)
		return json.Unmarshal(data, h)
	}),
))

// unreadable reports a value that the schema accepts and the structs do not, which
// would be a mistake in one of them.
func unreadable(err error) finding {
	f := finding{message: "cannot be read"}
	if s, ok := errors.AsType[*json.SemanticError](err); ok {
		f.at = s.JSONPointer
	}
	return f
}
