package den

import (
	"context"
	"errors"
	"time"
)

// delivery is what a Receive came back with.
type delivery struct {
	batch Batch // nil where nothing waited
	// heard is a time at which all inputs had been received that came before.
	heard Timestamp
}

func (d delivery) release() {
	if d.batch != nil {
		d.batch.Release()
	}
}

// receive reads until ctx ends, and hands over what it got. When nobody takes it
// any more it gives it back.
func (s *DenService) receive(ctx context.Context, sub Subscriber, deliveries chan<- delivery, stopped <-chan struct{}) error {
	failing := retry{log: s.log, what: "receive", most: s.cfg.RetryInterval}
	for ctx.Err() == nil {
		failing.attempt()
		began := s.now()
		batch, err := sub.Receive(ctx, s.cfg.BatchSize, s.listenFor())
		switch {
		case err == nil:
			failing.succeeded()
			d := delivery{batch, s.heardUntil(began, batch)}
			select {
			case deliveries <- d:
			case <-stopped:
				d.release()
			}
		case errors.Is(err, ErrEndOfInput):
			return nil
		case ctx.Err() != nil:
		default:
			s.counts.receiveErrors.Add(1)
			if err := failing.failed(ctx, err); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	return context.Cause(ctx)
}

// listenFor returns how long one Receive waits for inputs. While it waits we
// cannot know whether nobody sends or nothing arrives; so it is short against the
// silence that cancels a record.
func (s *DenService) listenFor() time.Duration {
	return min(max(s.cfg.LastUpdateMaxDelay/4, 10*time.Millisecond), time.Second)
}

// heardUntil returns the time until which a Receive that began at the given time
// has heard everything. A full batch, and one with inputs that come again, may have
// left something behind, which is newer than its oldest input: several input streams
// have no order between them.
func (s *DenService) heardUntil(began Timestamp, batch Batch) Timestamp {
	if batch == nil {
		return began
	}
	oldest, more := began, len(batch.Inputs()) >= s.cfg.BatchSize
	for _, in := range batch.Inputs() {
		oldest, more = min(oldest, in.Time), more || in.Attempt > 1
	}
	if more {
		return oldest
	}
	return began
}

// silent reports whether the record got no update because nobody sent one. We know
// that when we have listened to the end of its delay. Where we listen all the time
// it is enough to have listened lately, and the cancellation need not wait for
// the end of a Receive; after a stall it is not.
func (s *DenService) silent(record Record, heard Timestamp) bool {
	delay := s.cfg.LastUpdateMaxDelay
	return heard > record.DENM.Management.ReferenceTime.Add(delay) || s.now().Sub(heard) <= delay/2
}
