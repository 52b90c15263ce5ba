import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createUuidV7Generator, isUuid, timestampOfUuid, uuidV7, uuidV8 } from './ids.ts'

const timestampMs = fc.integer({ min: 0, max: 2 ** 48 - 1 })

test('every id gives its time back, and its version and variant', () => {
  fc.assert(
    fc.property(timestampMs, fc.uint8Array({ minLength: 10, maxLength: 32 }), (time, hash) => {
      const ids = { 7: [uuidV7(time), createUuidV7Generator()(time)], 8: [uuidV8(time, hash)] }
      for (const [version, made] of Object.entries(ids))
        for (const id of made) {
          expect(timestampOfUuid(id)).toBe(time)
          expect(isUuid(id)).toBe(true)
          expect(id).toMatch(new RegExp(`^.{14}${version}.{4}[89ab]`))
        }
    }),
  )
})

test('ids of one generator increase while time does not go back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 300 }), (steps) => {
      const next = createUuidV7Generator()
      let time = 1_700_000_000_000
      const ids = steps.map((step) => next((time += step)))
      expect(ids.toSorted()).toEqual(ids)
      expect(new Set(ids).size).toBe(ids.length)
    }),
  )
})
