-- Makes the caller the owner of the streams, if nobody else is.
--
-- KEYS: lease, owner. ARGV: how long the lease lasts in milliseconds; the
-- caller's token for this ownership; what the caller's last ownership was, or "";
-- "yes" if the caller may begin where no owner is on record.
-- Returns "owner", the new value and the one before it, or "" if there was none;
-- or "held" and the lease; or "unknown".
--
-- The value of both keys is "<epoch>:<token>". The epoch counts the owners; the
-- token keeps the values apart when a server has lost its data and counts anew.

local lease, owner = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
if lease and lease ~= ARGV[3] then
  if string.match(lease, '^%d+:(.*)$') ~= ARGV[2] then
    return {'held', lease}
  end
  -- It was acquired before, and the reply was lost.
  redis.call('DEL', KEYS[1]) -- a server that is full lets a script go on that has begun to write
  redis.call('SET', KEYS[1], lease, 'PX', ARGV[1])
  redis.call('SET', KEYS[2], lease)
  return {'owner', lease, ''}
end
if not owner and ARGV[4] ~= 'yes' then
  return {'unknown'}
end
local epoch = tonumber(string.match(owner or '', '^(%d+):') or 0) or 0
local value = string.format('%.0f', epoch + 1) .. ':' .. ARGV[2]
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], value, 'PX', ARGV[1])
redis.call('SET', KEYS[2], value)
return {'owner', value, owner or ''}
