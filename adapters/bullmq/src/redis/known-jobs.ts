/**
 * Lua for what is known of the jobs of a queue, and for what BullMQ has of them. What is read together is one call:
 * each takes Redis about as long as what it does.
 *
 * KEYS: the state of the queue, the jobs that are known of it, the outbox, the events of BullMQ.
 * ARGV: what the keys of its jobs begin with, its name, the prefix of BullMQ.
 *
 * Of a job is known: t when it was added, n its name, a its attempts at most, m those that were made, s how often it
 * was begun, st that it waits (w), is active (a) or has ended (e), on since when it is active, w by which worker, d that
 * it is to fail, u that attempts of it were not seen.
 */
export const knownJobsScript = String.raw`
local rcall = redis.call
local state, jobs, outbox, events = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local base, queue, prefix = ARGV[1], ARGV[2], ARGV[3]

-- How many values a call is given at most: Lua has room for some thousands.
local atOnce = 1000

-- What is known of jobs, as it is changed; written by keep.
local known, changed = {}, {}

local function factsOf(id)
  if known[id] == nil then
    local kept = rcall('HGET', jobs, id)
    known[id] = kept and cmsgpack.unpack(kept) or false
  end
  return known[id]
end

-- Of all jobs that the first of the events are of.
local function readFacts(read, count)
  local ids, isAsked = {}, {}
  for i = 1, count do
    local id = read[i].jobId
    if id and known[id] == nil and not isAsked[id] then
      ids[#ids + 1], isAsked[id] = id, true
    end
  end
  for from = 1, #ids, atOnce do
    local kept = rcall('HMGET', jobs, unpack(ids, from, math.min(from + atOnce - 1, #ids)))
    for i, facts in ipairs(kept) do known[ids[from + i - 1]] = facts and cmsgpack.unpack(facts) or false end
  end
end

local function setFacts(id, facts)
  known[id] = facts
  changed[id] = true
end

-- What of a job is told when it was added.
local function addedOf(id)
  return rcall('HMGET', base .. id, 'name', 'data', 'opts', 'parentKey')
end

local hashes = {}
-- What changes of a job while BullMQ has it, as it is now, and with it what addedOf gives where that is asked for at
-- once; false when BullMQ has it no more.
local function hashOf(id, isAdded)
  if hashes[id] == nil then
    local v = rcall('HMGET', base .. id, 'timestamp', 'atm', 'ats', 'processedOn', 'finishedOn', 'failedReason',
      'delay', 'pb', 'defa', unpack(isAdded and {'name', 'data', 'opts', 'parentKey'} or {}))
    hashes[id] = v[1] and {
      t = tonumber(v[1]), atm = tonumber(v[2]) or 0, ats = tonumber(v[3]) or 0, processedOn = tonumber(v[4]),
      finishedOn = tonumber(v[5]), failedReason = v[6], delay = tonumber(v[7]) or 0, pb = v[8] or nil, defa = v[9],
      added = isAdded and {v[10], v[11], v[12], v[13]} or nil
    } or false
  end
  return hashes[id]
end

local function callWith(command, values)
  for from = 1, #values, atOnce do
    rcall(command, jobs, unpack(values, from, math.min(from + atOnce - 1, #values)))
  end
end

local function keep()
  local kept, gone = {}, {}
  for id in pairs(changed) do
    local facts = known[id]
    -- Of a job that has ended and is gone nothing more will be told.
    if not facts or (facts.st == 'e' and not hashOf(id)) then
      gone[#gone + 1] = id
    else
      kept[#kept + 1] = id
      kept[#kept + 1] = cmsgpack.pack(facts)
    end
  end
  callWith('HSET', kept)
  callWith('HDEL', gone)
  changed = {}
end
`
