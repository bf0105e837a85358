package redisio

import (
	"context"
	_ "embed"

	"github.com/redis/rueidis"
)

//go:embed giveback.lua
var giveBackSource string

var giveBackScript = rueidis.NewLuaScript(giveBackSource)

// giveBack takes back that the entries were delivered which are not settled at an
// end in good order. So the server's counts are those of the processes that died
// with an entry in hand, and restarts put nothing aside that is innocent.
func (s *Subscriber) giveBack(ctx context.Context) error {
	for _, in := range s.inputs {
		s.mu.Lock()
		ids := s.outstanding(in.index)
		for _, id := range ids {
			if key := (entryKey{in.index, id}); !s.held[key].inHand {
				delete(s.held, key)
			}
		}
		s.mu.Unlock()
		if len(ids) == 0 {
			continue
		}
		args := []string{in.group, s.client.opts.Name}
		for _, id := range ids {
			args = append(args, id.String())
		}
		_, err := s.client.ask(ctx, func(ctx context.Context) rueidis.RedisResult {
			return s.client.writer.run(ctx, giveBackScript, []string{in.stream}, args)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
