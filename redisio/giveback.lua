-- Takes back that entries were delivered: they stay pending for the consumer.
--
-- KEYS: the stream. ARGV: group, consumer, the ids.

local stream, group, consumer = KEYS[1], ARGV[1], ARGV[2]
for i = 3, #ARGV do
  local id = ARGV[i]
  local row = redis.call('XPENDING', stream, group, id, id, 1, consumer)[1]
  -- What was trimmed would not stay pending.
  if row and row[4] > 0 and redis.call('XRANGE', stream, id, id)[1] then
    redis.call('XCLAIM', stream, group, consumer, 0, id, 'RETRYCOUNT', row[4] - 1, 'JUSTID')
  end
end
return 0
