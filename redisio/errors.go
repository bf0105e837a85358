package redisio

import (
	"errors"
	"fmt"
	"strings"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
)

// permanentErrors are the first words of what a server answers when asking again
// cannot help: somebody has to change the configuration or the data.
var permanentErrors = []string{
	"WRONGTYPE", "NOPERM", "WRONGPASS", "NOAUTH", "CROSSSLOT",
	"invalid DB index", "DB index is out of range",
	// From inside a script: a right is missing, and a stream can take no more.
	"The user executing the script can't", "The stream has exhausted the last possible ID",
}

// refusedByOwner is the first word of what our scripts answer when another client
// has taken over.
const refusedByOwner = "FENCED"

// wrap says what failed. Errors that cannot be mended by trying again wrap
// den.ErrPermanent.
func wrap(what string, err error) error {
	if hasPrefix(err, refusedByOwner) {
		return fmt.Errorf("redisio: %s: %w: %w", what, den.ErrFenced, err)
	}
	if hasPrefix(err, permanentErrors...) || errors.Is(err, rueidis.ErrClosing) {
		return fmt.Errorf("redisio: %s: %w: %w", what, den.ErrPermanent, err)
	}
	return fmt.Errorf("redisio: %s: %w", what, err)
}

func isBusyGroup(err error) bool { return hasPrefix(err, "BUSYGROUP") }

// isGroupLost reports whether a group or its stream is gone. A reader that is
// blocked when it happens gets the second form from servers before 7.2.
func isGroupLost(err error) bool { return hasPrefix(err, "NOGROUP", "UNBLOCKED") }

// isNoKey reports whether there is no such stream.
func isNoKey(err error) bool { return hasPrefix(err, "no such key") }

// hasPrefix looks at the answers of the server only. rueidis tells them by a
// type assertion, so it must see the error before it is wrapped.
func hasPrefix(err error, prefixes ...string) bool {
	answer, ok := rueidis.IsRedisErr(err)
	if !ok {
		return false
	}
	for _, prefix := range prefixes {
		if strings.HasPrefix(answer.Error(), prefix) {
			return true
		}
	}
	return false
}
