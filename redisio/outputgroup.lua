-- Creates the consumer group of an output, and the stream, unless it is there, which
-- a server that is full does not say when it is told to create one.
--
-- KEYS: the stream. ARGV: group. Returns 1 if it was created.

if is_stream(KEYS[1]) and group_of(KEYS[1], ARGV[1]) then
  return 0
end
-- Such a server lets a script go on that has begun to write.
redis.call('XACK', KEYS[1], ARGV[1], '0-0')
redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
return 1
