package config

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// timeConflicts finds times that do not go together. It leaves out those that are
// wrong alone.
func (c Config) timeConflicts(found []finding) (all []finding) {
	legal := func(keys ...jsontext.Pointer) bool {
		return !slices.ContainsFunc(found, func(f finding) bool {
			return slices.ContainsFunc(keys, func(key jsontext.Pointer) bool { return key.Contains(f.at) || f.at.Contains(key) })
		})
	}
	const delay, interval = "/denmLastUpdateMaxDelay", "/denmCheckLastUpdateMaxInterval"
	if legal(delay, interval) && c.DENMCheckLastUpdateMaxInterval < c.DENMLastUpdateMaxDelay {
		all = append(all, finding{
			interval,
			fmt.Sprintf("must not be less than denmLastUpdateMaxDelay, which is %d: nothing is due sooner", c.DENMLastUpdateMaxDelay),
		})
	}
	if wait := c.block(); legal("/leaseTime", "/redis/streams/inputs") && c.LeaseTime.Duration() < 3*wait {
		all = append(all, finding{
			"/leaseTime",
			fmt.Sprintf("must be at least 3 times the shortest waitTimeout of the inputs, which is %d ms, so that "+
				"a read of a producer that is gone is over when another one takes over", wait.Milliseconds()),
		})
	}
	outputs, least := c.Redis.Streams.Outputs, c.horizon()
	if legal("/redis/streams/outputs", delay, "/timeAfterCollision", "/maxClockSkew") &&
		outputs[0].TTL > 0 && outputs[0].TTL.Duration() < least {
		all = append(all, finding{
			"/redis/streams/outputs/0/ttl",
			fmt.Sprintf("must be at least %d: the first output is the journal from which the next producer learns "+
				"which events are open, and one can be as old as that", int(least/time.Second)),
		})
	}
	return all
}

// block is how long a read waits at the server at most: what all inputs allow.
func (c Config) block() (least time.Duration) {
	for i, in := range c.Redis.Streams.Inputs {
		if wait := in.WaitTimeout.Duration(); i == 0 || wait < least {
			least = wait
		}
	}
	return least
}

// horizon is how old the last DENM of an event can be that is still open, in whole
// seconds: 10 s from the detection to the predicted collision at most, what the DENM is
// valid after that, the clock of the sender, and 2 s for rounding and for what is under
// way.
func (c Config) horizon() time.Duration {
	open := 12*time.Second + c.TimeAfterCollision.Duration() + c.DENMLastUpdateMaxDelay.Duration() + c.MaxClockSkew.Duration()
	return (open + time.Second - 1).Truncate(time.Second)
}

// fewInJournal is a length of the first output below which it hardly can do as a
// journal.
const fewInJournal = 1000

// doubts are what is legal, but may not be meant.
func (c Config) doubts() (all []Problem) {
	if out := c.Redis.Streams.Outputs[0]; out.MaxLength > 0 && out.MaxLength < fewInJournal {
		all = append(all, Problem{
			"redis.streams.outputs[0].maxLength",
			fmt.Sprintf("is short for the journal from which the next producer learns which events are open: at more than %d DENMs "+
				"a second some of them will be forgotten", max(out.MaxLength/int64(c.horizon()/time.Second), 1)),
		})
	}
	return all
}
