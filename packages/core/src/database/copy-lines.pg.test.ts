import { randomUUID } from 'node:crypto'
import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { CopyLines } from './copy-lines.ts'
import type { Database } from './database.ts'

interface Copied {
  readonly number: number
  readonly pid: number
}

describeOnBoth('COPYs in line', (open, kind) => {
  it.runIf(kind === 'postgres')('share a connection, and each is written whole or not at all', async () => {
    const database = await open()
    const { copy, copied } = await tableOf(database)
    const settled = await Promise.allSettled([copy('1\nno number\n'), copy(`2\n${'0\n'.repeat(500_000)}`)])
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    await Promise.all([copy('3\n4\n'), copy('5\n')])
    const rows = (await copied()).filter(({ number }) => number > 0)
    expect(rows.map(({ number }) => number)).toEqual([2, 3, 4, 5])
    expect(new Set(rows.slice(1).map(({ pid }) => pid)).size).toBe(1)
  })

  it.runIf(kind === 'postgres')(
    'take a second connection when there are more, and give both back',
    async () => {
      const database = await open()
      const { copy, copied } = await tableOf(database)
      await Promise.all(Array.from({ length: 4 }, (_, number) => copy(`${number + 1}\n`)))
      const pids = (await copied()).map(({ pid }) => pid)
      expect(new Set(pids).size).toBe(2)
      const { idleCount, totalCount } = database.pool
      expect(idleCount).toBe(totalCount)
      expect((await database.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    },
  )

  it.runIf(kind === 'postgres')('do not join a line that stands still', async () => {
    const database = await open()
    const { copy, copied } = await tableOf(database, 0)
    await Promise.all([copy('1\n'), copy('2\n')])
    const [one, two] = await copied()
    expect(one?.pid).not.toBe(two?.pid)
  })

  it.runIf(kind === 'postgres')('fail with their connection, and the next has another', async () => {
    const database = await open()
    const { table, copy, copied } = await tableOf(database)
    const held = Promise.withResolvers<void>()
    const isHeld = Promise.withResolvers<void>()
    const holding = database.transaction(async (tx) => {
      await tx(`lock table ${table}`)
      isHeld.resolve()
      await held.promise
    })
    await isHeld.promise
    const all = Promise.allSettled([copy('1\n'), copy('2\n')])
    await expect.poll(() => waitingFor(database, table)).toBe(1)
    await database.query(
      `select pg_terminate_backend(pid) from pg_locks where relation = $1::regclass and not granted`,
      [table],
    )
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    held.resolve()
    await holding
    await copy('4\n')
    expect((await copied()).map(({ number }) => number)).toEqual([4])
  })
})

/** A table that says over which connection each row of it came, and how to copy into it. */
async function tableOf(database: Database, stillMs?: number) {
  const table = `in_line_${randomUUID().replaceAll('-', '')}`
  await database.query(`create table ${table} (number int, pid int default pg_backend_pid())`)
  const lines = new CopyLines(database, stillMs)
  return {
    table,
    copy: (text: string): Promise<void> => lines.copy(`copy ${table} (number) from stdin`, Buffer.from(text)),
    copied: async (): Promise<readonly Copied[]> =>
      (await database.query<Copied>(`select number, pid from ${table} order by number`)).rows,
  }
}

/** How many sessions wait for a lock on the table. */
async function waitingFor(database: Database, table: string): Promise<number> {
  const { rows } = await database.query<{ waiting: number }>(
    'select count(*)::int as waiting from pg_locks where relation = $1::regclass and not granted',
    [table],
  )
  return rows[0]?.waiting ?? 0
}
