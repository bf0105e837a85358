package config

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
)

// Parse reads a configuration from the text of a file. It is a function of data
// alone: no file that it names is read, nor is the environment. On failure the error
// is an [*Error] with everything that is wrong, and the Config is the zero value.
//
// Warnings are what is accepted and should be changed all the same. Tell an operator
// of them once.
func Parse(data []byte) (c Config, warnings []Problem, err error) {
	if len(data) > maxBytes {
		return Config{}, nil, &Error{Problems: []Problem{{Message: fmt.Sprintf("the file is larger than %d bytes", maxBytes)}}}
	}
	root, err := readDocument(data)
	if err != nil {
		return Config{}, nil, err
	}
	data, warnings, findings := root.resolveAliases(data)
	findings = append(findings, root.check()...)
	c, err = decode(data)
	switch {
	case err == nil: // even if the schema objects, to report all at once
		findings = join(findings, c.conflicts(findings))
	case len(findings) == 0:
		findings = append(findings, unreadable(err))
	}
	if err := root.report(findings); err != nil {
		return Config{}, nil, err
	}
	return c, append(warnings, c.doubts()...), nil
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
