package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

const (
	// pause is how long to wait before something that failed is tried again.
	pause = time.Second
	// block is how long a read waits at the server for the first entry.
	block = time.Second
	// timeout is how long the server may take to answer.
	timeout = 3 * time.Second
)

// follower follows a stream of DENMs beside its consumer groups: it only reads.
type follower struct {
	address, stream string
	hub             *hub
	log             *slog.Logger
	last            entryID // the entry read last
	began           bool    // what was in the stream before is known
	skipped         int     // entries that are no DENM in JSON
}

// run follows until ctx ends. It goes on for as long as the server may come back, and
// returns what somebody has to mend.
func (f *follower) run(ctx context.Context) error {
	failing := false
	for ctx.Err() == nil {
		err := f.session(ctx, func() {
			f.hub.connect(true)
			if failing {
				f.log.Info("follows again", "stream", f.stream)
			}
			failing = false
		})
		if ctx.Err() != nil {
			return nil
		}
		f.hub.connect(false)
		if refused(err) {
			return fmt.Errorf("follow the stream %s: %w", f.stream, err)
		}
		if !failing {
			f.log.Warn("cannot follow, tries again", "stream", f.stream, "redis", f.address, "cause", err)
		}
		failing = true
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	return nil
}

// session follows over one connection until something fails. It calls works when it
// knows that it works.
func (f *follower) session(ctx context.Context, works func()) error {
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress:       []string{f.address},
		Username:          os.Getenv("STEP_REDIS_USERNAME"),
		Password:          os.Getenv("STEP_REDIS_PASSWORD"),
		ClientName:        "livemap",
		ForceSingleClient: true,
		DisableCache:      true,
		DisableRetry:      true, // a connection that is lost must be seen
	})
	if err != nil {
		return err
	}
	defer client.Close()
	for {
		if err := f.look(ctx, client); err != nil {
			return err
		}
		works()
		// As long as something comes, all is well; then look whether the stream is
		// still the one it was.
		for more := true; more; {
			if more, err = f.read(ctx, client); err != nil {
				return err
			}
		}
	}
}

// look begins anew where it must: at first, and when the stream has been replaced by
// one whose ids are lower.
func (f *follower) look(ctx context.Context, client rueidis.Client) error {
	newest, err := f.back(ctx, client, "+", 1)
	if err != nil {
		return err
	}
	if f.began && len(newest) == 0 {
		return nil // it is gone, and may come again
	}
	if f.began {
		if id, _ := parseEntryID(newest[0].ID); !id.less(f.last) {
			return nil
		}
		f.log.Warn("the stream was replaced, begins anew", "stream", f.stream)
	}
	return f.readBack(ctx, client)
}

// read hands over what is new. It reports false when nothing came for a while.
func (f *follower) read(ctx context.Context, client rueidis.Client) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, block+timeout)
	defer cancel()
	read := client.B().Xread().Count(pageSize).Block(block.Milliseconds()).Streams().Key(f.stream).Id(f.last.String()).Build()
	streams, err := client.Do(ctx, read).AsXRead()
	if rueidis.IsRedisNil(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, entry := range streams[f.stream] {
		if a, ok := f.arrivalOf(entry); ok {
			f.hub.add(a)
		}
	}
	return true, nil
}

// arrivalOf reads one entry, which is then the last one read. It reports false for one that is no DENM.
func (f *follower) arrivalOf(entry rueidis.XRangeEntry) (arrival, bool) {
	id, ok := parseEntryID(entry.ID)
	if !ok {
		return arrival{}, false // the server makes no such ids
	}
	f.last = id
	d, err := denmOf(entry)
	if err == nil {
		return arrival{id, d}, true
	}
	if f.skipped++; f.skipped == 1 {
		f.log.Warn("an entry is no DENM in JSON; it is passed over, and so are others like it", "stream", f.stream, "entry", entry.ID, "cause", err)
	}
	return arrival{}, false
}

// denmOf reads the message of an entry: its field "message", or the only one it has.
func denmOf(entry rueidis.XRangeEntry) (*den.DENM, error) {
	text, ok := entry.FieldValues["message"]
	if !ok && len(entry.FieldValues) == 1 {
		for _, text = range entry.FieldValues {
		}
	}
	event, err := den.ParseEvent([]byte(text))
	if err == nil && event.DENM == nil {
		err = errors.New("it is a collision array")
	}
	if err != nil {
		return nil, err
	}
	return event.DENM, nil
}

// refused reports whether the server has answered something that stays as it is until
// somebody mends it: credentials, rights, or a key that holds something else. All other
// failures pass.
func refused(err error) bool {
	var answer *rueidis.RedisError
	if !errors.As(err, &answer) {
		return false
	}
	code, _, _ := strings.Cut(answer.Error(), " ")
	return slices.Contains([]string{"WRONGPASS", "NOAUTH", "NOPERM", "WRONGTYPE"}, code)
}
