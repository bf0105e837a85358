package config

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// aliases are names that other STEP components have for a key, or had. They are read,
// and reported, so that the file can be set right.
var aliases = []struct {
	at         jsontext.Pointer // the object that has the key, or a list of such objects
	alias, key string
}{
	{"/redis/connection", "sslCaFile", "sslCaCerts"},
	{"/redis/streams/inputs", "consumerGroup", "groupId"},
	{"/redis/streams/inputs", "maxLen", "maxLength"},
	{"/redis/streams/outputs", "consumerGroup", "groupId"},
	{"/redis/streams/outputs", "maxLen", "maxLength"},
	{"/redis/streams/deadLetter", "maxLen", "maxLength"},
}

// renaming is a key of a text that has another name.
type renaming struct {
	end        int // of the key in the text, with its quotation marks
	alias, key string
}

// resolveAliases gives aliases below n, the root, their proper names, and returns the
// text with these names in it.
func (n *node) resolveAliases(data []byte) (resolved []byte, warnings []Problem, findings []finding) {
	var renamed []renaming
	for _, a := range aliases {
		for at, object := range n.objects(a.at) {
			member := object.members[a.alias]
			switch {
			case member == nil:
			case object.members[a.key] != nil:
				findings = append(findings, finding{at.AppendToken(a.alias), "is another name of " + a.key + ", which is given too"})
				object.remove(a.alias)
			case bytes.HasSuffix(data[:member.keyEnd], []byte(`"`+a.alias+`"`)): // and not with escapes
				warnings = append(warnings, Problem{pathText(at.AppendToken(a.alias)), "is read as " + a.key + ", its name here"})
				renamed = append(renamed, renaming{member.keyEnd, a.alias, a.key})
				member.alias = a.alias
				object.members[a.key], object.value.(map[string]any)[a.key] = member, member.value
				object.remove(a.alias)
			}
		}
	}
	return replaceKeys(data, renamed), warnings, findings
}

// objects returns the object at p, or those in the list at p.
func (n *node) objects(p jsontext.Pointer) map[jsontext.Pointer]*node {
	found := map[jsontext.Pointer]*node{}
	for token := range p.Tokens() {
		if n = n.members[token]; n == nil {
			return nil
		}
	}
	found[p] = n
	for i, item := range n.items {
		found[p.AppendToken(strconv.Itoa(i))] = item
	}
	return found
}

// asWritten returns p, a path below n, the root, with the keys that the file has in
// place of the proper ones.
func (n *node) asWritten(p jsontext.Pointer) (written jsontext.Pointer) {
	for token := range p.Tokens() {
		if n = n.child(token); n != nil && n.alias != "" {
			token = n.alias
		}
		written = written.AppendToken(token)
	}
	return written
}

// remove takes a member out of an object.
func (n *node) remove(key string) {
	delete(n.members, key)
	delete(n.value.(map[string]any), key)
}

// replaceKeys returns the text with the proper names of the keys in it.
func replaceKeys(data []byte, renamed []renaming) []byte {
	slices.SortFunc(renamed, func(a, b renaming) int { return cmp.Compare(a.end, b.end) })
	var result []byte
	from := 0
	for _, r := range renamed {
		result = append(result, data[from:r.end-len(r.alias)-1]...)
		result = append(result, r.key+`"`...)
		from = r.end
	}
	return append(result, data[from:]...)
}
