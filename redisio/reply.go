package redisio

import (
	"github.com/redis/rueidis"
)

// reply reads the values of a script's answer one by one, and keeps the first error.
type reply struct {
	list []rueidis.RedisMessage
	err  error
}

func (r *reply) failed(err error) {
	if err != nil && r.err == nil {
		r.err = &Error{Meaning: "unexpected answer of a script", Err: err}
	}
}

func (r *reply) text(i int) string {
	text, err := r.list[i].ToString()
	r.failed(err)
	return text
}

func (r *reply) number(i int) int64 {
	n, err := r.list[i].AsInt64()
	r.failed(err)
	return n
}

// id reads the id of an entry; an empty text is zero.
func (r *reply) id(i int) entryID {
	text := r.text(i)
	if text == "" {
		return entryID{}
	}
	id, err := parseID(text)
	r.failed(err)
	return id
}
