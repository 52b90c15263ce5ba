import { canonicalJson, type Json } from '@steptrail/verify'
import { describe, expect, test } from 'vitest'
import { thrownBy } from '../test/thrown-by.ts'
import { checkSize, writeDetails } from './details.ts'
import { eventLimits } from './limits.ts'
import { createRedactionPolicy, defaultRedaction } from './redaction.ts'

const snapshot = (details: unknown): Json => JSON.parse(writeDetails(details).json)

function stored(details: unknown, policy = defaultRedaction): unknown {
  const written = writeDetails(details, policy)
  checkSize(written)
  return JSON.parse(written.json)
}

/** An object whose canonical JSON has so many bytes. */
const ofBytes = (bytes: number): Json => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) })

/** Objects and lists in turns, an object outermost. */
function nested(depth: number): Json {
  let value: Json = 'bottom'
  for (let level = depth; level > 0; level--) value = level % 2 === 1 ? { inner: value } : [value]
  return value
}

test('details are copied as they are now', () => {
  const list = [1]
  const details = { list, at: { name: 'x' } }
  const copy = snapshot(details)
  list.push(2)
  details.at.name = 'y'
  expect(copy).toEqual({ list: [1], at: { name: 'x' } })
})

test('properties that are undefined are dropped at every depth', () => {
  const details = snapshot({ a: undefined, b: { c: undefined, d: [{ e: undefined }] } })
  expect(details).toStrictEqual({ b: { d: [{}] } })
})

test('numbers keep their value, minus zero aside', () => {
  const details = snapshot({
    list: [-0, 0.1, -2.5e-7, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  })
  expect(details).toStrictEqual({ list: [0, 0.1, -2.5e-7, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER] })
})

test('a key __proto__ is copied as a key', () => {
  const details = snapshot(JSON.parse('{"__proto__":{"a":1}}'))
  expect(JSON.stringify(details)).toBe('{"__proto__":{"a":1}}')
})

test('an object without prototype is plain', () => {
  expect(snapshot(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 })
})

test('the same object in two places is no cycle', () => {
  const shared = { a: 1 }
  expect(snapshot({ one: shared, two: [shared] })).toEqual({ one: { a: 1 }, two: [{ a: 1 }] })
})

test('16 levels are allowed, 17 are not', () => {
  const sixteen = nested(eventLimits.detailsDepth) as object
  expect(stored(sixteen)).toEqual(sixteen)
  expect(thrownBy(() => writeDetails({ top: sixteen }))).toMatchObject({
    code: 'event_too_large',
    message: expect.stringMatching(
      /^event refused: details\.top(\.inner\[0\]){7}\.inner is nested deeper than 16 levels; /,
    ),
  })
})

describe('256 KB of canonical JSON in UTF-8', () => {
  test('are allowed to the last byte', () => {
    const details = ofBytes(eventLimits.detailsBytes)
    expect(stored(details)).toEqual(details)
  })

  test.each([
    ['one byte more', ofBytes(eventLimits.detailsBytes + 1), 262_145],
    ['more through UTF-8', { a: '€'.repeat(87_379) }, 262_145],
    ['more through escapes', { a: '\n'.repeat(131_069) }, 262_146],
    ['more through an escaped control character', { a: '\u001f'.repeat(43_690) }, 262_148],
    [
      'more through keys',
      Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key-${index}`, 0])),
      268_891,
    ],
  ])('%s is refused', (_, details, bytes) => {
    expect(new TextEncoder().encode(canonicalJson(details)).length).toBe(bytes)
    expect(thrownBy(() => stored(details))).toMatchObject({
      code: 'event_too_large',
      message: expect.stringMatching(
        /^event refused: details has (at least )?\d+ bytes as canonical JSON, 262144 are allowed; /,
      ),
      details: { path: 'details' },
    })
  })

  test('are refused when redaction makes them more', () => {
    const policy = createRedactionPolicy({ patterns: [{ name: 'x', pattern: /x/g, replacement: 'xx' }] })
    const details = ofBytes(200_000)
    expect(stored(details)).toEqual(details)
    expect(thrownBy(() => stored(details, policy))).toMatchObject({ code: 'event_too_large' })
  })

  test('are refused when redaction would make them less', () => {
    expect(thrownBy(() => stored({ password: 'x'.repeat(300_000) }))).toMatchObject({
      code: 'event_too_large',
    })
  })

  test('are not read far beyond the limit', () => {
    let read = 0
    const endless = new Proxy([], {
      get: (_, key) => (key === 'length' ? Number.MAX_SAFE_INTEGER : (read++, 'x'.repeat(1000))),
    })
    expect(thrownBy(() => writeDetails({ endless }))).toMatchObject({ code: 'event_too_large' })
    expect(read).toBeLessThan(300)
  })
})

describe('refuses, with path and value,', () => {
  const cycle: Record<string, unknown> = { list: [] }
  ;(cycle['list'] as unknown[]).push({ back: cycle })
  class Money {
    readonly amount = 1
  }
  test.each<readonly [string, unknown, string]>([
    [
      'NaN',
      { a: { b: [1, Number.NaN] } },
      'details.a.b[1] is not a finite number (given: NaN); leave it out or give null',
    ],
    [
      'infinity',
      { a: -Infinity },
      'details.a is not a finite number (given: -Infinity); leave it out or give null',
    ],
    ['2^53', { id: 2 ** 53 }, 'details.id is outside ±(2^53 − 1) (given: 9007199254740992); give it as text'],
    [
      '−2^53',
      { id: -(2 ** 53) },
      'details.id is outside ±(2^53 − 1) (given: -9007199254740992); give it as text',
    ],
    ['a large fraction', { x: 1e300 }, 'details.x is outside ±(2^53 − 1) (given: 1e+300); give it as text'],
    [
      'a bigint',
      { id: 7n },
      'details.id is not JSON (given: 7n); give text, a number, true, false or null, or leave it out',
    ],
    [
      'a function',
      { f: () => 1 },
      'details.f is not JSON (given: a function); give text, a number, true, false or null, or leave it out',
    ],
    [
      'undefined in a list',
      { a: [undefined] },
      'details.a[0] is not JSON (given: undefined); give text, a number, true, false or null, or leave it out',
    ],
    [
      'U+0000',
      { 'a b': 'x\u0000y' },
      String.raw`details["a b"] holds U+0000 (given: "x\u0000y"); leave that character out`,
    ],
    [
      'U+0000 in a key',
      { 'a\u0000': 1 },
      String.raw`details["a\u0000"] holds U+0000 (given: "a\u0000"); leave that character out`,
    ],
    [
      'a lone surrogate',
      { a: ['\ud83d'] },
      String.raw`details.a[0] holds a lone surrogate (given: "\ud83d"); give well-formed Unicode, such as text.toWellFormed()`,
    ],
    [
      'a lone surrogate in a key',
      { a: { '\udc00': 1 } },
      String.raw`details.a["\udc00"] holds a lone surrogate (given: "\udc00"); give well-formed Unicode, such as text.toWellFormed()`,
    ],
    [
      'a date',
      { at: new Date(0) },
      'details.at is not a plain object (given: a Date); give its toISOString()',
    ],
    [
      'an error',
      { e: new TypeError('x') },
      'details.e is not a plain object (given: a TypeError); give plain JSON',
    ],
    ['an instance', { m: new Money() }, 'details.m is not a plain object (given: a Money); give plain JSON'],
    ['a cycle', cycle, 'details.list[0].back contains itself; break the cycle, or give an id in its place'],
    ['a list', [1], 'details is not an object (given: an Array); give an object'],
    ['text', 'x', 'details is not an object (given: "x"); give an object'],
  ])('%s', (_, details, message) => {
    const error = thrownBy(() => writeDetails(details))
    expect(error.code).toBe('invalid_event')
    expect(error.message).toBe(`event refused: ${message}`)
  })
})

test('a message shows nothing of what stands under a secret key, however deep', () => {
  const policy = createRedactionPolicy({ keys: ['kennwort'] })
  for (const details of [
    { password: { inner: 'hunter2\u0000' } },
    { credentials: [{ user: { name: 'hunter2\ud800' } }] },
    { kennwort: 'hunter2\u0000' },
  ])
    expect(() => writeDetails(details, policy)).toThrow(/^(?!.*hunter2).*\(given: \[redacted\]\)/)
})

test('a message shows a long value in part and a secret not at all', () => {
  const long = thrownBy(() => writeDetails({ a: `${'x'.repeat(500)}\u0000` }))
  expect(long.message).toContain(`(given: "${'x'.repeat(80)}"… (501 characters))`)
  const named = thrownBy(() => writeDetails({ password: 'hunter2\u0000' }))
  expect(named.message).toContain('details.password holds U+0000 (given: [redacted])')
  const written = thrownBy(() => writeDetails({ a: 'password=hunter2 \u0000' }))
  expect(JSON.stringify([written.message, written.details])).not.toContain('hunter2')
})
