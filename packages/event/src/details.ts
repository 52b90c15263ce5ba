import { canonicalJson, type Json } from '@steptrail/verify'
import { eventLimits } from './limits.ts'
import type { EventDetails } from './record.ts'
import { type RedactionPolicy, redact } from './redaction.ts'
import { pathTo, type Refusal, refusedEvent } from './refused-event.ts'
import { problemOfText } from './storable-text.ts'

/** A deep copy of `details`, and how many bytes its canonical JSON has at most, redacted or not. */
export interface DetailsSnapshot {
  readonly details: EventDetails
  readonly bytesAtMost: number
}

/**
 * Copies `details` as they are now. Properties that are undefined are left out. Refuses, naming the path, what
 * does not survive JSON and jsonb: NaN and infinite numbers, numbers outside ±(2^53 − 1), U+0000 and lone
 * surrogates in text and keys, anything that is not plain JSON, nesting beyond 16 levels and a cycle. Ends soon
 * on a value that is far too large.
 */
export function snapshotDetails(details: unknown): DetailsSnapshot {
  const walk: Walk = { bytesAtLeast: 0, bytesAtMost: 0, ancestors: [], keys: [] }
  const copy = copyOf(details, walk)
  if (typeof copy !== 'object' || copy === null || Array.isArray(copy))
    throw refusedEvent({
      path: 'details',
      value: details,
      problem: 'is not an object',
      action: 'give an object',
    })
  return { details: copy as EventDetails, bytesAtMost: walk.bytesAtMost }
}

/**
 * The details without secrets, as they go on record. Refuses them with `event_too_large` when their canonical
 * JSON, before or after, is larger than 256 KB.
 */
export function redactDetails(
  { details, bytesAtMost }: DetailsSnapshot,
  policy: RedactionPolicy,
): EventDetails {
  const stored = redact(details, policy) as EventDetails
  if (bytesAtMost > eventLimits.detailsBytes)
    for (const version of [details, stored]) {
      const bytes = new TextEncoder().encode(canonicalJson(version)).length
      if (bytes > eventLimits.detailsBytes) refuseOversize(String(bytes))
    }
  return stored
}

interface Walk {
  bytesAtLeast: number
  bytesAtMost: number
  /** The containers around the value in hand, outermost first. */
  readonly ancestors: object[]
  /** The keys that lead from `details` to the value in hand. */
  readonly keys: (string | number)[]
}

function copyOf(value: unknown, walk: Walk): Json {
  switch (typeof value) {
    case 'string':
      return storableText(value, walk)
    case 'number':
      return storableNumber(value, walk)
    case 'boolean':
      count(walk, 4, 16)
      return value
    case 'object':
      if (value !== null) return copyOfContainer(value, walk)
      count(walk, 4, 16)
      return null
    default:
      return refuse(walk, {
        value,
        problem: 'is not JSON',
        action: 'give text, a number, true, false or null, or leave it out',
      })
  }
}

function copyOfContainer(value: object, walk: Walk): Json {
  if (walk.ancestors.includes(value))
    refuse(walk, { problem: 'contains itself', action: 'break the cycle, or give an id in its place' })
  if (walk.ancestors.length === eventLimits.detailsDepth)
    refuse(walk, {
      code: 'event_too_large',
      problem: `is nested deeper than ${eventLimits.detailsDepth} levels`,
      action: 'flatten it, or give it as text',
    })
  count(walk, 2, 16)
  walk.ancestors.push(value)
  const copy = Array.isArray(value) ? copyOfArray(value, walk) : copyOfObject(value, walk)
  walk.ancestors.pop()
  return copy
}

function copyOfArray(array: readonly unknown[], walk: Walk): Json {
  const copy: Json[] = []
  // By index, since a hole must be refused and map() would pass over it.
  for (let index = 0; index < array.length; index++) {
    count(walk, 1, 1)
    walk.keys.push(index)
    copy.push(copyOf(array[index], walk))
    walk.keys.pop()
  }
  return copy
}

function copyOfObject(object: object, walk: Walk): Json {
  if (!isPlain(object))
    refuse(walk, {
      value: object,
      problem: 'is not a plain object',
      action: object instanceof Date ? 'give its toISOString()' : 'give plain JSON',
    })
  const entries: [string, Json][] = []
  for (const [key, inner] of Object.entries(object) as [string, unknown][]) {
    if (inner === undefined) continue
    count(walk, 2, 2)
    walk.keys.push(key)
    entries.push([storableText(key, walk), copyOf(inner, walk)])
    walk.keys.pop()
  }
  // Not by assignment: a key __proto__ is a key like any other.
  return Object.fromEntries(entries)
}

/** An object literal, what JSON.parse returns, or an object without prototype; also those of another realm. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function storableText(text: string, walk: Walk): string {
  count(walk, text.length, 16 + 6 * text.length)
  const problem = problemOfText(text)
  return problem ? refuse(walk, { value: text, ...problem }) : text
}

function storableNumber(value: number, walk: Walk): number {
  count(walk, 1, 32)
  if (!Number.isFinite(value))
    refuse(walk, { value, problem: 'is not a finite number', action: 'leave it out or give null' })
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
    refuse(walk, { value, problem: 'is outside ±(2^53 − 1)', action: 'give it as text' })
  // JSON knows no −0, so the copy does not either.
  return value === 0 ? 0 : value
}

/** Counts a value's bytes: how many it has at least, and how many at most, escaped or redacted. */
function count(walk: Walk, atLeast: number, atMost: number): void {
  walk.bytesAtLeast += atLeast
  walk.bytesAtMost += atMost
  if (walk.bytesAtLeast > eventLimits.detailsBytes) refuseOversize(`at least ${walk.bytesAtLeast}`)
}

function refuse(walk: Walk, refusal: Omit<Refusal, 'path'>): never {
  throw refusedEvent({ path: walk.keys.reduce<string>(pathTo, 'details'), ...refusal })
}

function refuseOversize(bytes: string): never {
  throw refusedEvent({
    code: 'event_too_large',
    path: 'details',
    problem: `has ${bytes} bytes as canonical JSON, ${eventLimits.detailsBytes} are allowed`,
    action: 'record what a reader needs, and a digest or a link for the rest',
  })
}
