import { canonicalJson, CanonicalJsonError, type Json } from '@steptrail/verify'
import { workflowLimits } from './limits.ts'

/** A value as the database can hold it, or why it cannot. `problem` names the place: `$.rows[2] is NaN`. */
export type StoredJson =
  { readonly ok: true; readonly json: Json } | { readonly ok: false; readonly problem: string }

/**
 * What comes back when a value is written as JSON and read again: what has `toJSON` as that says, without
 * properties that are `undefined`. What JSON or PostgreSQL would refuse or distort is a problem: NaN, a bigint, a Map or
 * another object that is not plain, a value that contains itself or is nested too deeply, U+0000, a lone surrogate, more
 * than `maxBytes`.
 */
export function storedJson(value: unknown, maxBytes: number): StoredJson {
  let text: string
  try {
    // `canonicalJson` refuses at run time whatever is not Json.
    text = canonicalJson(written(value, new Set()) as Json)
  } catch (error) {
    if (error instanceof CanonicalJsonError) return { ok: false, problem: `${error.path} ${error.problem}` }
    if (error instanceof TooDeep)
      return { ok: false, problem: `$ is nested deeper than ${workflowLimits.nesting}` }
    throw error
  }
  if (holdsNull.test(text)) return { ok: false, problem: '$ holds U+0000, which PostgreSQL cannot store' }
  const bytes = new TextEncoder().encode(text).length
  if (bytes > maxBytes)
    return { ok: false, problem: `$ takes ${bytes} bytes as JSON, and ${maxBytes} are allowed` }
  return { ok: true, json: JSON.parse(text) as Json }
}

/** The escape of U+0000, and not an escaped backslash before `u0000`. */
const holdsNull = /(?<!\\)(?:\\\\)*\\u0000/

class TooDeep extends Error {}

/** The value as `JSON.stringify` sees it. A value inside itself is left as it is, and refused later. */
function written(value: unknown, outer: ReadonlySet<unknown>): unknown {
  if (typeof value !== 'object' || value === null || outer.has(value)) return value
  if (outer.size >= workflowLimits.nesting) throw new TooDeep()
  const inner = new Set(outer).add(value)
  if (hasToJson(value)) return written(value.toJSON(), inner)
  if (Array.isArray(value))
    return Array.from(value, (element) => (element === undefined ? null : written(element, inner)))
  if (!isPlain(value)) return value
  const kept = Object.entries(value).filter(([, property]) => property !== undefined)
  return Object.fromEntries(kept.map(([key, property]) => [key, written(property, inner)]))
}

const hasToJson = (value: object): value is { toJSON(): unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function'

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
