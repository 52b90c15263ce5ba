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
  return textOf(value, null, '$')
}

/** A container on the way to the value in hand; what errors name and cycles run into. */
interface Container {
  readonly value: object
  /** Its key in the container around it. */
  readonly key: string | number
  readonly parent: Container | null
  readonly depth: number
}

function textOf(value: unknown, parent: Container | null, key: string | number): string {
  switch (typeof value) {
    case 'string':
      return stringText(value, parent, key)
    case 'number':
      if (!Number.isFinite(value)) throw new CanonicalJsonError(pathOf(parent, key), `is ${value}`)
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      return value === null ? 'null' : containerText({ value, key, parent, depth: (parent?.depth ?? 0) + 1 })
    case 'undefined':
      throw new CanonicalJsonError(pathOf(parent, key), 'is undefined')
    default:
      throw new CanonicalJsonError(pathOf(parent, key), `is a ${typeof value}`)
  }
}

function stringText(text: string, parent: Container | null, key: string | number): string {
  if (!text.isWellFormed()) throw new CanonicalJsonError(pathOf(parent, key), 'holds a lone surrogate')
  return JSON.stringify(text)
}

function containerText(container: Container): string {
  const { value, key, parent, depth } = container
  for (let outer = parent; outer; outer = outer.parent)
    if (outer.value === value)
      throw new CanonicalJsonError(pathOf(parent, key), `is ${pathOf(outer.parent, outer.key)} again`)
  if (depth > canonicalJsonMaxDepth)
    throw new CanonicalJsonError(pathOf(parent, key), `is nested deeper than ${canonicalJsonMaxDepth}`)
  if (Array.isArray(value)) return arrayText(value, container)
  if (!isPlain(value)) throw new CanonicalJsonError(pathOf(parent, key), `is a ${classOf(value)}`)
  return objectText(value as Record<string, unknown>, container)
}

function arrayText(array: readonly unknown[], here: Container): string {
  const parts: string[] = []
  // By index, since a hole must be refused and map() would pass over it.
  for (let index = 0; index < array.length; index++) parts.push(textOf(array[index], here, index))
  return `[${parts.join(',')}]`
}

function objectText(object: Readonly<Record<string, unknown>>, here: Container): string {
  const parts = Object.keys(object)
    .toSorted()
    .map((key) => `${stringText(key, here, key)}:${textOf(object[key], here, key)}`)
  return `{${parts.join(',')}}`
}

/** An object literal, what JSON.parse returns, or an object without prototype; also those of another realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function classOf(value: object): string {
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name !== '' ? name : 'class instance'
}

function pathOf(parent: Container | null, key: string | number): string {
  if (parent === null) return String(key)
  const outer = pathOf(parent.parent, parent.key)
  if (typeof key === 'number') return `${outer}[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${outer}.${key}` : `${outer}[${JSON.stringify(key)}]`
}
