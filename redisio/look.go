package redisio

import (
	"context"
	_ "embed"
	"strconv"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

//go:embed look.lua
var lookSource string

var lookScript = ledgerScript(lookSource)

// view is how it stands with an input stream and its group at one moment.
type view struct {
	exists bool
	length int64
	first  entryID // of the entries that are left; zero when there is none
	last   entryID // that was ever added

	// What follows is -1 or zero where the server does not know it, as those before
	// version 7 do not.
	added   int64   // how many entries there ever were
	deleted entryID // the greatest one that was deleted by its id

	group     bool    // it is there
	delivered entryID // the last one that was delivered to the group
	pending   int64   // for whomever

	ledger ledger

	// replaced says that the stream was deleted, and created again by somebody else, and
	// before is what the ledger said of the one that is gone.
	replaced bool
	before   created
}

// journalView is how it stands with the first output stream.
type journalView struct {
	length      int64
	first, last entryID // as in a view
	added       int64   // as in a view
	now         den.Timestamp
}

// finding is what a client has found out for the ledger of an input.
type finding struct {
	known   bool
	gone    int64
	checked entryID
	was     string // gone in the ledger when this was found out
}

// look asks how it stands with the inputs and the journal, and whether all groups are there,
// and enters findings into the ledgers, all in one step. The journal is nil where there are
// no outputs.
func (c *Client) look(ctx context.Context, findings []finding) (views []view, journal *journalView, complete bool, err error) {
	claim, _ := c.lease.claim()
	keys := []string{c.key("lease"), c.key("owner")}
	args := []string{claim, strconv.Itoa(len(c.opts.Inputs))}
	for i, in := range c.opts.Inputs {
		keys = append(keys, in.Stream, in.ledgerKey())
		f, gone, checked := findings[i], "", ""
		if f.known {
			gone, checked = strconv.FormatInt(f.gone, 10), f.checked.String()
		}
		args = append(args, in.Group, gone, checked, f.was)
	}
	for _, out := range c.opts.Outputs {
		keys, args = append(keys, out.Stream), append(args, out.Group)
	}
	answer, err := c.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return c.reader.run(ctx, lookScript, keys, args)
	})
	if err != nil {
		return nil, nil, false, err
	}
	list, err := answer.ToArray()
	inputs, outputs := len(c.opts.Inputs), len(c.opts.Outputs)
	if err != nil || len(list) != inputs+outputs+min(outputs, 1) {
		return nil, nil, false, errUnexpected
	}
	views, complete = make([]view, inputs), true
	for i := range views {
		if views[i], err = readView(list[i]); err != nil {
			return nil, nil, false, err
		}
		complete = complete && views[i].group
	}
	for i, out := range c.opts.Outputs {
		there, err := list[inputs+i].AsInt64()
		if err != nil {
			return nil, nil, false, errUnexpected
		}
		complete = complete && (there == 1 || out.Group == "")
	}
	if outputs > 0 {
		if journal, err = readJournalView(list[inputs+outputs]); err != nil {
			return nil, nil, false, err
		}
	}
	return views, journal, complete, nil
}

var (
	errUnexpected        error = &Error{Meaning: "unexpected answer of a script"}
	errUnexpectedEntry   error = &Error{Meaning: "unexpected form of a stream entry"}
	errUnexpectedPending error = &Error{Meaning: "unexpected form of a pending entry"}
)

// readView takes a view out of an answer; see look.lua for its form.
func readView(answer rueidis.RedisMessage) (v view, err error) {
	list, err := answer.ToArray()
	if err != nil || len(list) != 14 && len(list) != 19 {
		return view{}, errUnexpected
	}
	r := reply{list: list}
	v = view{
		exists: r.number(0) == 1, length: r.number(1), first: r.id(2), last: r.id(3),
		added: r.number(4), deleted: r.id(5),
		group: r.number(6) == 1, delivered: r.id(7), pending: r.number(8),
		ledger: ledger{
			settled: r.number(9), begun: r.text(10) != "", text: r.text(10), position: r.id(11), checked: r.id(12),
		},
	}
	if v.ledger.begun {
		v.ledger.gone = r.number(10)
	}
	if v.replaced = len(list) == 19; v.replaced {
		v.before = created{
			found: groupOfAnother, start: v.delivered, settled: r.number(14), gone: r.number(15),
			added: r.number(16), position: r.id(17), last: r.id(18),
		}
	}
	return v, r.err
}

func readJournalView(answer rueidis.RedisMessage) (*journalView, error) {
	list, err := answer.ToArray()
	if err != nil || len(list) != 5 {
		return nil, errUnexpected
	}
	r := reply{list: list}
	v := journalView{length: r.number(0), first: r.id(1), last: r.id(2), added: r.number(3), now: den.Timestamp(r.number(4))}
	return &v, r.err
}

// passed returns how many of the entries that ever were lie behind the group, if it
// can be told: what is left is unread.
func (v view) passed() (n int64, known bool) {
	switch {
	case v.added < 0:
		return 0, false
	case v.delivered.compare(v.last) >= 0:
		return v.added, true
	case v.length == 0 || v.first.compare(v.delivered) > 0:
		return v.added - v.length, true
	}
	return 0, false
}

// firstLeft returns the id of the first entry that is left, or would be.
func (v view) firstLeft() entryID {
	if v.length == 0 {
		return v.last.next()
	}
	return v.first
}
