import { describeOnBoth } from '@steptrail/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ArrayParameter } from './array-parameter.ts'
import type { CellType } from './binary-cells.ts'

const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''))
const values: Readonly<Record<CellType, fc.Arbitrary<unknown>>> = {
  uuid: fc.uuid(),
  text: fc.oneof(text, fc.constantFrom('', 'null', 'NULL', '"', '\\', '{}', '{,}', 'x'.repeat(10_000))),
  bigint: fc.maxSafeInteger(),
  integer: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  jsonb: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text))),
  timestamptz: fc
    .date({
      min: new Date('1000-01-01T00:00:00Z'),
      max: new Date('9000-01-01T00:00:00Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString()),
}

describeOnBoth('an array as a parameter', (open) => {
  it.each(Object.keys(values) as CellType[])('comes back as it was given, of %s', async (type) => {
    const { query } = await open()
    const elements = fc.array(fc.option(values[type]), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(elements, async (given) => {
        const array = new ArrayParameter(type, given.length)
        given.forEach((value, index) => {
          if (value !== null)
            array.set(index, type === 'jsonb' ? JSON.stringify(value) : (value as string | number))
        })
        const { rows } = await query<{ readonly value: unknown }>(
          `select value from unnest($1::${type}[]) as value`,
          [array.encoded()],
        )
        expect(rows.map(({ value }) => value)).toEqual(given)
      }),
      { numRuns: 60 },
    )
  })

  it('is null where nothing was set', async () => {
    const { query } = await open()
    const array = new ArrayParameter('integer', 5)
    array.set(1, 7)
    array.set(3, 8)
    const { rows } = await query('select array_to_json($1::int[]) as array', [array.encoded()])
    expect(rows).toEqual([{ array: [null, 7, null, 8, null] }])
  })

  it.each([
    ['uuid', 'f81d4fae-7dec-11d0-a765', 'which is no UUID'],
    ['uuid', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf67', 'which is no UUID'],
    ['uuid', 'f81d4fae-7dec-11d0-a765.00a0c91e6bf6', 'which is no UUID'],
    ['uuid', 'f81d4fae-7dec-11d0-a765-00a0c91e6bfg', 'which is no UUID'],
    ['uuid', 'f81d4fae-7dec-11d0-a765-00a0c91e6b\u0133f', 'which is no UUID'],
    ['uuid', 7, 'which is no text'],
    ['text', 7, 'which is no text'],
    ['jsonb', 7, 'which is no text'],
    ['bigint', 1.5, 'which is no whole number below 2^53'],
    ['bigint', 2 ** 53, 'which is no whole number below 2^53'],
    ['integer', 2 ** 31, 'which is no integer of 32 bits'],
    ['timestamptz', 'yesterday', 'which is no instant'],
  ] as const)('refuses what is no %s: %j', (type, value, message) => {
    expect(() => new ArrayParameter(type, 1).set(0, value)).toThrow(message)
  })
})
