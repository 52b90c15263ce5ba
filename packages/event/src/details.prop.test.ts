import { canonicalJson } from '@steptrail/verify'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonObject } from '../test/arbitraries.ts'
import { checkSize, isMilliseconds, writeDetails } from './details.ts'
import { eventLimits } from './limits.ts'
import { defaultRedaction, redact } from './redaction.ts'
import { utf8Length } from './utf8-length.ts'

test('any JSON is written whole', () => {
  fc.assert(
    fc.property(jsonObject, (details) => {
      expect(JSON.parse(writeDetails(details).json)).toStrictEqual(details)
    }),
  )
})

const withSecrets = fc
  .record({ details: jsonObject, password: fc.string(), secret: jsonObject, maxTokens: fc.nat() })
  .map(({ details, ...secrets }) => ({ ...details, ...secrets, pin: 1, isSecret: true, url: 'a://b:c@d' }))

test('what is written without secrets is what redact leaves of it', () => {
  fc.assert(
    fc.property(withSecrets, (details) => {
      const plain = JSON.parse(writeDetails(details).json)
      expect(JSON.parse(writeDetails(details, defaultRedaction).json)).toStrictEqual(
        redact(plain, defaultRedaction),
      )
    }),
  )
})

test('its bytes are known before redaction and after', () => {
  fc.assert(
    fc.property(withSecrets, (details) => {
      const { json: plain } = writeDetails(details)
      const { json, bytesRedacted } = writeDetails(details, defaultRedaction)
      expect(utf8Length(plain)).toBe(utf8Length(canonicalJson(JSON.parse(plain))))
      expect(utf8Length(json) + bytesRedacted).toBe(utf8Length(plain))
    }),
  )
})

test('the limit is held to the byte, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.integer({ min: -1, max: 1 }),
      (text, more) => {
        const start = JSON.stringify({ a: text, b: '' })
        const bytes = eventLimits.detailsBytes + more
        const json = start.replace(/""}$/, `"${'x'.repeat(bytes - utf8Length(start))}"}`)
        const check = (): void => checkSize({ json, bytesRedacted: 0 })
        if (more > 0) expect(check).toThrow('262144 are allowed')
        else check()
      },
    ),
  )
})

test('milliseconds are known by the ends of their keys', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('M', 'm', 's', '_', 'a'), maxLength: 5 }), (key) => {
      expect(isMilliseconds(key)).toBe(/(?:Ms|_ms)$/.test(key))
    }),
  )
})
