-- Sets a group's own count of what it has read, unless the group has moved on.
--
-- KEYS: the stream.
-- ARGV: group, the last id it delivered, the count.

for _, list in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #list, 2 do
    group[list[i]] = list[i + 1]
  end
  if group['name'] == ARGV[1] and group['last-delivered-id'] == ARGV[2] then
    redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[2], 'ENTRIESREAD', ARGV[3])
  end
end
return 0
