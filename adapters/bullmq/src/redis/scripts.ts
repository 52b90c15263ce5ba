import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import { collectScript } from './collect.ts'

/** A script that Redis runs, atomically. */
export interface RedisScript {
  readonly text: string
  readonly sha1: string
}

const script = (text: string): RedisScript => ({ text, sha1: createHash('sha1').update(text).digest('hex') })

/** What a script is given. */
export interface ScriptArguments {
  readonly keys: readonly string[]
  readonly values: readonly (string | number)[]
}

/** Runs a script, which Redis is given once. */
export async function runScript(
  client: Redis,
  { text, sha1 }: RedisScript,
  { keys, values }: ScriptArguments,
): Promise<unknown> {
  const given = [...keys, ...values]
  try {
    return await client.evalsha(sha1, keys.length, ...given)
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return await client.eval(text, keys.length, ...given)
  }
}

/** Takes events into the outbox, ARGV[4] and more where many are left; gives 1 when these were all. */
export const collectEvents = script(`${collectScript}
return collect(tonumber(ARGV[4])) and 1 or 0
`)

/**
 * Lua that compares what is known of a job with what BullMQ has of it, once all events are taken: what it has and is not
 * known, and what changed without an event that could be read.
 */
const compareScript = String.raw`
local at = nowMs()

local function tellEnd(id, facts, hash)
  local to = rcall('ZSCORE', base .. 'failed', id) and 'failed' or 'completed'
  facts.on = facts.on or hash.processedOn
  facts.w = facts.w or hash.pb
  facts.u = true
  tellLeft(id, facts, {at = hash.finishedOn, to = to, isCounted = true, made = hash.atm, endedAt = hash.finishedOn,
    error = to == 'failed' and hash.failedReason or nil,
    content = to == 'completed' and rcall('HGET', base .. id, 'returnvalue') or nil})
end

local function isActiveNow(id)
  return rcall('LPOS', base .. 'active', id) and true or false
end

local function takeState(id, facts, hash, isActive)
  local wasActive = facts.st == 'a'
  local isBegun = hash.ats > facts.s
  if hash.atm == facts.m and not isBegun and isActive == wasActive then return end
  if wasActive and (isBegun or not isActive) then
    facts.u = true
    tellLeft(id, facts, {at = at, to = 'waiting', isCounted = hash.atm > facts.m, made = hash.atm,
      error = hash.failedReason or nil})
  end
  if hash.ats > facts.s + (isActive and 1 or 0) then facts.u = true end
  facts.m, facts.s = hash.atm, hash.ats
  if isActive then facts.st, facts.on, facts.w = 'a', hash.processedOn, hash.pb end
  setFacts(id, facts)
end

local function compare(id)
  local facts, hash = factsOf(id), hashOf(id)
  local isActive = hash and not hash.finishedOn and isActiveNow(id)
  if facts and (not hash or hash.t ~= facts.t) then
    tellGone(id, facts, at)
    facts = nil
  end
  if not hash then return end
  if not facts then
    facts = tellUnknown(id, {at = at, made = hash.atm, begun = hash.ats, isActive = isActive}, hash)
  end
  if hash.finishedOn then
    if facts.st ~= 'e' then tellEnd(id, facts, hash) end
    return
  end
  if facts.st == 'e' then
    tellTakenUp(id, facts, at, 'unknown')
    facts.m, facts.u = hash.atm, true
  end
  takeState(id, facts, hash, isActive)
end
`

/**
 * Writes notes of attempts into the outbox, after what BullMQ has done until now: from ARGV[4] on the id of a job, the
 * attempt, and the body of an entry. Gives of each 1, or 0 where the job is not active in that attempt any more.
 */
export const appendNotes = script(`${collectScript}${compareScript}
collectAll()
local written = {}
for i = 4, #ARGV, 3 do
  local id = ARGV[i]
  local hash = hashOf(id)
  local isTheirs = hash and hash.ats == tonumber(ARGV[i + 1]) and isActiveNow(id)
  if isTheirs then
    local facts = factsOf(id)
    if not facts or facts.t ~= hash.t or facts.st ~= 'a' or facts.s ~= hash.ats then compare(id) end
    rcall('XADD', outbox, '*', 'queue', queue, 'jobId', id, 'addedAt', string.format('%.0f', hash.t),
      'kind', 'noted', 'at', string.format('%.0f', at), 'body', ARGV[i + 2])
  end
  written[#written + 1] = isTheirs and 1 or 0
end
keep()
return written
`)

/** Compares what is known of the jobs from ARGV[4] on with what BullMQ has of them. */
export const compareJobs = script(`${collectScript}${compareScript}
collectAll()
for i = 4, #ARGV do compare(ARGV[i]) end
keep()
`)

/**
 * Begins to observe a queue with what BullMQ writes from now on; what it has already is to be compared. KEYS: the state
 * of the queue, the events of BullMQ. Gives 1 when it was not observed before.
 */
export const observeQueue = script(`
local rcall = redis.call
if rcall('HEXISTS', KEYS[1], 'cursor') == 1 then return 0 end
local cursor, position = '0-0', 0
if rcall('EXISTS', KEYS[2]) == 1 then
  local info = rcall('XINFO', 'STREAM', KEYS[2])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then cursor = info[i + 1] end
    if info[i] == 'entries-added' then position = info[i + 1] end
  end
end
rcall('HSET', KEYS[1], 'cursor', cursor, 'position', position, 'unsure', 1)
return 1
`)

/** Takes the lock KEYS[1] by the token ARGV[1] for ARGV[2] milliseconds; gives `taken`, `kept`, or `others`. */
export const takeLock = script(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 'others' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return holder and 'kept' or 'taken'
`)

const requireLock = `
local rcall = redis.call
if rcall('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('STEPTRAIL the lock of the recorder has run out: another may have it')
end
rcall('PEXPIRE', KEYS[1], ARGV[2])
`

/** Throws when the lock is lost; else it holds for as long again. */
export const confirmLock = script(requireLock)

/** Gives the lock back, where it is held. */
export const releaseLock = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`)

/** Takes what is on record out of the outbox KEYS[2], and keeps as KEYS[3] what is known of attempts under way. */
export const removeEntries = script(`${requireLock}
for i = 4, #ARGV do rcall('XDEL', KEYS[2], ARGV[i]) end
rcall('SET', KEYS[3], ARGV[3])
`)

/** Sets the entry ARGV[4] aside in KEYS[4], with the reason ARGV[5]. */
export const refuseEntry = script(`${requireLock}
local entry = rcall('XRANGE', KEYS[2], ARGV[4], ARGV[4])[1]
if entry then
  local fields = entry[2]
  fields[#fields + 1] = 'reason'
  fields[#fields + 1] = ARGV[5]
  rcall('XADD', KEYS[4], '*', unpack(fields))
  rcall('XDEL', KEYS[2], ARGV[4])
end
rcall('SET', KEYS[3], ARGV[3])
`)
