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
  const nearly = fc.stringMatching(/^[A-Za-z0-9+/]{0,8}[-A-Za-z0-9+/=_ ]{0,4}$/)
  fc.assert(
    fc.property(nearly, (text) => {
      const isCanonical = Buffer.from(text, 'base64').toString('base64') === text
      expect(bytesOfBase64(text) !== null).toBe(isCanonical)
    }),
    { numRuns: 1000 },
  )
})
