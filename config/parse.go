package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

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
	if err != nil && len(findings) > 0 { // read the rest, to tell all at once
		c, err = decode(root.without(findings))
	}
	if err != nil {
		if len(findings) == 0 {
			findings = append(findings, unreadable(err))
		}
		return Config{}, nil, root.report(findings)
	}
	conflicts := slices.DeleteFunc(c.conflicts(findings), func(f finding) bool { return mayComeFrom(f.at, findings) })
	files := look(&c)
	var cause error
	for i, f := range files.wrong {
		if !mayComeFrom(f.at, findings) && !concerns(conflicts, f.at) {
			conflicts = append(conflicts, f)
			cause = cmp.Or(cause, files.causes[i])
		}
	}
	if problems := root.report(join(findings, conflicts)); problems != nil {
		problems.cause = cause
		return Config{}, nil, problems
	}
	for _, d := range c.doubts() {
		warnings = append(warnings, Problem{pathText(root.asWritten(d.at)), d.message})
	}
	return c, append(warnings, files.warnings...), nil
}

// without returns the text without the values that findings are about.
func (n *node) without(findings []finding) []byte {
	for _, f := range findings {
		parent, key := n.find(f.at.Parent()), f.at.LastToken()
		switch value := parent.value.(type) {
		case map[string]any:
			delete(value, key)
		case []any: // those behind it must keep their index
			if i, err := strconv.Atoi(key); err == nil && i < len(value) {
				value[i] = nil
			}
		}
	}
	rest, err := json.Marshal(n.value)
	if err != nil {
		return nil // cannot be: it was read from JSON
	}
	return rest
}

// mayComeFrom reports whether what seems wrong at a place may come from one of the values
// that were found wrong.
func mayComeFrom(at jsontext.Pointer, findings []finding) bool {
	const connection, log = connectionAt, jsontext.Pointer("/log/handlers")
	return slices.ContainsFunc(findings, func(f finding) bool {
		switch {
		case f.message == missing: // a conflict says more about that
		case f.at.Contains(at):
			return true
		case f.at == connection+"/mode":
			return slices.Contains([]jsontext.Pointer{"/nodes", "/sentinelMasterSet", "/sentinelUsername", "/sentinelPassword", "/db"}, at[min(len(connection), len(at)):])
		case f.at == connection+"/ssl":
			return at == connection+"/sslServerName"
		case f.at == connection+"/sslCertfile":
			return at == connection+"/sslKeyfile"
		case f.at == connection+"/sslKeyfile":
			return at == connection+"/sslCertfile"
		case log.Contains(f.at) && log.Contains(at):
			return f.at.Parent() == at.Parent() || f.at.LastToken() == "backupCount"
		}
		return false
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
