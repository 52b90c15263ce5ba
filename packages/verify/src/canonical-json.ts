/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** How deep a value may be nested before `canonicalJson` refuses it: far beyond any record of ours. */
export const canonicalJsonMaxDepth = 1000

/**
 * A value has no canonical JSON form. `path` says where in the value (`$.steps[2].output`), `problem` what is
 * wrong with it there.
 */
export class CanonicalJsonError extends Error {
  override readonly name = 'CanonicalJsonError'
  readonly path: string
  readonly problem: string

  constructor(path: string, problem: string) {
    super(`${path} ${problem}: it has no canonical JSON form`)
    this.path = path
    this.problem = problem
  }
}

/**
 * The one text of a JSON value by RFC 8785 (JSON Canonicalization Scheme): no white space, numbers and strings
 * as ECMAScript writes them, keys sorted by UTF-16 code units. Equal values give equal text, whatever the order
 * in which their keys were set. Hashes and signatures are made over its UTF-8 bytes.
 *
 * Throws `CanonicalJsonError`, naming the path, for whatever JSON cannot hold: `undefined`, NaN, ±Infinity, a
 * bigint, a function, a symbol, a lone surrogate (in a key too), an object that is neither plain nor an array
 * (a Date, a Map), a value that contains itself, and nesting beyond `canonicalJsonMaxDepth`.
 */
export function canonicalJson(value: Json): string {
  return textOf(value, { value, key: '$', parent: null, depth: 0 })
}

/** Where a value stands: its key in the container around it, which is what errors name. */
interface Place {
  readonly value: unknown
  readonly key: string | number
  readonly parent: Place | null
  readonly depth: number
}

function textOf(value: unknown, place: Place): string {
  switch (typeof value) {
    case 'string':
      return stringText(value, place)
    case 'number':
      if (!Number.isFinite(value)) throw new CanonicalJsonError(pathOf(place), `is ${value}`)
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      return value === null ? 'null' : containerText(value, place)
    case 'undefined':
      throw new CanonicalJsonError(pathOf(place), 'is undefined')
    default:
      throw new CanonicalJsonError(pathOf(place), `is a ${typeof value}`)
  }
}

function stringText(text: string, place: Place): string {
  if (!text.isWellFormed()) throw new CanonicalJsonError(pathOf(place), 'holds a lone surrogate')
  return JSON.stringify(text)
}

function containerText(container: object, place: Place): string {
  for (let outer = place.parent; outer; outer = outer.parent)
    if (outer.value === container) throw new CanonicalJsonError(pathOf(place), `is ${pathOf(outer)} again`)
  if (place.depth >= canonicalJsonMaxDepth)
    throw new CanonicalJsonError(pathOf(place), `is nested deeper than ${canonicalJsonMaxDepth}`)
  if (Array.isArray(container)) return arrayText(container, place)
  if (!isPlain(container)) throw new CanonicalJsonError(pathOf(place), `is a ${classOf(container)}`)
  return objectText(container as Record<string, unknown>, place)
}

function arrayText(array: readonly unknown[], place: Place): string {
  const parts: string[] = []
  // By index, since a hole must be refused and map() would pass over it.
  for (let index = 0; index < array.length; index++) parts.push(textOf(array[index], inside(place, index, array[index])))
  return `[${parts.join(',')}]`
}

function objectText(object: Readonly<Record<string, unknown>>, place: Place): string {
  const parts: string[] = []
  for (const key of Object.keys(object).sort()) {
    const value = object[key]
    const here = inside(place, key, value)
    parts.push(`${stringText(key, here)}:${textOf(value, here)}`)
  }
  return `{${parts.join(',')}}`
}

const inside = (parent: Place, key: string | number, value: unknown): Place => ({
  value,
  key,
  parent,
  depth: parent.depth + 1,
})

/** An object literal, what JSON.parse returns, or an object without prototype; also those of another realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const classOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1).replace('Object', value.constructor.name)

function pathOf(place: Place): string {
  if (place.parent === null) return String(place.key)
  const outer = pathOf(place.parent)
  if (typeof place.key === 'number') return `${outer}[${place.key}]`
  return /^[A-Za-z_$][\w$]*$/.test(place.key) ? `${outer}.${place.key}` : `${outer}[${JSON.stringify(place.key)}]`
}
