import { workflowLimits } from '@steptrail/workflow'
import { knownJobsScript } from './known-jobs.ts'

/** As many characters as the trail keeps of an error, and one more, which shows that it was cut. */
const keptOfErrorBytes = 4 * (workflowLimits.errorTextLength + 1)

/**
 * Lua that every script begins with: `collect` takes what BullMQ has written to the stream of events of a queue since
 * it was taken last, with what the hashes of its jobs say of it, into the outbox, and moves the cursor. A script is
 * atomic, so that an entry is there once, whoever collects, and before whatever the script does next.
 *
 * KEYS: the state of the queue, the jobs that are known of it, the outbox, the events of BullMQ.
 * ARGV: what the keys of its jobs begin with, its name, the prefix of BullMQ.
 */
export const collectScript = String.raw`
${knownJobsScript}
local function nowMs()
  local time = rcall('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- Times as text, each written once.
local texts = {}
local function textOf(time)
  local text = texts[time]
  if not text then
    text = string.format('%.0f', time)
    texts[time] = text
  end
  return text
end

-- An entry of the outbox. Its content is what only the recorder can make a digest of.
local function append(entry, body, content)
  rcall('XADD', outbox, '*', 'queue', queue, 'jobId', entry.id, 'addedAt', textOf(entry.t), 'kind', entry.kind,
    'at', textOf(entry.at), 'body', cjson.encode(body), unpack(content and {'content', content} or {}))
end

local function optionOf(options, name)
  local isRead, read = pcall(cjson.decode, options or '{}')
  return isRead and type(read) == 'table' and tonumber(read[name]) or nil
end

-- 'queue:id' of the parent, whose key begins with the prefix.
local function parentOf(key)
  if not key then return nil end
  if string.sub(key, 1, #prefix + 1) == prefix .. ':' then return string.sub(key, #prefix + 2) end
  return key
end

-- A job is told of for the first time: hash is false when it is gone already. told: at; made, begun and isBackfilled where
-- it was not seen to be added.
local function tellAdded(id, told, hash)
  local name, data, options, parentKey
  if hash then name, data, options, parentKey = unpack(hash.added or addedOf(id)) end
  local facts = {t = hash and hash.t or told.at, n = name or told.name or 'unknown', a = optionOf(options, 'attempts') or 0,
    m = told.made or 0, s = told.begun or 0, st = 'w'}
  append({id = id, t = facts.t, kind = 'added', at = told.at}, {
    name = facts.n, attempts = facts.a, parent = parentOf(parentKey), isBackfilled = told.isBackfilled
  }, data)
  setFacts(id, facts)
  return facts
end

-- A job of which it was not seen that it was added. told: at, made, begun, and whether it is active. Attempts that were
-- made before are not observable.
local function tellUnknown(id, told, hash)
  told.isBackfilled = true
  local facts = tellAdded(id, told, hash)
  if told.isActive then facts.st = 'a' end
  facts.u = not hash or facts.s > (told.isActive and 1 or 0) or nil
  return facts
end

-- BullMQ has a job no more, and nobody knows what became of it.
local function tellGone(id, facts, at)
  if facts.st ~= 'e' then append({id = id, t = facts.t, kind = 'removed', at = at}, {from = 'unknown'}) end
  setFacts(id, false)
end

-- What failed in an attempt that was made before others, from the traces that BullMQ keeps of them; nil where these do
-- not tell which is which.
local function tracedError(id, attempt, failures)
  local kept, options = unpack(rcall('HMGET', base .. id, 'stacktrace', 'opts'))
  local isRead, traces = pcall(cjson.decode, kept or '[]')
  if not isRead or type(traces) ~= 'table' then return nil end
  if #traces ~= failures and not optionOf(options, 'stackTraceLimit') then return nil end
  local trace = traces[#traces - (failures - attempt)]
  if type(trace) ~= 'string' then return nil end
  local text = string.match(trace, '^(.-)\n%s+at ') or trace
  return string.match(text, '^[%w_.$]+: (.*)$') or text
end

local function isDeferredText(text)
  return text == 'job stalled more than allowable limit' or string.match(text, '^child .* failed$') ~= nil
end

-- A job is not active any more. told: at, to; counted as an attempt or not; error, retryAt, content where they are known.
local function tellLeft(id, facts, told)
  local made = told.made or (told.isCounted and facts.m + 1 or facts.m)
  append({id = id, t = facts.t, kind = 'left', at = told.at}, {
    name = facts.n, attempts = facts.a, made = made, to = told.to,
    hasFailed = told.to ~= 'completed' and told.isCounted or false,
    isStalled = told.isStalled or false,
    isDeferred = told.to == 'failed' and (facts.d or isDeferredText(told.error or '')) or
      told.isStalled and facts.d or false,
    startedAt = facts.on, endedAt = told.endedAt, worker = facts.w, delay = told.delay or 0, retryAt = told.retryAt,
    error = told.error and string.sub(told.error, 1, ${keptOfErrorBytes}), isBackfilled = facts.u
  }, told.content)
  facts.m = made
  facts.st = (told.to == 'completed' or told.to == 'failed') and 'e' or 'w'
  facts.on, facts.w = nil, nil
  if facts.st == 'e' then facts.d = nil end
  setFacts(id, facts)
end

local function isBefore(one, other)
  local oneMs, oneSeq = string.match(one, '^(%d+)-(%d+)$')
  local otherMs, otherSeq = string.match(other, '^(%d+)-(%d+)$')
  if oneMs ~= otherMs then return tonumber(oneMs) < tonumber(otherMs) end
  return tonumber(oneSeq) < tonumber(otherSeq)
end

-- How many entries the stream of events has had and has, and its last id.
local function extentOfEvents()
  if rcall('EXISTS', events) == 0 then return {added = 0, length = 0, last = '0-0'} end
  local info, found = rcall('XINFO', 'STREAM', events), {}
  for i = 1, #info, 2 do found[info[i]] = info[i + 1] end
  return {added = found['entries-added'], length = found['length'], last = found['last-generated-id']}
end

-- Whether events are lost that no comparison of the jobs has accounted for yet.
local hasLost

-- Counts what was trimmed before it was read, so that the jobs are compared.
local function noteLost(count)
  hasLost = true
  rcall('HINCRBY', state, 'lost', count)
  rcall('HINCRBY', state, 'unsure', 1)
end

-- Where reading goes on: the id that was read last, and how many entries there were up to it.
local function place()
  local cursor, position, lost, accounted = unpack(rcall('HMGET', state, 'cursor', 'position', 'lost', 'accounted'))
  position = tonumber(position)
  hasLost = lost and lost ~= accounted
  local first = rcall('XRANGE', events, '-', '+', 'COUNT', 1)[1]
  -- Nothing after the cursor is trimmed where something up to it is not.
  if first and not isBefore(cursor, first[1]) then return cursor, position end
  local extent = extentOfEvents()
  if isBefore(extent.last, cursor) or extent.added < position then
    -- Another stream than that which was read, as after the queue was obliterated.
    noteLost(1)
    cursor, position = '0-0', 0
  end
  local gone = extent.added - extent.length
  if gone > position then
    noteLost(gone - position)
    position = gone
  end
  return cursor, position
end

local function parsed(entry)
  -- With room for what it gets, so that it does not grow.
  local event = {at = tonumber(string.match(entry[1], '^%d+')), event = nil, jobId = nil, prev = nil, kind = nil}
  local fields = entry[2]
  for i = 1, #fields, 2 do event[fields[i]] = fields[i + 1] end
  return event
end

local function kindOf(event, following, wasActive)
  local name, prev = event.event, event.prev
  if name == 'added' or name == 'active' or name == 'removed' or name == 'cleaned' then return name end
  if name == 'completed' or name == 'failed' then return 'left' end
  -- A job that is added with a delay, or delayed once more, leaves nothing.
  if name == 'delayed' then return wasActive and 'left' or nil end
  if name == 'waiting-children' then return prev == 'active' and 'left' or nil end
  if name ~= 'waiting' then return nil end
  if prev == 'failed' or prev == 'completed' then return 'taken_up' end
  if prev ~= 'active' then return nil end
  event.isStalled = following ~= nil and following.event == 'stalled' and following.jobId == event.jobId
  return 'left'
end

-- Whether BullMQ may have counted an attempt.
local function isCountable(event)
  return event.kind == 'left' and not event.isStalled and event.event ~= 'waiting-children'
end

-- At which places of what is read a job was last added, was active, left that, and was taken up after it had ended; and
-- how often it was active, and how many attempts of it may have been counted.
local function surveyed(read)
  local last = {added = {}, active = {}, left = {}, taken_up = {}, actives = {}, countable = {}}
  local isActive = {}
  for i, event in ipairs(read) do
    local id = event.jobId
    if event.event == 'delayed' and isActive[id] == nil then
      local facts = factsOf(id)
      isActive[id] = facts and facts.st == 'a'
    end
    event.kind = kindOf(event, read[i + 1], isActive[id])
    if event.kind and id then
      local before = last.left[id]
      -- That it is given up is told only when it fails; when it stalled, this was decided.
      if before and event.event == 'failed' and isDeferredText(event.failedReason or '') then
        read[before].isGivenUp = true
      end
      if last[event.kind] then last[event.kind][id] = i end
      isActive[id] = event.kind == 'active'
      if event.kind == 'active' then last.actives[id] = (last.actives[id] or 0) + 1 end
      if isCountable(event) then last.countable[id] = (last.countable[id] or 0) + 1 end
    end
  end
  return last
end

-- It had ended, and goes on.
local function tellTakenUp(id, facts, at, from)
  append({id = id, t = facts.t, kind = 'taken_up', at = at}, {from = from})
  facts.st = 'w'
  setFacts(id, facts)
end

-- What must have been between what is known of a job and that it is active, or left that, and was lost.
local function tellLostEnd(id, facts, at)
  if facts.st ~= 'w' then facts.u = true end
  if facts.st == 'a' then tellLeft(id, facts, {at = at, to = 'waiting', isCounted = false})
  elseif facts.st == 'e' then tellTakenUp(id, facts, at, 'unknown') end
end

-- An end that an event is about, and that was not seen.
local function tellUnseenEnd(id, facts, event)
  if facts.st == 'e' then return end
  facts.u = true
  tellLeft(id, facts, {at = event.at, to = event.prev, isCounted = true})
end

local tell = {}

function tell.added(id, event, hash, before)
  -- It was added before, and must be gone: BullMQ tells nobody when it drains a queue.
  if before then tellGone(id, before, event.at) end
  tellAdded(id, {at = event.at, name = event.name}, hash)
end

function tell.active(id, event, hash, facts, seen)
  tellLostEnd(id, facts, event.at)
  facts.st, facts.s = 'a', facts.s + 1
  facts.on = seen.isLastActive and hash and hash.processedOn or event.at
  facts.w = seen.isLastActive and hash and hash.pb or nil
  setFacts(id, facts)
end

function tell.taken_up(id, event, hash, facts, seen)
  tellUnseenEnd(id, facts, event)
  tellTakenUp(id, facts, event.at, event.prev)
  if hash and hash.atm < facts.m then
    -- BullMQ was told to count anew.
    facts.m = 0
  elseif hash and facts.m > 0 and hash.atm <= seen.countable then
    -- It may have been.
    facts.u = true
  end
  if hash then facts.s = math.min(facts.s, hash.ats) end
  setFacts(id, facts)
end

function tell.removed(id, event, hash, facts)
  if event.prev == 'completed' or event.prev == 'failed' then
    tellUnseenEnd(id, facts, event)
  else
    append({id = id, t = facts.t, kind = 'removed', at = event.at},
      {from = event.prev or 'unknown', isBackfilled = facts.u})
  end
  setFacts(id, false)
end

-- Whether an attempt was counted when a job left it for another. Where that cannot be told, attempts are not observable.
local function wasCounted(event, hash, facts, seen)
  if not isCountable(event) then return false end
  if hash and hash.atm - facts.m >= seen.countable then return true end
  -- When it is taken up, their number may begin anew.
  if not hash or hash.atm > facts.m or seen.isTakenUpLater then facts.u = true end
  return false
end

function tell.left(id, event, hash, facts, seen)
  if facts.st == 'e' then tellLostEnd(id, facts, event.at) end
  local isEnd = event.event == 'completed' or event.event == 'failed'
  local exact = seen.isLastLeft and hash
  local told = {at = event.at, to = event.event, isStalled = event.isStalled,
    retryAt = event.event == 'delayed' and tonumber(event.delay) or nil}
  told.isCounted = isEnd or wasCounted(event, hash, facts, seen)
  if exact then told.made = hash.atm end
  if isEnd then told.endedAt = exact and hash.finishedOn or event.at end
  if event.event == 'completed' then told.content = event.returnvalue
  elseif event.event == 'failed' then told.error = event.failedReason
  elseif told.isCounted and exact then told.error = hash.failedReason or nil
  elseif told.isCounted and hash then
    told.error = tracedError(id, facts.m + 1, hash.atm - (seen.isCompletedLater and 1 or 0))
  end
  if told.retryAt then
    told.delay = exact and hash.delay > 0 and hash.delay or math.max(0, told.retryAt - event.at)
  end
  if event.isStalled and (event.isGivenUp or exact and hash.defa) then facts.d = true end
  tellLeft(id, facts, told)
end

-- Tells of so much of what is read; what comes after that says whose the hashes are.
local function tellAll(read, count)
  local last = surveyed(read)
  for i = 1, count do
    local event = read[i]
    local id = event.jobId
    if event.kind == 'cleaned' then
      rcall('HINCRBY', state, 'unsure', 1)
    elseif event.kind then
      local facts = factsOf(id)
      local hash = hashOf(id, event.kind == 'added')
      -- Of another job under this id, which was added since.
      if (last.added[id] or 0) > i or (event.kind ~= 'added' and facts and hash and hash.t ~= facts.t) then
        hash = false
      end
      local countable, actives = last.countable[id] or 0, last.actives[id] or 0
      if isCountable(event) then last.countable[id] = countable - 1 end
      if event.kind == 'active' then last.actives[id] = actives - 1 end
      -- How often it was begun before this.
      local begun = hash and math.max(0, hash.ats - actives) or 0
      if event.kind ~= 'added' and not facts then
        facts = tellUnknown(id, {at = event.at, made = hash and math.max(0, hash.atm - countable) or 0, begun = begun,
          isActive = event.kind == 'left'}, hash)
      elseif event.kind ~= 'added' and (begun > facts.s or (hasLost and not hash)) then
        -- In what was lost, or may have been.
        facts.s, facts.u = math.max(begun, facts.s), true
      end
      local lastLeft = last.left[id]
      tell[event.kind](id, event, hash, facts, {
        isLastActive = last.active[id] == i, isLastLeft = lastLeft == i, countable = countable,
        isTakenUpLater = (last.taken_up[id] or 0) > i,
        isCompletedLater = lastLeft ~= nil and read[lastLeft].event == 'completed'
      })
    end
  end
end

-- Takes so many events, and more where many are left: each is read again every time until it is taken. Gives whether all
-- that there is was taken.
local function collect(atLeast)
  local cursor, position = place()
  local entries = rcall('XRANGE', events, '(' .. cursor, '+', 'COUNT', 20000)
  local read = {}
  for i, entry in ipairs(entries) do read[i] = parsed(entry) end
  local taken = math.min(math.max(atLeast, math.ceil(#read / 8)), #read)
  readFacts(read, taken)
  tellAll(read, taken)
  keep()
  if taken > 0 then cursor = entries[taken][1] end
  rcall('HSET', state, 'cursor', cursor, 'position', position + taken)
  return taken == #entries and #entries < 20000
end

local function collectAll()
  while not collect(20000) do hashes, known = {}, {} end
end

if rcall('HEXISTS', state, 'cursor') == 0 then
  return redis.error_reply('STEPTRAIL queue ' .. queue .. ' is not observed: call install with it')
end
`
