package redisio

import "time"

// LookEvery sets how often the Subscriber looks around.
func (s *Subscriber) LookEvery(d time.Duration) { s.every = d }
