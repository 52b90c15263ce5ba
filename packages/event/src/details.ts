import { eventLimits } from './limits.ts'
import { keyMemoryOf, keysAsGiven, type KeyMemory } from './key-facts.ts'
import { quotedText } from './quoted-text.ts'
import { redacted, type RedactionPolicy } from './redaction.ts'
import { pathTo, type Refusal, refusedEvent } from './refused-event.ts'
import { problemOfText } from './storable-text.ts'
import { utf8Length } from './utf8-length.ts'

/** Details as they were at one moment, as JSON. */
export interface DetailsText {
  /** Their JSON, without secrets if a policy was given. */
  readonly json: string
  /** How many bytes redaction has taken from it; negative where it has added some. */
  readonly bytesRedacted: number
  /** The entries of the details themselves whose keys say that they are milliseconds. */
  readonly milliseconds: readonly (readonly [key: string, value: unknown])[]
}

/**
 * Writes `details` as JSON, as they are now, and without secrets if a policy is given: in one walk that reads each
 * property once. Properties that are undefined are left out. Refuses, naming the path, what does not survive JSON
 * and jsonb: NaN and infinite numbers, numbers outside ±(2^53 − 1), U+0000 and lone surrogates in text and keys,
 * anything that is not plain JSON, nesting beyond 16 levels and a cycle, also where a secret is. Ends soon on a value
 * that is far too large; see `checkSize` for one that is a little.
 */
export function writeDetails(details: unknown, policy?: RedactionPolicy): DetailsText {
  if (typeof details !== 'object' || details === null || Array.isArray(details))
    throw refusedEvent({
      path: 'details',
      value: details,
      problem: 'is not an object',
      action: 'give an object',
    })
  const walk: Walk = {
    policy,
    keys: policy ? keyMemoryOf(policy) : keysAsGiven,
    isSecret: false,
    bytesAtLeast: 0,
    bytesRedacted: 0,
    containers: [],
    places: [],
    milliseconds: undefined,
  }
  const json = containerJson(walk, details, '')
  return { json, bytesRedacted: walk.bytesRedacted, milliseconds: walk.milliseconds ?? [] }
}

/** Refuses details whose JSON is larger than 256 KB, before redaction or after it, with `event_too_large`. */
export function checkSize({ json, bytesRedacted }: Pick<DetailsText, 'json' | 'bytesRedacted'>): void {
  const most = eventLimits.detailsBytes
  if (3 * json.length <= most && 3 * json.length + bytesRedacted <= most) return
  const bytes = utf8Length(json)
  if (bytes + bytesRedacted > most) refuseOversize(String(bytes + bytesRedacted))
  if (bytes > most) refuseOversize(String(bytes))
}

interface Walk {
  policy: RedactionPolicy | undefined
  keys: KeyMemory
  /** Whether what is in hand stands under a secret key. */
  isSecret: boolean
  bytesAtLeast: number
  bytesRedacted: number
  /** The containers around the value in hand, outermost first, and where each but the outermost stands. */
  readonly containers: object[]
  readonly places: (string | number)[]
  milliseconds: (readonly [string, unknown])[] | undefined
}

type Key = string | number

function valueJson(walk: Walk, value: unknown, key: Key): string {
  switch (typeof value) {
    case 'string':
      return textJson(walk, value, key)
    case 'number':
      return numberJson(walk, value, key)
    case 'boolean':
      count(walk, 4)
      return value ? 'true' : 'false'
    case 'object':
      if (value !== null) return containerJson(walk, value, key)
      count(walk, 4)
      return 'null'
    default:
      return refuse(walk, key, {
        value,
        problem: 'is not JSON',
        action: 'give text, a number, true, false or null, or leave it out',
      })
  }
}

function textJson(walk: Walk, text: string, key: Key): string {
  count(walk, text.length)
  const json = quotedText(text)
  if (json === undefined) return refuseText(walk, text, key)
  const stored = walk.policy === undefined ? text : walk.policy.redactText(text)
  return stored === text ? json : replaced(walk, json, JSON.stringify(stored))
}

function replaced(walk: Walk, json: string, stored: string): string {
  walk.bytesRedacted += utf8Length(json) - utf8Length(stored)
  return stored
}

function numberJson(walk: Walk, value: number, key: Key): string {
  count(walk, 1)
  if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return `${value}`
  return Number.isFinite(value)
    ? refuse(walk, key, { value, problem: 'is outside ±(2^53 − 1)', action: 'give it as text' })
    : refuse(walk, key, { value, problem: 'is not a finite number', action: 'leave it out or give null' })
}

/** The outermost container has no key. */
function containerJson(walk: Walk, value: object, key: Key): string {
  const { containers, places } = walk
  if (containers.includes(value))
    refuse(walk, key, { problem: 'contains itself', action: 'break the cycle, or give an id in its place' })
  if (containers.length === eventLimits.detailsDepth)
    refuse(walk, key, {
      code: 'event_too_large',
      problem: `is nested deeper than ${eventLimits.detailsDepth} levels`,
      action: 'flatten it, or give it as text',
    })
  count(walk, 2)
  if (containers.length > 0) places.push(key)
  containers.push(value)
  const json = Array.isArray(value) ? arrayJson(walk, value) : objectJson(walk, value, key)
  containers.pop()
  places.pop()
  return json
}

function arrayJson(walk: Walk, array: readonly unknown[]): string {
  let json = '['
  const { length } = array
  // By index, since a hole must be refused and map() would pass over it.
  for (let index = 0; index < length; index++) {
    count(walk, 1)
    const value = valueJson(walk, array[index], index)
    json += index === 0 ? value : `,${value}`
  }
  return `${json}]`
}

function objectJson(walk: Walk, object: object, key: Key): string {
  if (!isPlain(object)) refuseObject(walk, object, key)
  const isOutermost = walk.containers.length === 1
  let json = ''
  for (const name of Object.keys(object)) {
    const value = (object as Readonly<Record<string, unknown>>)[name]
    if (value === undefined) continue
    count(walk, 2 + name.length)
    const facts = walk.keys.factsOf(name)
    if (facts.json === undefined) refuseText(walk, name, name)
    if (isOutermost && isMilliseconds(name)) (walk.milliseconds ??= []).push([name, value])
    const inner = facts.isSecret ? secretJson(walk, value, name) : valueJson(walk, value, name)
    json += json === '' ? facts.json + inner : `,${facts.json}${inner}`
  }
  return `{${json}}`
}

/** What stands under a secret key is held to the same rules, and then replaced. */
function secretJson(walk: Walk, value: unknown, key: string): string {
  const { policy, keys } = walk
  walk.policy = undefined
  walk.keys = keysAsGiven
  walk.isSecret = true
  const json = valueJson(walk, value, key)
  walk.policy = policy
  walk.keys = keys
  walk.isSecret = false
  if (typeof value === 'boolean' || value === null) return json
  if (typeof value === 'number' && /s$/i.test(key)) return json
  return replaced(walk, json, `"${redacted}"`)
}

const lower = { m: 0x6d, s: 0x73 }
const upperM = 0x4d

/** Whether a key ends in `Ms` or `_ms`. */
export function isMilliseconds(key: string): boolean {
  const { length } = key
  if (length < 2 || key.charCodeAt(length - 1) !== lower.s) return false
  const before = key.charCodeAt(length - 2)
  return before === upperM || (before === lower.m && length > 2 && key[length - 3] === '_')
}

/** An object literal, what JSON.parse returns, or an object without prototype; also those of another realm. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object)
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Counts how many bytes a value has at least. */
function count(walk: Walk, atLeast: number): void {
  walk.bytesAtLeast += atLeast
  if (walk.bytesAtLeast > eventLimits.detailsBytes) refuseOversize(`at least ${walk.bytesAtLeast}`)
}

function refuse(walk: Walk, key: Key, refusal: Omit<Refusal, 'path'>): never {
  const isOutermost = walk.containers.length === 0
  const path = [...walk.places, ...(isOutermost ? [] : [key])].reduce<string>(pathTo, 'details')
  const { policy, isSecret } = walk
  throw refusedEvent({ path, policy, ...(isSecret && { isSecret }), ...refusal })
}

function refuseText(walk: Walk, text: string, key: Key): never {
  return refuse(walk, key, { value: text, ...(problemOfText(text) as { problem: string; action: string }) })
}

/** It counts as a container already: its own place is the last one. */
function refuseObject(walk: Walk, object: object, key: Key): never {
  walk.containers.pop()
  walk.places.pop()
  return refuse(walk, key, {
    value: object,
    problem: 'is not a plain object',
    action: object instanceof Date ? 'give its toISOString()' : 'give plain JSON',
  })
}

function refuseOversize(bytes: string): never {
  throw refusedEvent({
    code: 'event_too_large',
    path: 'details',
    problem: `has ${bytes} bytes as canonical JSON, ${eventLimits.detailsBytes} are allowed`,
    action: 'record what a reader needs, and a digest or a link for the rest',
  })
}
