import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoInstant } from './iso-instant.ts'

test('a time is written as a date writes it', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), fc.array(fc.nat({ max: 3000 })), (date, steps) => {
      for (let time = date.getTime(), index = 0; index <= steps.length; time += steps[index++] ?? 0) {
        if (Math.abs(time) > 8.64e15) return
        expect(isoInstant(time)).toBe(new Date(time).toISOString())
      }
    }),
  )
  expect(() => isoInstant(Number.NaN)).toThrow(RangeError)
})
