-- What the scripts have in common that keep the ledger of an input. That is a hash,
-- beside the stream and with these fields:
--
--   settled      how many entries the commits have acknowledged
--   gone         how many more the group has behind it and will never get
--   position     all entries up to this id are settled or gone, and
--   behind       that many of them at least
--   checked      up to this id no entry is missing that was not told of
--   added, last  how many entries the stream ever had when it was last looked at,
--                and the id of the last one
--   generation   a name of the group that was created last, which no other one has,
--   created      and what group.lua answered then
--   done         of the first input: the token of the commit that was done last, if it has one
--   call         of the first input: which owner committed last, and the number of his
--                call, where there are repetitions
--
-- Of the entries behind the group, those are lost that are neither settled, nor gone,
-- nor pending.

-- Names and values in turn become a table.
local function table_of(list)
  local values = {}
  for i = 1, #list, 2 do
    values[list[i]] = list[i + 1]
  end
  return values
end

local function is_stream(key)
  return redis.call('TYPE', key).ok == 'stream'
end

-- The group of a stream, or nil.
local function group_of(key, name)
  for _, list in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    local group = table_of(list)
    if group['name'] == name then
      return group
    end
  end
end

-- An id that is smaller, and as great as can be written without loss.
local function before(id)
  local ms, number = string.match(id, '^(%d+)-(%d+)$')
  if number == '0' then
    return string.format('%.0f', ms - 1) .. '-18446744073709551615'
  end
  return ms .. '-' .. string.format('%.0f', math.min(number, 2 ^ 53) - 1)
end

-- Counts entries that were acknowledged. The group stands at an id that it has
-- delivered last.
local function settle(ledger, key, name, delivered, count)
  local settled = redis.call('HINCRBY', ledger, 'settled', count)
  local pending = redis.call('XPENDING', key, name)
  if pending[1] > 0 then
    redis.call('HSET', ledger, 'position', before(pending[2]))
  else
    local gone = tonumber(redis.call('HGET', ledger, 'gone') or 0) or 0
    redis.call('HSET', ledger, 'position', delivered, 'behind', settled + gone)
  end
end

-- Whether an id is smaller than another one.
local function less(a, b)
  local function parts(id)
    local ms, number = string.match(id, '^(%d+)-?(%d*)$')
    return string.rep('0', 20 - #ms) .. ms, string.rep('0', 20 - #number) .. number
  end
  local ms, number = parts(a)
  local other_ms, other_number = parts(b)
  return ms < other_ms or ms == other_ms and number < other_number
end

-- How many entries that are left lie up to an id; nil where they are too many to be
-- counted in one go.
local function count_to(stream, id)
  local count, from = 0, '-'
  while count < 10000 do
    local page = redis.call('XRANGE', stream, from, id, 'COUNT', 100)
    count = count + #page
    if #page < 100 then
      return count
    end
    from = '(' .. page[#page][1]
  end
end

-- How many entries that the stream ever had lie behind an id, if it can be told.
local function passed(stream, id)
  if not is_stream(stream) then
    return 0
  end
  local info = table_of(redis.call('XINFO', 'STREAM', stream))
  local added = info['entries-added']
  if added and not less(id, info['last-generated-id']) then
    return added
  end
  local left = added and count_to(stream, id)
  return left and added - info['length'] + left
end

-- The id of the first entry that is left, or one that is greater than all.
local function first_of(stream)
  local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  return first and first[1] or '18446744073709551615-18446744073709551615'
end

-- Whether a stream is another one than when it ever had so many entries, the last one of
-- which is given: it has had less, or lacks what is never removed without being
-- counted.
local function is_replaced(info, first, added, last)
  if last == '' then
    return false
  elseif less(info['last-generated-id'], last) then
    return true
  end
  local now = info['entries-added']
  return now and (now < added or less(last, first) and now - info['length'] < added)
end
