-- Takes entries that are pending for a consumer in hand once more.
--
-- KEYS: the stream.
-- ARGV: group, consumer; for each entry its id, and whether this counts as a
--       delivery, "1" or "0".
-- Returns for each id, in their order, the id, how often it was delivered and the
-- fields. An id that is not pending for the consumer any more comes alone, and an
-- entry that is no longer in the stream without fields: it stays pending, and is
-- not counted. When many bytes have come together, the ids behind are left out.

local stream, group, consumer = KEYS[1], ARGV[1], ARGV[2]
local full = 1024 * 1024
local taken, bytes = {}, 0
for i = 3, #ARGV, 2 do
  local id = ARGV[i]
  local row = redis.call('XPENDING', stream, group, id, id, 1, consumer)[1]
  if not row then
    table.insert(taken, {id})
  else
    local delivery = row[4] + ARGV[i + 1]
    local entry = redis.call('XRANGE', stream, id, id)[1]
    if not entry then
      table.insert(taken, {id, delivery})
    else
      if delivery > row[4] then
        -- JUSTID alone would not count.
        redis.call('XCLAIM', stream, group, consumer, 0, id, 'RETRYCOUNT', delivery, 'JUSTID')
      end
      table.insert(taken, {id, delivery, entry[2]})
      for _, text in ipairs(entry[2]) do
        bytes = bytes + #text
      end
    end
  end
  if bytes >= full then
    break
  end
end
return taken
