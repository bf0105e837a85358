package redisio

import (
	"errors"

	"github.com/redis/rueidis"
)

// reply reads the values of a script's answer one by one, and keeps the first error.
type reply struct {
	list []rueidis.RedisMessage
	err  error
}

func (r *reply) text(i int) string {
	text, err := r.list[i].ToString()
	r.err = errors.Join(r.err, err)
	return text
}

func (r *reply) number(i int) int64 {
	n, err := r.list[i].AsInt64()
	r.err = errors.Join(r.err, err)
	return n
}

// id reads the id of an entry; an empty text is zero.
func (r *reply) id(i int) entryID {
	text := r.text(i)
	if text == "" {
		return entryID{}
	}
	id, err := parseID(text)
	r.err = errors.Join(r.err, err)
	return id
}
