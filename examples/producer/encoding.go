package main

import (
	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den/uper"
	"github.com/step-its/producer/redisio"
)

// encodingOf returns the form of the messages of an output; nil is the usual one.
func encodingOf(out config.Output) *redisio.Encoding {
	profile := uper.Profile{WithoutLeapSeconds: !out.LeapSeconds}
	switch out.Format {
	case config.FormatUPERR1:
		profile.Release = uper.R1
	case config.FormatUPERR2:
		profile.Release = uper.R2
	default:
		return nil
	}
	return &redisio.Encoding{ContentType: profile.ContentType(), Append: profile.Append}
}
