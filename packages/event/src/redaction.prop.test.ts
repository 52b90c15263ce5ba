import type { Json } from '@steptrail/verify'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonObject } from '../test/arbitraries.ts'
import { defaultRedaction, redact } from './redaction.ts'
import { defaultTextPatterns, mayHoldSecret } from './redaction-defaults.ts'

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

/** A match of a pattern, made from its source by dropping what only looks around. */
const matches = fc.constantFrom(
  '-----BEGIN RSA PRIVATE KEY-----',
  'a1://u:x@',
  'eyJabcdefgh.abcdefgh',
  'Authorization=x',
  'proxy-authorization: Basic x',
  'BEARER 1234567x',
  'bearer\u00a0abcdefg1',
  'cookie:a=b',
  'Set-Cookie : a=',
  'pwd=x',
  'PASSWD:x',
  'passphrase=',
  'secret:""',
  'api_key=x',
  'ACCESS-KEY:x',
  'privatekey=x',
  'token=x',
  `ghp_${'a'.repeat(20)}`,
  `github_pat_${'a'.repeat(20)}`,
  `glpat-${'a'.repeat(16)}`,
  'xoxb-1234567890',
  'sk_live_1234567890',
  'rk_test_1234567890',
  `sk-${'a'.repeat(20)}`,
  `AIza${'a'.repeat(30)}`,
  `npm_${'a'.repeat(30)}`,
  '4111 1111 1111 1111',
  '4222222222222',
)
const nearly = fc
  .tuple(matches, fc.nat({ max: 40 }), fc.nat({ max: 40 }), fc.string({ maxLength: 3 }))
  .map(([text, from, to, instead]) => text.slice(0, from) + instead + text.slice(Math.max(from, to)))
const changedCase = nearly.chain((text) => fc.constantFrom(text, text.toUpperCase(), text.toLowerCase()))

test('text that shows no trace of a secret has none that a pattern would find', () => {
  const texts = fc.oneof(
    suspicious,
    matches,
    changedCase,
    fc.array(changedCase, { maxLength: 3 }).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      if (mayHoldSecret(text)) return
      for (const { name, pattern, replacement } of defaultTextPatterns)
        expect(text.replace(pattern, replacement as string), name).toBe(text)
    }),
    { numRuns: 20_000 },
  )
})

test('each kind of secret is tried by itself', () => {
  for (const text of [
    '-----BEGIN PRIVATE KEY-----',
    'a1://u:x@',
    'eyJabcdefgh.abcdefgh',
    'bearer 1234567x',
    'xoxb-1234567890',
    'pwd=x',
    '4222222222222',
  ])
    expect(defaultRedaction.redactText(text)).toContain('[redacted]')
})

function containersOf(value: Json): readonly object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value as object).flatMap((inner) => containersOf(inner as Json))]
}
