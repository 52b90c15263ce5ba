import { randomUUID } from 'node:crypto'
import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { BinaryCells } from './binary-cells.ts'
import { beginCopy, beginRow, endCopy } from './copy-format.ts'

describeOnBoth('copy from stdin', (open, kind) => {
  it.runIf(kind === 'postgres')(
    'writes every row or none, and leaves the connection fit for use',
    async () => {
      const database = await open()
      const table = `copied_${randomUUID().replaceAll('-', '')}`
      await database.query(`create table ${table} (number int primary key, word text)`)
      const copy = (...rows: readonly (readonly [number, string | null])[]): Promise<void> | undefined => {
        const cells = new BinaryCells(8)
        beginCopy(cells)
        for (const [number, word] of rows) {
          beginRow(cells, 2)
          cells.cell('integer', number)
          if (word === null) cells.nulls(1)
          else cells.cell('text', word)
        }
        endCopy(cells)
        return database.copy?.(`copy ${table} from stdin with (format binary)`, cells.bytes)
      }
      await copy()
      await copy([1, 'größer'], [2, null], [3, 'x'.repeat(200_000)])
      for (let time = 0; time < 12; time++)
        await expect(copy([4, 'new'], [1, 'again'])).rejects.toMatchObject({ code: '23505' })
      await expect(database.copy?.('copy nowhere from stdin', new Uint8Array())).rejects.toMatchObject({
        code: '42P01',
      })
      const { rows } = await database.query(
        `select number, left(word, 6) as word from ${table} order by number`,
      )
      expect(rows).toEqual([
        { number: 1, word: 'größer' },
        { number: 2, word: null },
        { number: 3, word: 'xxxxxx' },
      ])
    },
  )

  it.runIf(kind === 'embedded')('is not to be had', async () => {
    expect((await open()).copy).toBeNull()
  })
})
