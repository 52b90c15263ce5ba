import type { Json } from '@steptrail/verify'
import { z } from 'zod'

/** Values by name. */
export type JsonObject = { readonly [key: string]: Json }

/** What is taken of numbers and nesting. */
export interface JsonBounds {
  readonly levels: number
  /** The largest number, and without its sign the smallest. */
  readonly largest: number
}

/** Of what is stored or checked, and on record by its digest alone. */
export const jsonBounds: JsonBounds = { levels: 100, largest: Number.MAX_VALUE }

/** An object of JSON that databases give back as it was, and that has a canonical form. Errors name the place in it. */
export const jsonObject = (bounds = jsonBounds, otherwise = 'is not an object'): z.ZodType<JsonObject> =>
  z.custom<JsonObject>(isObject, otherwise).superRefine((value, context) => {
    const found = faultIn(value, [], bounds)
    if (found) context.addIssue({ code: 'custom', ...found })
  })

interface Fault {
  readonly path: PropertyKey[]
  readonly message: string
}

function faultIn(value: unknown, path: readonly PropertyKey[], bounds: JsonBounds): Fault | null {
  if (typeof value === 'string') return faultOfText(value, path)
  if (typeof value === 'number' && !(Math.abs(value) <= bounds.largest))
    return { path: [...path], message: `is no number within ±${bounds.largest}` }
  if (typeof value !== 'object' || value === null) return null
  if (path.length === bounds.levels)
    return { path: path.slice(0, 1), message: `is nested deeper than ${bounds.levels} levels` }
  for (const [key, part] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key]
    const fault = faultOfName(key, path) ?? faultIn(part, at, bounds)
    if (fault) return fault
  }
  return null
}

/** `__proto__` would be lost on the way: to objects it is no name like others. */
const faultOfName = (name: string, path: readonly PropertyKey[]): Fault | null =>
  name === '__proto__' ? { path: [...path], message: 'has the name __proto__' } : faultOfText(name, path)

function faultOfText(text: string, path: readonly PropertyKey[]): Fault | null {
  if (text.isWellFormed() && !text.includes('\u0000')) return null
  return { path: [...path], message: 'holds U+0000 or a lone surrogate' }
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
