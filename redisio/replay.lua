-- Says where to begin to read a stream again.
--
-- KEYS: the stream. ARGV: a number of entries.
-- Returns the time in seconds and the microseconds since then, by the clock that
-- gives the entries their ids, and the id with which that many last entries
-- begin, "" if there are none.

local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', ARGV[1])
local time = redis.call('TIME')
return {time[1], time[2], last[1] and last[#last][1] or ''}
