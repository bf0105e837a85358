package redisio_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/redisio"
)

// An answer that came in time counts, even if we were held up and look at it too late; one
// that did not come is given up.
func TestLateLookAtAnAnswer(t *testing.T) {
	errAnswer := errors.New("what the server says")
	for range 50 { // select chooses at random
		synctest.Test(t, func(t *testing.T) {
			client, err := redisio.Open(options("127.0.0.1:1"))
			must(t, err)
			err = client.AskLate(t.Context(), func(context.Context) rueidis.RedisResult { return rueidis.NewErrorResult(errAnswer) })
			if !errors.Is(err, errAnswer) {
				t.Fatalf("the answer is %v; want %v", err, errAnswer)
			}
			answer := make(chan rueidis.RedisResult)
			err = client.AskLate(t.Context(), func(context.Context) rueidis.RedisResult { return <-answer })
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("without an answer the error is %v", err)
			}
			close(answer) // the goroutine that asks may end
		})
	}
}
