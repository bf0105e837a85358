package config

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// timeConflicts finds times that do not go together. It leaves out those that are
// wrong alone.
func (c Config) timeConflicts(found []finding) (all []finding) {
	legal := func(keys ...jsontext.Pointer) bool { return !concerns(found, keys...) }
	const delay, interval = "/denmLastUpdateMaxDelay", "/denmCheckLastUpdateMaxInterval"
	if legal(delay, interval) && c.DENMCheckLastUpdateMaxInterval < c.DENMLastUpdateMaxDelay {
		all = append(all, finding{
			interval,
			fmt.Sprintf("must not be less than denmLastUpdateMaxDelay, which is %d, but found %d: nothing is due sooner",
				c.DENMLastUpdateMaxDelay, c.DENMCheckLastUpdateMaxInterval),
		})
	}
	if wait := c.block(); legal("/leaseTime", "/redis/streams/inputs") && c.LeaseTime.Duration() < 3*wait {
		all = append(all, finding{
			"/leaseTime",
			fmt.Sprintf("must be at least 3 times the shortest waitTimeout of the inputs, which is %d ms, but found %v s: "+
				"a read of a producer that is gone must be over when another one takes over", wait.Milliseconds(), float64(c.LeaseTime)),
		})
	}
	outputs, least := c.Redis.Streams.Outputs, c.horizon()
	if legal("/redis/streams/outputs", delay, "/timeAfterCollision", "/maxClockSkew") &&
		outputs[0].TTL > 0 && outputs[0].TTL.Duration() < least {
		all = append(all, finding{
			"/redis/streams/outputs/0/ttl",
			fmt.Sprintf("must be null or at least %d but found %d: the first output is the journal from which the next producer "+
				"learns which events are open, and one can be as old as that", int(least/time.Second), outputs[0].TTL),
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

// JournalRate returns for how many DENMs a second the first output is long enough to be the
// journal, from which the next producer learns which events are open. It is not bounded
// where there is no maxLength. The configuration must be valid.
func (c Config) JournalRate() (rate int64, bounded bool) {
	most := c.Redis.Streams.Outputs[0].MaxLength
	return most / int64(c.horizon()/time.Second), most > 0
}

// fewInJournal is a length of the first output below which it hardly can do as a
// journal.
const fewInJournal = 1000

// doubts are what is legal, but may not be meant.
func (c Config) doubts() (all []finding) {
	switch connection := c.Redis.Connection; {
	case !connection.SSL:
	case connection.SSLCertReqs == "none":
		all = append(all, finding{connectionAt + "/sslCertReqs", "is none: the certificate of the server is not checked, and anybody can play the server"})
	case !connection.SSLCheckHostname:
		all = append(all, finding{connectionAt + "/sslCheckHostname", "is false: whoever has any certificate of the authorities can play the server"})
	}
	if (c.DENMRepetitionInterval == 0) != (c.DENMRepetitionDuration == 0) {
		zero, other := jsontext.Pointer("/denmRepetitionInterval"), "denmRepetitionDuration"
		if c.DENMRepetitionInterval != 0 {
			zero, other = "/denmRepetitionDuration", "denmRepetitionInterval"
		}
		all = append(all, finding{zero, "is 0, so nothing is repeated although " + other + " is given"})
	}
	switch interval, at := c.DENMRepetitionInterval, jsontext.Pointer("/denmRepetitionInterval"); {
	case interval == 0 || c.DENMRepetitionDuration == 0:
	case interval >= c.DENMLastUpdateMaxDelay:
		all = append(all, finding{at, fmt.Sprintf("is not less than denmLastUpdateMaxDelay, which is %d: an event without updates is cancelled before it is repeated", c.DENMLastUpdateMaxDelay)})
	case interval > c.DENMRepetitionDuration:
		all = append(all, finding{at, fmt.Sprintf("is greater than denmRepetitionDuration, which is %d, so nothing is repeated", c.DENMRepetitionDuration)})
	}
	for i, out := range c.Redis.Streams.Outputs {
		if !out.LeapSeconds && out.Format == FormatCloudEvents {
			all = append(all, finding{jsontext.Pointer(fmt.Sprintf("/redis/streams/outputs/%d/leapSeconds", i)), "is false, which has no effect on times in JSON: they are in UTC"})
		}
	}
	if out := c.Redis.Streams.Outputs[0]; out.MaxLength > 0 && out.MaxLength < fewInJournal {
		rate, _ := c.JournalRate()
		all = append(all, finding{
			"/redis/streams/outputs/0/maxLength",
			fmt.Sprintf("is short for the journal from which the next producer learns which events are open: at more than %d DENMs "+
				"a second some of them will be forgotten", rate),
		})
	}
	return all
}
