import { describeOnBoth } from '@steptrail/testkit'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

describeOnBoth('rows that are taken as they come', (open) => {
  it('are bytes, of which each is what it was', async () => {
    const database = await open()
    const { rows, rowCount } = await database.query(
      {
        text: `select number::bigint, case when number > 1 then repeat('größer ', $1::int) end as word,
                    '01890000-0000-7000-8000-00000000000a'::uuid as id, number = 2 as is_two
             from generate_series(-1, 3) as number order by number`,
        take: (row) => [row.bigint(0), row.text(1)?.length ?? null, row.uuid(2), row.isTrue(3), row.width],
      },
      [30_000],
    )
    const id = '01890000-0000-7000-8000-00000000000a'
    expect(rows).toEqual([
      [-1, null, id, false, 4],
      [0, null, id, false, 4],
      [1, null, id, false, 4],
      [2, 210_000, id, true, 4],
      [3, 210_000, id, false, 4],
    ])
    expect(rowCount).toBe(5)
  })

  it('are of a statement whose values are what was given, whatever they hold', async () => {
    const database = await open()
    const text = fc
      .oneof(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc
          .array(fc.constantFrom("'", '\\', '"', '$1', '{', '}', ',', "E'", ';--', 'NULL'), { maxLength: 8 })
          .map((parts) => parts.join('')),
      )
      .filter((drawn) => drawn.isWellFormed() && !drawn.includes('\0'))
    await fc.assert(
      fc.asyncProperty(text, fc.array(text, { maxLength: 4 }), fc.integer(), async (one, many, number) => {
        const { rows } = await database.query(
          {
            text: 'select $2::text, to_json($1::text[])::text, -$3::bigint, $4::text',
            take: (row) => [row.text(0), JSON.parse(String(row.text(1))), row.bigint(2), row.text(3)],
          },
          [many, one, number, null],
        )
        expect(rows).toEqual([[one, many, -number + 0, null]])
      }),
      { numRuns: 60 },
    )
  })

  it('may fail, in the database and where they are taken, and the connection goes on', async () => {
    const database = await open()
    await database.transaction(async (tx) => {
      await tx('savepoint before')
      const failing = tx({
        text: 'select 1 / (3 - number) from generate_series(1, 5) as number',
        take: () => 1,
      })
      await expect(failing).rejects.toMatchObject({ code: '22012' })
      await tx('rollback to before')
      let taken = 0
      const thrown = tx({
        text: 'select number from generate_series(1, 5) as number',
        take: () => {
          taken += 1
          throw new Error('not this one')
        },
      })
      await expect(thrown).rejects.toThrow('not this one')
      expect(taken).toBe(1)
      const object = tx({ text: 'select $1::text', take: () => 1 }, [{}])
      await expect(object).rejects.toThrow('a object has no literal here')
      expect((await tx('select 1 as one')).rows).toEqual([{ one: 1 }])
    })
  })
})
