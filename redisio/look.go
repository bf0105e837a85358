package redisio

import (
	"context"
	_ "embed"
	"errors"

	"github.com/redis/rueidis"
)

//go:embed look.lua
var lookSource string

var lookScript = rueidis.NewLuaScript(lookSource)

// view is how it stands with a stream and its group at one moment.
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
	read      int64   // how many of added the group has behind it, as the server thinks; -1 when it does not know
}

// look asks how it stands with the streams, in one step. Its answer is in the order
// of the inputs and then the outputs.
func (c *Client) look(ctx context.Context) (inputs, outputs []view, err error) {
	var keys, groups []string
	for _, in := range c.opts.Inputs {
		keys, groups = append(keys, in.Stream), append(groups, in.Group)
	}
	for _, out := range c.opts.Outputs {
		keys, groups = append(keys, out.Stream), append(groups, out.Group)
	}
	answer, err := c.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
		return c.reader.run(ctx, lookScript, keys, groups)
	})
	if err != nil {
		return nil, nil, err
	}
	list, err := answer.ToArray()
	if err != nil || len(list) != len(keys) {
		return nil, nil, errUnexpected
	}
	views := make([]view, len(list))
	for i := range list {
		if views[i], err = readView(list[i]); err != nil {
			return nil, nil, err
		}
	}
	return views[:len(c.opts.Inputs)], views[len(c.opts.Inputs):], nil
}

var errUnexpected = errors.New("redisio: unexpected answer of a script")

// readView takes a view out of an answer; see look.lua for its form.
func readView(answer rueidis.RedisMessage) (v view, err error) {
	list, err := answer.ToArray()
	if err != nil || len(list) != 9 {
		return view{}, errUnexpected
	}
	number := func(i int) int64 {
		n, e := list[i].AsInt64()
		err = errors.Join(err, e)
		return n
	}
	id := func(i int) entryID {
		text, e := list[i].ToString()
		if e != nil || text == "" {
			err = errors.Join(err, e)
			return entryID{}
		}
		id, e := parseID(text)
		err = errors.Join(err, e)
		return id
	}
	v = view{
		exists: number(0) == 1, length: number(1), first: id(2), last: id(3),
		added: number(4), deleted: id(5),
		group: number(6) == 1, delivered: id(7), read: number(8),
	}
	return v, err
}

// passed returns how many of the entries that ever were lie behind the group, if it
// can be told: they are read or gone, and what is left is unread.
func (v view) passed() (n int64, known bool) {
	switch {
	case v.added < 0:
		return 0, false
	case v.delivered == v.last:
		return v.added, true
	case v.length == 0 || v.first.compare(v.delivered) > 0:
		return v.added - v.length, true
	}
	return 0, false
}
