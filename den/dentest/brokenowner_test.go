package dentest

import (
	"context"
	"errors"
	"time"

	"github.com/step-its/producer/den"
)

// breakOwner holds, for every rule of a den.Owner, how one can break it.
var breakOwner = map[string]func(good *Transport, x *brokenTransport){
	"own": func(good *Transport, x *brokenTransport) { // keeps the result to itself
		x.own = func(ctx context.Context, work func(context.Context) error) error {
			_ = good.Own(ctx, work)
			return ctx.Err()
		}
	},
	"own_excludes": func(_ *Transport, x *brokenTransport) { // asks nobody
		x.own = func(ctx context.Context, work func(context.Context) error) error { return work(ctx) }
	},
	"own_to_the_end": func(good *Transport, x *brokenTransport) { // gives up when ctx ends
		x.own = func(ctx context.Context, work func(context.Context) error) error {
			return good.Own(ctx, func(ctx context.Context) error {
				stop := context.AfterFunc(ctx, good.giveUp)
				defer stop()
				return work(ctx)
			})
		}
	},
	"own_ended_context": func(good *Transport, x *brokenTransport) { // waits for its turn whatever happens
		x.own = func(_ context.Context, work func(context.Context) error) error {
			ctx, cancel := context.WithTimeout(context.Background(), patience) // or the test would not end
			defer cancel()
			return good.Own(ctx, work)
		}
	},
	"own_fenced": func(good *Transport, x *brokenTransport) { // looks at the clock before it writes, not at the streams
		x.publish = func(ctx context.Context, denms []*den.DENM) error {
			return good.attempt(ctx, func() error {
				for _, d := range denms {
					good.add(d)
				}
				return nil
			})
		}
	},
	"own_fenced:commit": func(good *Transport, x *brokenTransport) { // only Publish asks
		x.commit = func(ctx context.Context, in den.Batch, outputs []den.Output) error {
			return good.attempt(ctx, func() error {
				if in == nil {
					good.commitAlone(outputs)
				} else {
					good.commitWith(in.(*batch), outputs)
				}
				return nil
			})
		}
	},
	"own_fenced:nobody is told": func(good *Transport, x *brokenTransport) {
		x.own = func(ctx context.Context, work func(context.Context) error) error {
			return good.Own(ctx, func(context.Context) error { return work(ctx) })
		}
	},
	"own_fenced_late": func(good *Transport, x *brokenTransport) { // forgets at the end of work that it was fenced
		x.own = func(ctx context.Context, work func(context.Context) error) error {
			err := good.Own(ctx, work)
			x.publish = func(ctx context.Context, denms []*den.DENM) error {
				good.Publisher.mu.Lock()
				defer good.Publisher.mu.Unlock()
				for _, d := range denms {
					good.add(d)
				}
				return nil
			}
			return err
		}
	},
	"own_again": func(good *Transport, x *brokenTransport) { // once fenced, never again
		fenced := false
		x.own = func(ctx context.Context, work func(context.Context) error) error {
			if fenced {
				return den.ErrFenced
			}
			return good.Own(ctx, func(ctx context.Context) error {
				err := work(ctx)
				fenced = errors.Is(context.Cause(ctx), den.ErrFenced)
				return err
			})
		}
	},
}

// breakReplayer holds, for every rule of a den.Replayer, how one can break it.
var breakReplayer = map[string]func(good *Transport, x *brokenTransport){
	"replay": func(good *Transport, x *brokenTransport) { // only what had no inputs
		x.replay = func(ctx context.Context, span time.Duration, published, received func(*den.DENM)) error {
			n := 0
			return good.Replay(ctx, span, func(d *den.DENM) {
				if n++; n <= 5 {
					published(d)
				}
			}, received)
		}
	},
	"replay_span": func(good *Transport, x *brokenTransport) { // takes seconds for milliseconds
		x.replay = func(ctx context.Context, span time.Duration, published, received func(*den.DENM)) error {
			return good.Replay(ctx, span/1000, published, received)
		}
	},
	"replay_last": func(good *Transport, x *brokenTransport) { // nothing is young enough
		x.replay = func(ctx context.Context, span time.Duration, published, received func(*den.DENM)) error {
			if span < time.Second {
				return nil
			}
			return good.Replay(ctx, span, published, received)
		}
	},
	"replay_received": func(good *Transport, x *brokenTransport) { // the pending ones too
		x.replay = func(ctx context.Context, span time.Duration, published, received func(*den.DENM)) error {
			if err := good.Replay(ctx, span, published, received); err != nil {
				return err
			}
			for _, e := range good.entries {
				if e.holder != nil && e.input.Event.DENM != nil {
					received(e.input.Event.DENM)
				}
			}
			return nil
		}
	},
	"replay_order": func(good *Transport, x *brokenTransport) { // the inputs first
		x.replay = func(ctx context.Context, span time.Duration, published, received func(*den.DENM)) error {
			ignore := func(*den.DENM) {}
			if err := good.Replay(ctx, span, ignore, received); err != nil {
				return err
			}
			return good.Replay(ctx, span, published, ignore)
		}
	},
	"replay_ended_context": func(good *Transport, x *brokenTransport) { // does nothing, and calls it done
		x.replay = func(ctx context.Context, span time.Duration, published, received func(*den.DENM)) error {
			if ctx.Err() != nil {
				return nil
			}
			return good.Replay(ctx, span, published, received)
		}
	},
}
