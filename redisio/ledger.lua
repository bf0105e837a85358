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
