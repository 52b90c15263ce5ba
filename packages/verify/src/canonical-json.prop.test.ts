import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, type Json } from './canonical-json.ts'

const text = fc.string({ unit: 'binary' })
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value))
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(fc.constant(null), fc.boolean(), number, fc.integer(), text),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value

test('what was written reads back as the same value', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(JSON.parse(canonicalJson(value))).toStrictEqual(value)
    }),
  )
})

test('writing what was read gives the same text', () => {
  fc.assert(
    fc.property(json, (value) => {
      const once = canonicalJson(value)
      expect(canonicalJson(JSON.parse(once) as Json)).toBe(once)
    }),
  )
})

test('the order in which keys were set does not matter', () => {
  fc.assert(
    fc.property(json, fc.infiniteStream(fc.nat()), (value, order) => {
      expect(canonicalJson(reordered(value, order))).toBe(canonicalJson(value))
    }),
  )
})

test('different values have different texts', () => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      expect(canonicalJson(one) === canonicalJson(other)).toBe(equal(one, other))
    }),
  )
})

test('keys come in the order of their UTF-16 code units', () => {
  fc.assert(
    fc.property(fc.uniqueArray(text, { maxLength: 10 }), (keys) => {
      // A parser would move integer-like keys to the front, so the texts of the pairs are compared.
      const value = Object.fromEntries(keys.map((key) => [key, 0]))
      const sorted = keys.toSorted((one, other) => compareCodeUnits(one, other))
      expect(canonicalJson(value)).toBe(`{${sorted.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`)
    }),
  )
})

function reordered(value: Json, order: { next(): IteratorResult<number> }): Json {
  if (Array.isArray(value)) return value.map((element: Json) => reordered(element, order))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value as { readonly [key: string]: Json })
      .map(([key, inner]) => ({ key, inner: reordered(inner, order), place: Number(order.next().value) }))
      .toSorted((one, other) => one.place - other.place)
      .map(({ key, inner }) => [key, inner]),
  )
}

function equal(one: Json, other: Json): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const left = new Map(Object.entries(one as object) as [string, Json][])
  const right = new Map(Object.entries(other as object) as [string, Json][])
  return (
    left.size === right.size &&
    [...left].every(([key, value]) => right.has(key) && equal(value, right.get(key)!))
  )
}

function compareCodeUnits(one: string, other: string): number {
  for (let index = 0; index < Math.min(one.length, other.length); index++) {
    const difference = one.charCodeAt(index) - other.charCodeAt(index)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}
