import { randomUUID } from 'node:crypto'
import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { BinaryCells } from './binary-cells.ts'
import { withSession } from './client-session.ts'
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
      for (const input of [new Uint8Array(), new Uint8Array(5_000_000)])
        await expect(database.copy?.('copy nowhere from stdin', input)).rejects.toMatchObject({
          code: '42P01',
        })
      await expect(
        database.copy?.(`copy ${table} from stdin with (format binary)`, new Uint8Array(5_000_000)),
      ).rejects.toMatchObject({ code: '22P04' })
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

  it.runIf(kind === 'postgres')('leaves a session fit for use whatever is refused of it', async () => {
    const database = await open()
    await withSession(database, async ({ query, copy }) => {
      const pid = async (): Promise<unknown> => (await query('select pg_backend_pid() as pid')).rows
      const own = await pid()
      await query('create temporary table kept (number int)')
      await copy('copy kept from stdin', Buffer.from('1\n2\n'))
      await expect(copy('copy kept from stdin', lines(['3', 'no number', '4']))).rejects.toMatchObject({
        code: '22P02',
      })
      await expect(copy('copy gone from stdin', lines(['3']))).rejects.toMatchObject({ code: '42P01' })
      await expect(copy('copy kept frm stdin', lines(['3']))).rejects.toMatchObject({ code: '42601' })
      await copy('copy kept from stdin', Buffer.from('5\n'))
      expect((await query('select number from kept order by number')).rows).toEqual([
        { number: 1 },
        { number: 2 },
        { number: 5 },
      ])
      expect(await pid()).toEqual(own)
    })
  })

  it.runIf(kind === 'embedded')('is not to be had', async () => {
    expect((await open()).copy).toBeNull()
  })
})

/** More than a socket takes at once comes after them. */
const lines = (first: readonly string[]): Uint8Array =>
  Buffer.from(`${first.join('\n')}\n${'0\n'.repeat(1_500_000)}`)
