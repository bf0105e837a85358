package redisio

import (
	"cmp"
	"errors"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// answers are the errors of a server that mean something to us: how they begin, and
// what somebody has to know who reads them. All others, and whatever happens to
// connections, may pass by themselves. So may wrong certificates: they are renewed
// while we run.
var answers = []struct {
	prefix, meaning string
	// permanent says that asking again cannot help: somebody has to change the
	// configuration or the data.
	permanent bool
}{
	{"LOADING", "the server is loading its data", false},
	{"READONLY", "the server is a replica", false},
	{"MASTERDOWN", "the server is a replica that has lost its master", false},
	{"NOREPLICAS", "the server has fewer replicas than min-replicas-to-write", false},
	{"OOM", "the server has reached its maxmemory", false},
	{"MISCONF", "the server cannot save its data; its log says why", false},
	{"BUSY ", "the server is busy with a long script of somebody", false},
	{"CLUSTERDOWN", "a part of the cluster is missing", false},
	{"TRYAGAIN", "the cluster is moving our keys", false},
	{"MOVED", "the nodes of the cluster do not agree where our keys are", false},
	{"No such master with that name", "the sentinels do not know Sentinel.MasterSet", false},

	{"NOGROUP", "the consumer group is gone", false},
	{"UNBLOCKED", "the stream was deleted", false},

	{"WRONGTYPE", "a key holds something else", true},
	{"NOPERM", "the user lacks a right, which ACL LOG names", true},
	{"The user executing the script can't", "the user lacks a right, which ACL LOG names", true},
	{"WRONGPASS", "username or password are wrong", true},
	{"NOAUTH", "the server wants a password", true},
	{"CROSSSLOT", "the keys are on several nodes of the cluster", true},
	{"Script attempted to access a non local key", "the keys are on several nodes of the cluster", true},
	{"This instance has cluster support disabled", "the server is no part of a cluster", true},
	{"invalid DB index", "the server has no such database", true},
	{"DB index is out of range", "the server has no such database", true},
	{"unknown command", "the server is too old, or something else", true},
	{"The stream has exhausted the last possible ID", "a stream can take no more entries", true},
}

// refusedByOwner is the first word of what our scripts answer when another client
// has taken over.
const refusedByOwner = "FENCED"

// refusedAsEarly is the first word of what the commit script answers when it was called
// before the call ahead of it has succeeded.
const refusedAsEarly = "EARLY"

// ErrMaxDeliveries is in the error of an input that was delivered more often than
// Options.MaxDeliveries allows. It is put aside without having been looked at.
var ErrMaxDeliveries = errors.New("more often than MaxDeliveries allows")

// Error says what went wrong between the client and the server, or with what it was
// asked for. It is the error of all methods of this package, beside those of a context
// that has ended and of the work of [Publisher.Own]; match it with errors.As. [Open]
// returns a den.ConfigError. errors.Is finds den.ErrPermanent in it where
// trying again cannot help, den.ErrFenced where another client has taken over,
// den.ErrInputLost where an entry is gone, and the answer of the server.
type Error struct {
	Op      string // what was done, such as "commit"; may be empty
	Meaning string // what is wrong, for people; empty if nothing is known beside Err
	Kind    error  // one of the errors of den above, or ErrMaxDeliveries; may be nil
	Err     error  // what the server or the network said; may be nil
}

// Error returns all of it in one line.
func (e *Error) Error() string {
	text := "redisio"
	for _, part := range [...]string{e.Op, e.Meaning, textOf(e.Kind), textOf(e.Err)} {
		if part != "" {
			text += ": " + part
		}
	}
	return text
}

// Unwrap returns Kind and Err, those that there are.
func (e *Error) Unwrap() []error {
	return slices.DeleteFunc([]error{e.Kind, e.Err}, func(err error) bool { return err == nil })
}

// LogValue implements slog.LogValuer: op, reason, kind and cause, those that there are.
func (e *Error) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, part := range [...]struct{ key, text string }{
		{"op", e.Op}, {"reason", e.Meaning}, {"kind", textOf(e.Kind)}, {"cause", textOf(e.Err)},
	} {
		if part.text != "" {
			attrs = append(attrs, slog.String(part.key, part.text))
		}
	}
	return slog.GroupValue(attrs...)
}

// misuse is the error for what no caller that keeps the contract asks for.
func misuse(what string) error { return &Error{Meaning: what, Kind: den.ErrPermanent} }

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// wrap says what failed, and what an answer of the server means.
func wrap(op string, err error) error {
	text := answerText(err)
	switch {
	case errors.Is(err, rueidis.ErrClosing):
		return &Error{Op: op, Meaning: "the client is closed", Kind: den.ErrPermanent}
	case strings.HasPrefix(text, refusedByOwner):
		return &Error{Op: op, Kind: den.ErrFenced, Err: err}
	case text == "":
		e := &Error{Op: op, Err: err}
		if ours, ok := err.(*Error); ok { // what was done first says most
			*e = *ours
			e.Op = cmp.Or(ours.Op, op)
		} else if errors.Is(err, io.EOF) {
			e.Meaning = "the connection has ended"
		}
		return e
	}
	e := &Error{Op: op, Err: err}
	for _, answer := range answers {
		if strings.HasPrefix(text, answer.prefix) {
			e.Meaning = answer.meaning
			if answer.permanent {
				e.Kind = den.ErrPermanent
			}
			break
		}
	}
	return e
}

// isGroupLost reports whether a group or its stream is gone. A reader that is
// blocked when it happens gets the second form from servers before 7.2.
func isGroupLost(err error) bool {
	return hasPrefix(err, "NOGROUP", "UNBLOCKED the stream key no longer exists")
}

// isNoKey reports whether there is no such stream.
func isNoKey(err error) bool { return hasPrefix(err, "no such key") }

// inScript is what servers before version 7 put before an error that a script ran
// into.
var inScript = regexp.MustCompile(`^Error (?:running|compiling) script \([^)]*\): (?:\S*: ?\d+: )+-?`)

// answerText returns what the server has answered, "" for an error that is no
// answer. rueidis tells them by a type assertion, so it must see the error before
// it is wrapped.
func answerText(err error) string {
	answer, ok := rueidis.IsRedisErr(err)
	if !ok {
		return ""
	}
	return inScript.ReplaceAllString(answer.Error(), "")
}

func hasPrefix(err error, prefixes ...string) bool {
	text := answerText(err)
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}
