-- Creates the consumer group of an input, and the stream, unless it is there. A
-- group that was there before, as the ledger tells, begins where it had come to.
--
-- KEYS: the stream, its ledger. ARGV: group, where a new one begins.
-- Returns what was found, and what the ledger said before:
--   "there";
--   "nothing";
--   "lost": the stream is still the same, or
--   "another": it was deleted, and may have begun anew;
-- then where the group begins, settled, gone, added, position and last.

local stream, ledger, name, start = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local there = is_stream(stream)
if there and group_of(stream, name) then
  return {'there', '', 0, 0, 0, '', ''}
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
local function count_to(id)
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
local function passed(id)
  if not is_stream(stream) then
    return 0
  end
  local info = table_of(redis.call('XINFO', 'STREAM', stream))
  local added = info['entries-added']
  if added and not less(id, info['last-generated-id']) then
    return added
  end
  local left = added and count_to(id)
  return left and added - info['length'] + left
end

-- Whether the stream is another one than that of the ledger: it has less than that one
-- had, or lacks what is never removed without being counted.
local function is_another(added, behind, position, last)
  local info = table_of(redis.call('XINFO', 'STREAM', stream))
  local now, first = info['entries-added'], redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  if less(info['last-generated-id'], position) or last ~= '' and less(info['last-generated-id'], last) then
    return true
  elseif not now then
    return false
  end
  local removed, first_id = now - info['length'], first and first[1] or '18446744073709551615-18446744073709551615'
  return now < added or last ~= '' and less(last, first_id) and removed < added or less(position, first_id) and removed < behind
end

local values = redis.call('HMGET', ledger, 'settled', 'gone', 'added', 'behind', 'position', 'last')
for i = 1, 4 do
  values[i] = tonumber(values[i] or 0)
end
local settled, gone, added, behind, position, last = unpack(values)
position, last = position or '', last or ''
local found = 'nothing'
if position ~= '' then
  found, start = 'lost', position
  if not there or is_another(added, behind, position, last) then
    found, start = 'another', '0'
  end
end

-- A server that is full lets a script go on that has begun to write.
redis.call('XACK', stream, name, '0-0')
redis.call('XGROUP', 'CREATE', stream, name, start, 'MKSTREAM')
if found ~= 'lost' then
  start = group_of(stream, name)['last-delivered-id']
  redis.call('DEL', ledger)
  redis.call('HSET', ledger, 'position', start, 'checked', start)
  local gone = passed(start)
  if gone then
    redis.call('HSET', ledger, 'gone', gone)
  end
end
return {found, start, settled, gone, added, position, last}
