-- Creates the consumer group of an input, and the stream, unless it is there. A
-- group that was there before, as the ledger tells, begins where it had come to.
--
-- KEYS: the stream, its ledger. ARGV: group, where a new one begins, its generation, the
--       generation that the caller knew, "" if none, and his name as a consumer.
-- Returns what was found, and what the ledger said before:
--   "there";
--   "nothing";
--   "lost": the stream is still the same, or
--   "another": it was deleted, and may have begun anew;
-- then where the group begins, settled, gone, added, position and last; its generation;
-- and the ids of what it has delivered to the caller since it was created. Called again
-- with the same generation, because its answer was lost, it gives the same answer; so it
-- does to a caller who knew an earlier generation: somebody else has created the group
-- since, but what follows from that is for everybody to do.

local stream, ledger, name, start, generation = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]
local before, consumer = ARGV[4], ARGV[5]
local there = is_stream(stream)
if there and group_of(stream, name) then
  local known = redis.call('HMGET', ledger, 'generation', 'created')
  if not known[1] then
    redis.call('XACK', stream, name, '0-0') -- for a server that is full, as below
    redis.call('HSET', ledger, 'generation', generation)
  elseif known[2] and (known[1] == generation or before ~= '' and known[1] ~= before) then
    local answer, delivered = cjson.decode(known[2]), {}
    for i, row in ipairs(redis.call('XPENDING', stream, name, '-', '+', 1000000, consumer)) do
      delivered[i] = row[1]
    end
    answer[9] = delivered
    return answer
  end
  return {'there', '', 0, 0, 0, '', '', known[1] or generation, {}}
end

-- Whether the stream is another one than that of the ledger, as is_replaced tells, and
-- by what was settled.
local function is_another(added, behind, position, last)
  local info = table_of(redis.call('XINFO', 'STREAM', stream))
  local first = first_of(stream)
  return less(info['last-generated-id'], position) or is_replaced(info, first, added, last)
    or info['entries-added'] and less(position, first) and info['entries-added'] - info['length'] < behind
end

-- What an earlier creation had found, that is not known to the caller: he was told of none
-- since the generation that he knew, and is told now.
local unseen = {}
local created = redis.call('HMGET', ledger, 'generation', 'created')
if before ~= '' and created[2] and created[1] ~= before then
  unseen = cjson.decode(created[2])
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
  local gone = passed(stream, start)
  if gone then
    redis.call('HSET', ledger, 'gone', gone)
  end
end
local answer = {found, start, settled, gone, added, position, last, generation}
if found == 'lost' and unseen[1] and unseen[1] ~= 'lost' then
  unseen[2], unseen[8] = start, generation
  answer = unseen
end
redis.call('HSET', ledger, 'generation', generation, 'created', cjson.encode(answer))
answer[9] = {}
return answer
