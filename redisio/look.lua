-- Tells how it stands with streams and their consumer groups, all at one moment.
--
-- KEYS: the streams.
-- ARGV: for each stream the group in question.
-- Returns for each stream
--   whether it is there, its length, its first id, the last id it ever had,
--   how many entries it ever had, the greatest id that was deleted one by one,
--   whether the group is there, the last id it delivered, and its own count of
--   what was read.
-- A number that the server does not know is -1, an id is empty. A key that holds
-- something else counts as no stream: who reads or writes it will be told.

-- Names and values in turn become a table.
local function table_of(list)
  local values = {}
  for i = 1, #list, 2 do
    values[list[i]] = list[i + 1]
  end
  return values
end

local views = {}
for i, key in ipairs(KEYS) do
  local view = {0, 0, '', '', -1, '', 0, '', -1}
  if redis.call('TYPE', key).ok == 'stream' then
    local stream = table_of(redis.call('XINFO', 'STREAM', key))
    local first = redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1]
    view = {
      1, stream['length'], first and first[1] or '', stream['last-generated-id'],
      stream['entries-added'] or -1, stream['max-deleted-entry-id'] or '', 0, '', -1,
    }
    for _, list in ipairs(redis.call('XINFO', 'GROUPS', key)) do
      local group = table_of(list)
      if group['name'] == ARGV[i] then
        view[7], view[8], view[9] = 1, group['last-delivered-id'], group['entries-read'] or -1
      end
    end
  end
  views[i] = view
end
return views
