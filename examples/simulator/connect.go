package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// pause is how long to wait before something that failed is tried again.
const pause = time.Second

// connect returns a client of the server at the address. It waits for a server that is
// not there yet, and returns no client when ctx ends first.
func connect(ctx context.Context, address string, stderr io.Writer) (rueidis.Client, error) {
	for told := false; ; told = true {
		client, err := rueidis.NewClient(rueidis.ClientOption{
			InitAddress:       []string{address},
			Username:          os.Getenv("STEP_REDIS_USERNAME"),
			Password:          os.Getenv("STEP_REDIS_PASSWORD"),
			ClientName:        "simulator",
			ForceSingleClient: true,
			DisableCache:      true,
			DisableRetry:      true, // what is written late is of no use
		})
		switch {
		case err == nil:
			return client, nil
		case refused(err):
			return nil, fmt.Errorf("connect to %s: %w", address, err)
		case !told:
			fmt.Fprintf(stderr, "simulator: wait for the server at %s: %v\n", address, err)
		}
		if !wait(ctx, time.After(pause)) {
			return nil, nil
		}
	}
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

// wait reports false when ctx ended first.
func wait[T any](ctx context.Context, c <-chan T) bool {
	select {
	case <-c:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
