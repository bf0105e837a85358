package redisio

import (
	"log/slog"
	"sync"
	"sync/atomic"
)

// Client holds the connections to a Redis server and knows the streams. All
// methods may be called concurrently.
type Client struct {
	opts   Options
	log    *slog.Logger
	writer *connection // commits and sets up
	reader *connection // blocks in reads
	counts counters
	lease  lease
	line   line // of the writer
	reach  reach

	encodingTold everySoOften

	// Of the calls of the commit script: what all of them have in common, and those that
	// can be used again.
	callKeys   []string
	spareCalls chan *scriptCall
	repeats    atomic.Bool  // there were repetitions
	calls      atomic.Int64 // so many were made since then

	subscriber atomic.Pointer[Subscriber] // the latest one

	settingUp  chan struct{} // holds one value while Setup works, and guards
	nextGroups []string      // the generations of groups that it may have created already
	setupMu    sync.Mutex    // guards what follows
	// How often the groups had to be looked after, and were. They are there, as far
	// as we know, when both numbers are the same.
	setupsWanted, setupsDone int
	groups                   []string // the generations of the groups of the inputs
}

// Open returns a client for the server. It does not connect: everything connects
// when it is used, and connects again when that is needed. Its errors are those of
// the options.
func Open(opts Options) (*Client, error) {
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, err
	}
	c := &Client{
		opts:   opts,
		log:    opts.Logger,
		writer: newConnection(opts, "writer"),
		reader: newConnection(opts, "reader"),
		lease:  lease{turn: make(chan struct{}, 1)},
		line:   line{timeout: opts.Timeout},

		spareCalls: make(chan *scriptCall, maxSpareCalls),
		settingUp:  make(chan struct{}, 1), setupsWanted: 1,
		groups: make([]string, len(opts.Inputs)), nextGroups: make([]string, len(opts.Inputs)),
	}
	c.callKeys = c.keysOfCalls()
	return c, nil
}

// key returns the name of a key of our own. It begins with the name of the first
// input and its group, since whoever reads these is in our role, and so it has
// their hash tag.
func (c *Client) key(of string) string {
	switch {
	case len(c.opts.Inputs) > 0:
		return c.opts.Inputs[0].Stream + ":" + c.opts.Inputs[0].Group + ":" + of
	case len(c.opts.Outputs) > 0:
		return c.opts.Outputs[0].Stream + ":" + c.opts.Name + ":" + of
	}
	return c.opts.Name + ":" + of
}

// Publisher returns the den.Publisher, which is a den.Committer, of the client.
func (c *Client) Publisher() *Publisher { return &Publisher{client: c} }

// Subscriber returns a den.Subscriber that reads the inputs of the client. A
// client has one reader: two subscribers of one client, or of one name, would
// get the same entries.
func (c *Client) Subscriber() *Subscriber { return newSubscriber(c) }

// Close closes the connections. Calls in progress fail.
func (c *Client) Close() {
	c.writer.close()
	c.reader.close()
}
