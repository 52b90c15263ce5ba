import type { Json } from '@steptrail/verify'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonObject } from '../test/arbitraries.ts'
import { defaultRedaction, redact } from './redaction.ts'

const secretKey = fc.constantFrom('password', 'apiKey', 'x-auth-token', 'client_secret', 'Authorization')
/** Text that no pattern of the policy touches, and that nothing else contains by chance. */
const secret = fc.stringMatching(/^[g-z]{12,20}$/)
/** Pieces that the patterns look for, in any order. */
const suspicious = fc
  .array(
    fc.constantFrom(
      'password',
      'token',
      '=',
      ':',
      '"',
      "'",
      '\\',
      ' ',
      '://',
      '@',
      '/',
      'bearer',
      'Authorization',
      'Basic',
      'cookie',
      'eyJ',
      'abcdefgh',
      '12345678',
      '.',
      '-',
      '4111111111111111',
      '-----BEGIN PRIVATE KEY-----',
      '[redacted]',
      '\n',
      ',',
      '?',
      'x',
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''))

test('redacting twice changes nothing more', () => {
  fc.assert(
    fc.property(jsonObject, suspicious, (value, note) => {
      const once = redact({ ...value, note }, defaultRedaction)
      expect(redact(once, defaultRedaction)).toEqual(once)
    }),
    { numRuns: 1000 },
  )
})

test('the value given is never changed, and the copy shares no object with it', () => {
  fc.assert(
    fc.property(jsonObject, (value) => {
      const before = structuredClone(value)
      const copy = redact(value, defaultRedaction)
      expect(value).toEqual(before)
      const containers = new Set(containersOf(value))
      for (const container of containersOf(copy)) expect(containers.has(container)).toBe(false)
    }),
  )
})

test('a secret under a secret key is nowhere in the copy, wherever it was', () => {
  const path = fc.array(fc.string({ maxLength: 5 }), { maxLength: 10 })
  fc.assert(
    fc.property(fc.tuple(jsonObject, secretKey, secret), path, ([others, key, hidden], outerKeys) => {
      const holder: Json = { ...others, [key]: { deep: [hidden] } }
      const whole = outerKeys.reduceRight<Json>(
        (inner, outerKey, index) => (index % 2 ? [inner] : { [outerKey]: inner }),
        holder,
      )
      expect(JSON.stringify(redact(whole, defaultRedaction))).not.toContain(hidden)
    }),
  )
})

test('whatever has no secret comes out as it was', () => {
  const harmless = fc.dictionary(
    fc.stringMatching(/^[a-f]{1,8}$/),
    fc.oneof(fc.integer(), fc.boolean(), secret),
  )
  fc.assert(
    fc.property(harmless, (value) => {
      expect(redact(value, defaultRedaction)).toEqual({ ...value })
    }),
  )
})

function containersOf(value: Json): readonly object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value as object).flatMap((inner) => containersOf(inner as Json))]
}
