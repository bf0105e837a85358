-- Lets the lease of the owner last on.
--
-- KEYS: lease, owner. ARGV: how long the lease lasts in milliseconds; the value
-- of the caller. Where nobody is on record any more, because the server has lost
-- its data, the caller still is the owner: he has what was lost.

local lease, owner = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
local ours = ARGV[2]
if owner and owner ~= ours or lease and lease ~= ours then
  return redis.error_reply('FENCED the owner is ' .. (owner ~= ours and owner or lease))
end
redis.call('DEL', KEYS[1]) -- a server that is full lets a script go on that has begun to write
redis.call('SET', KEYS[1], ours, 'PX', ARGV[1])
if not owner then
  redis.call('SET', KEYS[2], ours)
end
return 1
