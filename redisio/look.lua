-- Tells how it stands with the streams, their consumer groups and the ledgers of the
-- inputs, all at one moment.
--
-- KEYS: lease, owner; for each input the stream and its ledger; the outputs.
-- ARGV: the value of the caller's ownership, "" if he never was the owner;
--       the number of inputs;
--       for each input the group; and what the caller has found out for the ledger,
--       gone and checked, "" if nothing, and what gone was there when he did;
--       for each output the group.
-- Returns for each input
--   whether the stream is there, its length, its first id, the last id it ever had,
--   how many entries it ever had, the greatest id that was deleted one by one;
--   whether the group is there, the last id it delivered, how many entries are
--   pending in it;
--   of the ledger settled, gone, position and checked;
--   and, if the stream is another one since somebody looked: 1, and what the ledger said
--   of the one before, settled, gone, added, position and last;
-- for each output whether the group is there;
-- and of the first output, if there is one, the length of the stream, its first id, the last
-- id it ever had, how many entries it ever had, and the time of the server in milliseconds.
-- A number that is not known is -1; an id is empty then, and so is gone, which is a
-- text. A key that holds something else counts as no stream: who reads or writes it
-- will be told.

-- Who was fenced writes nothing.
local lease, owner = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
local may_write = owner == ARGV[1] or ARGV[1] == '' and not lease

local function look_at(key, ledger, name, gone, checked, was)
  local view, replaced = {0, 0, '', '', -1, '', 0, '', 0}, {0}
  if is_stream(key) then
    local stream = table_of(redis.call('XINFO', 'STREAM', key))
    local first = first_of(key)
    view[1], view[2], view[3], view[4] = 1, stream['length'], stream['length'] > 0 and first or '', stream['last-generated-id']
    view[5], view[6] = stream['entries-added'] or -1, stream['max-deleted-entry-id'] or ''
    local group = group_of(key, name)
    if group then
      view[7], view[8], view[9] = 1, group['last-delivered-id'], redis.call('XPENDING', key, name)[1]
      if may_write then
        -- A server that is full lets a script go on that has begun to write.
        redis.call('XACK', key, name, '0-0')
        local old = redis.call('HMGET', ledger, 'settled', 'gone', 'added', 'position', 'last')
        for i = 1, 3 do
          old[i] = tonumber(old[i] or 0)
        end
        if is_replaced(stream, first, old[3], old[5] or '') then
          -- Somebody has created the group before we could: the ledger begins anew.
          redis.call('DEL', ledger)
          redis.call('HSET', ledger, 'position', view[8], 'checked', view[8])
          local behind = passed(key, view[8])
          if behind then
            redis.call('HSET', ledger, 'gone', behind - view[9])
          end
          replaced = {1, old[1], old[2], old[3], old[4] or '', old[5] or ''}
        end
        redis.call('HSET', ledger, 'added', view[5], 'last', view[4])
        -- The ledger may be another one since, or have gone back with the server.
        if gone ~= '' and replaced[1] == 0 and (redis.call('HGET', ledger, 'gone') or '') == was then
          redis.call('HSET', ledger, 'gone', gone, 'checked', checked)
        end
      end
    end
  end
  local values = redis.call('HMGET', ledger, 'settled', 'gone', 'position', 'checked')
  view[10] = tonumber(values[1] or 0)
  for i = 2, 4 do
    view[9 + i] = values[i] or ''
  end
  for _, value in ipairs(replaced) do
    table.insert(view, value)
  end
  return view
end

local function look_at_journal(key)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if not is_stream(key) then
    return {0, '', '', -1, now}
  end
  local stream = table_of(redis.call('XINFO', 'STREAM', key))
  local first = stream['length'] > 0 and first_of(key) or ''
  return {stream['length'], first, stream['last-generated-id'], stream['entries-added'] or -1, now}
end

local answer, key, arg = {}, 3, 3
for _ = 1, tonumber(ARGV[2]) do
  table.insert(answer, look_at(KEYS[key], KEYS[key + 1], ARGV[arg], ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3]))
  key, arg = key + 2, arg + 4
end
for i = 0, #KEYS - key do
  local there = is_stream(KEYS[key + i]) and group_of(KEYS[key + i], ARGV[arg + i])
  table.insert(answer, there and 1 or 0)
end
if key <= #KEYS then
  table.insert(answer, look_at_journal(KEYS[key]))
end
return answer
