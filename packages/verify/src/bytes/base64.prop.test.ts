import fc from 'fast-check'
import { expect, it } from 'vitest'
import { base64Of, bytesOfBase64 } from './base64.ts'

it('base64 is that of Node, both ways', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 10_000 }), (bytes) => {
      expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(bytesOfBase64(base64Of(bytes))).toEqual(bytes)
    }),
  )
})

it('base64 that is not canonical is none', () => {
  const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_ ']
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...alphabet), { maxLength: 12 }), (characters) => {
      const text = characters.join('')
      const isCanonical = Buffer.from(text, 'base64').toString('base64') === text
      expect(bytesOfBase64(text) !== null).toBe(isCanonical)
    }),
    { numRuns: 1000 },
  )
})
