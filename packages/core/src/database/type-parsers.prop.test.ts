import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBigint, parseTimestamptz } from './type-parsers.ts'

/** How PostgreSQL writes an instant of a UTC session: decimals without zeros at their end. */
const writtenByPostgres = (instant: Date, micros: number): string => {
  const seconds = instant.toISOString().slice(0, 19).replace('T', ' ')
  const decimals = String(instant.getUTCMilliseconds() * 1000 + micros)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return `${seconds}${decimals === '' ? '' : `.${decimals}`}+00`
}

describe('values from the database', () => {
  it('are instants to the millisecond, whatever decimals PostgreSQL wrote', () => {
    const instants = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 999 }), (instant, micros) => {
        expect(parseTimestamptz(writtenByPostgres(instant, micros))).toBe(instant.toISOString())
      }),
    )
  })

  it('are instants as PostgreSQL writes them where ISO-8601 has no such', () => {
    for (const text of ['infinity', '-infinity', '0044-03-15 12:00:00+00 BC', '12026-01-01 00:00:00+00'])
      expect(parseTimestamptz(text)).toBe(text)
  })

  it('are whole numbers, exactly or not at all', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const text = String(value)
        if (Number.isSafeInteger(Number(text))) expect(String(parseBigint(text))).toBe(text)
        else expect(() => parseBigint(text)).toThrow(`bigint ${text} is beyond`)
      }),
    )
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(parseBigint(String(value))).toBe(value)
      }),
    )
  })
})
