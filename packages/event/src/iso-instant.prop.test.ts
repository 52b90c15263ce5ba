import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoInstant, sameSecond } from './iso-instant.ts'

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

test('a time of the second that was written last is read as a date reads it, and nothing else is', () => {
  const usual = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  fc.assert(
    fc.property(usual, fc.nat({ max: 999 }), fc.string(), (date, milliseconds, noise) => {
      const written = isoInstant(date.getTime())
      const inSecond = new Date(date.getTime() - date.getUTCMilliseconds() + milliseconds).toISOString()
      expect(sameSecond(written)).toBe(date.getTime())
      expect(sameSecond(inSecond)).toBe(Date.parse(inSecond))
      for (const other of [
        new Date(date.getTime() + 1000).toISOString(),
        written.slice(0, -1),
        `${written.slice(0, -4)}12/Z`,
        `${written.slice(0, -4)}:12Z`,
        `${written.slice(0, -1)}z`,
        `${written.slice(0, 20)}${noise.slice(0, 3).replaceAll(/\d/g, 'x').padEnd(3, 'x')}Z`,
        noise,
      ])
        expect(sameSecond(other)).toBeNull()
    }),
  )
})
