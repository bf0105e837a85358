-- Publishes outputs and acknowledges the inputs they were made from, wholly or
-- not at all, and only once however often it is called.
--
-- First comes everything that may refuse, then the outputs, and the inputs last:
-- should the server refuse an XADD after all, the inputs are still pending.
--
-- KEYS: the key of the tokens, the outputs, the inputs, and the dead-letter
--       stream if there is one.
-- ARGV: token, time, number of outputs, number of inputs, dead-letter length,
--       for each output: field, length, least id,
--       for each input: group,
--       for each entry: index of its input, id,
--                       number of messages, the messages,
--                       number of dead-letter values, the values.
-- A length or least id that is empty means no bound. A call without inputs has a
-- token, which no other call has, and one entry of input 0.
-- Returns the number of entries whose outputs were written.

local token, time, dead_length = ARGV[1], ARGV[2], ARGV[5]
local tokens, outputs, inputs, entries = KEYS[1], {}, {}, {}
local arg = 6
for i = 1, tonumber(ARGV[3]) do
  outputs[i] = {key = KEYS[1 + i], field = ARGV[arg], length = ARGV[arg + 1], least = ARGV[arg + 2]}
  arg = arg + 3
end
for i = 1, tonumber(ARGV[4]) do
  inputs[i] = {key = KEYS[1 + #outputs + i], group = ARGV[arg], ids = {}, pending = {}}
  arg = arg + 1
end
local dead_letter = KEYS[2 + #outputs + #inputs]

while arg <= #ARGV do
  local entry = {input = inputs[tonumber(ARGV[arg])], id = ARGV[arg + 1], messages = {}, dead = {}}
  arg = arg + 2
  for _, list in ipairs({entry.messages, entry.dead}) do
    for i = 1, tonumber(ARGV[arg]) do
      list[i] = ARGV[arg + i]
    end
    arg = arg + 1 + #list
  end
  if entry.input then
    table.insert(entry.input.ids, entry.id)
  end
  table.insert(entries, entry)
end

-- An output that cannot be written must be noticed before another one is.
local function must_be_stream(key)
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'none' and kind ~= 'stream' then
    return redis.error_reply('WRONGTYPE the key ' .. key .. ' holds a ' .. kind .. ' and not a stream')
  end
end
for _, output in ipairs(outputs) do
  local wrong = must_be_stream(output.key)
  if wrong then
    return wrong
  end
end
if dead_letter then
  local wrong = must_be_stream(dead_letter)
  if wrong then
    return wrong
  end
end

if token ~= '' and redis.call('ZSCORE', tokens, token) then
  return 0
end

-- Which entries are still pending is asked for their whole range at once, and one
-- by one only where others lie between them.
for _, input in ipairs(inputs) do
  local ids = input.ids
  if #ids > 0 then
    local rows = redis.call('XPENDING', input.key, input.group, ids[1], ids[#ids], #ids)
    for _, row in ipairs(rows) do
      input.pending[row[1]] = true
    end
    if #rows == #ids then
      for _, id in ipairs(ids) do
        if not input.pending[id] and #redis.call('XPENDING', input.key, input.group, id, id, 1) > 0 then
          input.pending[id] = true
        end
      end
    end
  end
end

local function add(key, length, least, ...)
  if length ~= '' then
    redis.call('XADD', key, 'MAXLEN', '~', length, '*', ...)
  elseif least ~= '' then
    redis.call('XADD', key, 'MINID', '~', least, '*', ...)
  else
    redis.call('XADD', key, '*', ...)
  end
end

local written = 0
for _, entry in ipairs(entries) do
  if not entry.input or entry.input.pending[entry.id] then
    written = written + 1
    for _, message in ipairs(entry.messages) do
      for _, output in ipairs(outputs) do
        add(output.key, output.length, output.least, output.field, message)
      end
    end
    if dead_letter and #entry.dead > 0 then
      add(dead_letter, dead_length, '', unpack(entry.dead))
    end
  end
end

for _, output in ipairs(outputs) do
  if written > 0 and output.length ~= '' and output.least ~= '' then
    redis.call('XTRIM', output.key, 'MINID', '~', output.least)
  end
end
if token ~= '' then
  redis.call('ZADD', tokens, time, token)
  redis.call('ZREMRANGEBYRANK', tokens, 0, -1001)
end
for _, input in ipairs(inputs) do
  if #input.ids > 0 then
    redis.call('XACK', input.key, input.group, unpack(input.ids))
  end
end
return written
