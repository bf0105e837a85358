package redisio

import (
	_ "embed"

	"github.com/redis/rueidis"
)

// The ledger of an input is a hash beside its stream, in which the server counts what
// was settled, in the same step in which it is settled. Together with its own counts of
// what was added and what is pending it tells at any moment, and to any process, how
// many entries were lost, and where a group has to begin that was destroyed. See
// ledger.lua for its fields.
//
// The server's own count of what a group has read would not do: it differs from
// version to version, and a restart forgets it.

//go:embed ledger.lua
var ledgerSource string

// ledgerScript returns a script that works with ledgers.
func ledgerScript(source string) *rueidis.Lua {
	return rueidis.NewLuaScript(ledgerSource + source)
}

// ledgerKey is the key of the ledger of an input. It begins with the name of the
// stream, and so has its hash tag.
func (in InputStream) ledgerKey() string { return in.Stream + ":" + in.Group + ":ledger" }

// ledger is what of it the client needs.
type ledger struct {
	settled  int64
	gone     int64  // may be negative: a group that is set back settles entries twice
	begun    bool   // gone is known
	text     string // gone as it is written there
	position entryID
	checked  entryID
}

// missing returns how many entries the group has behind it that are neither settled
// nor pending nor gone, if it can be told.
func (l ledger) missing(v view) (n int64, known bool) {
	passed, known := v.passed()
	return passed - v.pending - l.settled - l.gone, known && l.begun
}
