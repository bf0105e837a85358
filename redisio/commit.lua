-- Publishes outputs and acknowledges the inputs they were made from, wholly or
-- not at all, and only once however often it is called.
--
-- First comes everything that may refuse, then the outputs, and the inputs last:
-- should the server refuse an XADD after all, the inputs are still pending.
--
-- KEYS: lease, owner, the key of the tokens, the outputs, the inputs, the ledgers of
--       the inputs, and the dead-letter stream if there is one.
-- ARGV: the value of the caller's ownership, "" if he never was the owner,
--       how long to put him on record where no owner is, "" for not at all,
--       number of outputs, number of inputs, dead-letter length,
--       number of this call among those of the caller, "" if that does not matter,
--       "1" if all entries are repetitions, else "",
--       the token of the call that must have succeeded last, "" if it does not matter,
--       the token of this call, "" if no other one asks for it,
--       for each output: field, length, least id, content type, place,
--       for each input: group, generation, "" if it does not matter,
--       number of values of a message,
--       for each entry: index of its input, id,
--                       number of values of all its messages, the values,
--                       number of dead-letter values, the values.
-- A length or least id that is empty means no bound. A message without an input
-- is an entry of input 0, and its id is a token, which no other message has.
-- The place says which value of a message the output gets. One with a content type
-- also gets that, and the second and third value, action id and termination; where its
-- value is empty it gets nothing.
-- Returns three numbers: the entries that were not done yet, and the messages and
-- dead letters that were written for them; then the indexes of the other entries.

-- Who is not the owner writes nothing, even if he was when he sent this.
local lease, owner, claim = KEYS[1], KEYS[2], ARGV[1]
if claim == '' then
  local holder = redis.call('GET', lease)
  if holder then
    return redis.error_reply('FENCED the owner is ' .. holder)
  end
else
  local on_record = redis.call('GET', owner)
  if on_record ~= claim then
    local holder = on_record or redis.call('GET', lease)
    if on_record or holder and holder ~= claim or ARGV[2] == '' then
      return redis.error_reply('FENCED the owner is ' .. (holder or 'not known'))
    end
    redis.call('SET', lease, claim, 'PX', ARGV[2])
    redis.call('SET', owner, claim)
  end
end

local tokens, outputs, entries = KEYS[3], {}, {}
local alone = {ids = {}, pending = {}, settled = 0}
local inputs = {[0] = alone}
local dead_length, number, repetitions = ARGV[5], ARGV[6], ARGV[7] == '1'
local ahead, token_of_call = ARGV[8], ARGV[9]
local arg = 10
for i = 1, tonumber(ARGV[3]) do
  outputs[i] = {
    key = KEYS[3 + i], field = ARGV[arg], length = ARGV[arg + 1], least = ARGV[arg + 2],
    content = ARGV[arg + 3], place = tonumber(ARGV[arg + 4]) - 1,
  }
  arg = arg + 5
end
for i = 1, tonumber(ARGV[4]) do
  inputs[i] = {key = KEYS[3 + #outputs + i], group = ARGV[arg], generation = ARGV[arg + 1],
    ids = {}, pending = {}, settled = 0}
  arg = arg + 2
end
for i, input in ipairs(inputs) do
  input.ledger = KEYS[3 + #outputs + #inputs + i]
end
local dead_letter = KEYS[4 + #outputs + 2 * #inputs]
local width = tonumber(ARGV[arg])
arg = arg + 1

while arg <= #ARGV do
  local entry = {input = inputs[tonumber(ARGV[arg])], id = ARGV[arg + 1], messages = {}, dead = {}}
  arg = arg + 2
  for _, list in ipairs({entry.messages, entry.dead}) do
    for i = 1, tonumber(ARGV[arg]) do
      list[i] = ARGV[arg + i]
    end
    arg = arg + 1 + #list
  end
  table.insert(entry.input.ids, entry.id)
  table.insert(entries, entry)
end

-- What cannot be written must be noticed before anything else is.
local function wrong_type(key, want)
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE the key ' .. key .. ' holds a ' .. kind .. ' and not a ' .. want)
  end
end
local wrong = wrong_type(tokens, 'zset')
for _, output in ipairs(outputs) do
  wrong = wrong or wrong_type(output.key, 'stream')
end
for _, input in ipairs(inputs) do
  wrong = wrong or wrong_type(input.ledger, 'hash')
end
if dead_letter then
  wrong = wrong or wrong_type(dead_letter, 'stream')
end
if wrong then
  return wrong
end

-- A call that was sent before the one ahead of it was answered must not overtake it: that
-- one may have failed, or come later. That nothing of it is pending would not prove that it
-- has succeeded: a group that was created again has nothing pending.
if ahead ~= '' and redis.call('HGET', inputs[1].ledger, 'done') ~= ahead then
  return redis.error_reply('EARLY the call ahead of this one has not succeeded')
end

for _, token in ipairs(alone.ids) do
  alone.pending[token] = not redis.call('ZSCORE', tokens, token)
end

-- Which entries are still pending is asked for their whole range at once, and one
-- by one where that does not tell of them: others may lie between them, and they are
-- in no order when a group was set back. A group may be gone, and then the
-- caller gets the server's own error. In one that was created again since the caller
-- knew it, that an entry is not pending does not mean that it is done.
for _, input in ipairs(inputs) do
  local ids = input.ids
  if #ids > 0 then
    local generation = redis.call('HGET', input.ledger, 'generation')
    if input.generation ~= '' and generation and generation ~= input.generation then
      return redis.error_reply('NOGROUP the group of ' .. input.key .. ' was created again')
    end
    local rows = redis.pcall('XPENDING', input.key, input.group, ids[1], ids[#ids], #ids)
    if rows.err then
      return rows
    end
    for _, row in ipairs(rows) do
      input.pending[row[1]] = true
    end
    for _, id in ipairs(ids) do
      if not input.pending[id] and #redis.call('XPENDING', input.key, input.group, id, id, 1) > 0 then
        input.pending[id] = true
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

-- The scores of the tokens count up, so that the oldest can be dropped.
local score = 0
if #alone.ids > 0 then
  score = tonumber(redis.call('ZREVRANGE', tokens, 0, 0, 'WITHSCORES')[2] or 0)
end

-- A right that is missing must be noticed before the first XADD, so what comes
-- after it is tried here without effect.
for _, input in ipairs(inputs) do
  if #input.ids > 0 then
    redis.call('XACK', input.key, input.group, '0-0')
    redis.call('HSET', input.ledger, 'settled', redis.call('HINCRBY', input.ledger, 'settled', 0))
    input.delivered = group_of(input.key, input.group)['last-delivered-id']
  end
end
if #alone.ids > 0 then
  redis.call('ZADD', tokens, 'XX', 0, '')
  redis.call('ZREMRANGEBYRANK', tokens, 0, -10001)
end

-- A repetition that was held up on its way must not come behind what ended its event, or
-- changed it: nothing of it is written when a later call of the same owner was here first.
if number ~= '' and inputs[1] then
  local of, last = string.match(redis.call('HGET', inputs[1].ledger, 'call') or '', '^(.*) (%d+)$')
  if of ~= claim or tonumber(last) < tonumber(number) then
    redis.call('HSET', inputs[1].ledger, 'call', claim .. ' ' .. number)
  elseif repetitions and tonumber(last) > tonumber(number) then
    local all = {}
    for i = 1, #entries do
      all[i] = i
    end
    return {0, 0, 0, all}
  end
end

local done, messages, dead, others = 0, 0, 0, {}
for i, entry in ipairs(entries) do
  if not entry.input.pending[entry.id] then
    table.insert(others, i)
  else
    entry.input.pending[entry.id] = false
    entry.input.settled = entry.input.settled + 1
    done = done + 1
    local values = entry.messages
    for first = 1, #values, width do
      for _, output in ipairs(outputs) do
        local message = values[first + output.place]
        if output.content == '' then
          add(output.key, output.length, output.least, output.field, message)
        elseif message ~= '' then
          add(output.key, output.length, output.least, 'actionId', values[first + 1],
            'termination', values[first + 2], 'contentType', output.content, output.field, message)
        end
      end
      messages = messages + 1
    end
    if dead_letter and #entry.dead > 0 then
      add(dead_letter, dead_length, '', unpack(entry.dead))
      dead = dead + 1
    end
    if entry.input == alone then
      score = score + 1
      redis.call('ZADD', tokens, score, entry.id)
    end
  end
end

for _, output in ipairs(outputs) do
  if messages > 0 and output.length ~= '' and output.least ~= '' then
    redis.pcall('XTRIM', output.key, 'MINID', '~', output.least)
  end
end
if #alone.ids > 0 then
  redis.call('ZREMRANGEBYRANK', tokens, 0, -10001)
end
for _, input in ipairs(inputs) do
  if #input.ids > 0 then
    redis.call('XACK', input.key, input.group, unpack(input.ids))
    settle(input.ledger, input.key, input.group, input.delivered, input.settled)
  end
end
if token_of_call ~= '' then
  redis.call('HSET', inputs[1].ledger, 'done', token_of_call)
end
return {done, messages, dead, others}
