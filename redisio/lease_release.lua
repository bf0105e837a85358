-- Ends the lease if it is the caller's.
--
-- KEYS: lease. ARGV: the caller's token for this ownership.

local lease = redis.call('GET', KEYS[1])
if lease and string.match(lease, '^%d+:(.*)$') == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return 1
