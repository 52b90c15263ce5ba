import { describeOnBoth } from '@steptrail/testkit'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isoInstant } from './instant.ts'

describeOnBoth('an instant as bytes', (open) => {
  it('is the text that it is as an object', async () => {
    const database = await open()
    const years = { min: Date.parse('1970-01-01'), max: Date.parse('2199-12-31') }
    const instant = fc.tuple(fc.integer(years), fc.integer({ min: 0, max: 999 }))
    await fc.assert(
      fc.asyncProperty(fc.array(instant, { minLength: 1, maxLength: 50 }), async (drawn) => {
        const texts = drawn.map(
          ([ms, micros]) => `${new Date(ms).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`,
        )
        const text = 'select instant::timestamptz from unnest($1::text[]) as instant'
        const { rows: read } = await database.query({ text, take: (row) => isoInstant(row, 0) }, [texts])
        const { rows: objects } = await database.query<{ instant: string }>(text, [texts])
        expect(read).toEqual(objects.map((row) => row.instant))
      }),
      { numRuns: 20 },
    )
  })

  it('is a text of its own even where no event can be', async () => {
    const database = await open()
    const text = `select instant::timestamptz from unnest('{infinity,-infinity}'::text[]) as instant`
    const { rows } = await database.query<string>({ text, take: (row) => isoInstant(row, 0) })
    expect(new Set(rows).size).toBe(2)
  })
})
