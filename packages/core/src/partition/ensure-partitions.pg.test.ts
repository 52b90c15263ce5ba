import { uuidV7 } from '@steptrail/event'
import {
  createMigratedDatabase,
  describeOnBoth,
  openTestDatabase,
  releaseAfterTest,
} from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database, Query } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import {
  CommittedPartitions,
  ensureMonthsAhead,
  ensurePartitions,
  partitionedTables,
  partitionsOf,
} from './ensure-partitions.ts'

interface Partition {
  readonly name: string
  readonly bounds: string
  readonly comment: string
}

async function partitionsIn(query: Query): Promise<readonly Partition[]> {
  const { rows } = await query<Partition>(
    `select inhrelid::regclass::text as name, pg_get_expr(relpartbound, inhrelid) as bounds,
      obj_description(inhrelid, 'pg_class') as comment
    from pg_inherits
    join pg_class on pg_class.oid = inhrelid
    where inhparent in (
      'audit_event'::regclass, 'workflow_step_transitions'::regclass, 'workflow_execution_audit'::regclass
    )
    order by 1`,
  )
  return rows
}

const insertAt = (query: Query, at: string) =>
  query(
    `insert into audit_event (id, "timestamp", event_type, entity_type) values ($1, $2, 'x', 'OPERATION')`,
    [uuidV7(Date.parse(at)), at],
  )

describe('the partitions of rows', () => {
  it('are one for each table and month, in UTC', () => {
    expect(partitionsOf('audit_event', [])).toEqual([])
    const times = [
      '2025-10-31T23:59:59.999Z',
      Date.UTC(2025, 10, 1),
      '2025-11-30T23:59:59.999Z',
      '2025-12-01T00:00:00.000Z',
    ]
    expect(partitionsOf('audit_event', times)).toEqual([
      { table: 'audit_event', month: '2025-10' },
      { table: 'audit_event', month: '2025-11' },
      { table: 'audit_event', month: '2025-12' },
    ])
  })
})

describeOnBoth('partitions', (open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
  })

  it('are there for this month and the next two', async () => {
    const { rows } = await database.query<{ month: string }>(
      `select to_char(date_trunc('month', now()) + n * interval '1 month', 'YYYY_MM') as month from generate_series(0, 2) as n`,
    )
    const names = (await partitionsIn(database.query)).map(({ name }) => name)
    const expected = rows.flatMap(({ month }) => partitionedTables.map((table) => `${table}_${month}`))
    expect(names.toSorted()).toEqual(expected.toSorted())
    await ensureMonthsAhead(database.query)
    expect((await partitionsIn(database.query)).map(({ name }) => name)).toEqual(names)
  })

  it('are made for rows of any month, whose first and last millisecond they take', async () => {
    const instants = ['2024-02-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z', '2023-12-31T23:59:59.999Z']
    for (const at of instants)
      await expect(insertAt(database.query, at)).rejects.toMatchObject({ code: '23514' })
    const made = await database.transaction(async (tx) => {
      const months = await ensurePartitions(tx, partitionsOf('audit_event', instants))
      for (const at of instants) await insertAt(tx, at)
      return months
    })
    expect(made.map(({ month }) => month)).toEqual(['2024-02', '2023-12'])
    expect((await partitionsIn(database.query)).find(({ name }) => name === 'audit_event_2024_02')).toEqual({
      name: 'audit_event_2024_02',
      bounds: "FOR VALUES FROM ('2024-02-01 00:00:00+00') TO ('2024-03-01 00:00:00+00')",
      comment: 'audit_event of 2024-02, in UTC.',
    })
  })

  it('have the indexes, constraints, defaults and row security of their table', async () => {
    await ensurePartitions(database.query, partitionsOf('audit_event', ['2022-01-01T00:00:00.000Z']))
    const { rows } = await database.query<{ parent: string; child: string }>(
      `select
        (select count(*) from pg_index where indrelid = relation.oid) as indexes,
        (select count(*) from pg_constraint where conrelid = relation.oid and contype = 'c') as checks,
        (select count(*) from pg_attrdef where adrelid = relation.oid) as defaults
      from (values ('audit_event'::regclass), ('audit_event_2022_01'::regclass)) as relation (oid)`,
    )
    expect(rows[1]).toEqual(rows[0])
    const secured = await database.query(
      `select relrowsecurity as secured from pg_class where oid = 'audit_event_2022_01'::regclass`,
    )
    expect(secured.rows).toEqual([{ secured: true }])
  })

  it('are asked for no more once they are known to be committed, and only then', async () => {
    const committed = new CommittedPartitions()
    const wanted = partitionsOf('workflow_step_transitions', ['2021-05-05T00:00:00.000Z'])
    const rolledBack = database.transaction(async (tx) => {
      expect(await ensurePartitions(tx, wanted, committed)).toEqual(wanted)
      throw new Error('never mind')
    })
    await expect(rolledBack).rejects.toThrow('never mind')
    const made = await database.transaction((tx) => ensurePartitions(tx, wanted, committed))
    expect(made).toEqual(wanted)
    committed.add(made)
    const refuse: Query = () => Promise.reject(new Error('asked again'))
    expect(await ensurePartitions(refuse, wanted, committed)).toEqual([])
    const other = partitionsOf('audit_event', ['2021-05-05T00:00:00.000Z'])
    await expect(ensurePartitions(refuse, other, committed)).rejects.toThrow('asked again')
  })

  it.each([
    ['1999-12', '22008'],
    ['2999-01', '22008'],
  ])('are not made for %s', async (month, code) => {
    const attempt = ensurePartitions(database.query, [{ table: 'audit_event', month }])
    await expect(attempt).rejects.toMatchObject({
      code,
      message: expect.stringContaining('give a time since 2000') as string,
    })
  })

  it.each(['workflow_steps', 'audit_event_2024_02', 'v_execution_timeline', 'pg_catalog.pg_class'])(
    'are not made of %s',
    async (table) => {
      await expect(
        database.query('select ensure_partition($1::regclass, now())', [table]),
      ).rejects.toMatchObject({
        code: '22023',
      })
    },
  )

  it('are not taken for there when they have been detached', async () => {
    const wanted = partitionsOf('audit_event', ['2020-06-01T00:00:00.000Z'])
    await ensurePartitions(database.query, wanted)
    await database.query('alter table audit_event detach partition audit_event_2020_06')
    await expect(ensurePartitions(database.query, wanted)).rejects.toMatchObject({
      code: '55000',
      hint: expect.stringContaining('it was detached') as string,
    })
  })
})

describe('partitions that many ask for at once', () => {
  it('are made once', async () => {
    const database = await openDatabase({ url: await createMigratedDatabase(), maxConnections: 20 })
    releaseAfterTest(() => database.close())
    const instants = ['2024-01-15T00:00:00.000Z', '2024-02-15T00:00:00.000Z', '2024-03-15T00:00:00.000Z']
    await Promise.all(
      Array.from({ length: 20 }, (_, writer) =>
        database.transaction(async (tx) => {
          const tables = writer % 2 === 0 ? partitionedTables : partitionedTables.toReversed()
          for (const table of tables)
            await ensurePartitions(
              tx,
              partitionsOf(table, writer % 3 === 0 ? instants.toReversed() : instants),
            )
          for (const at of instants) await insertAt(tx, at)
        }),
      ),
    )
    const made = (await partitionsIn(database.query)).filter(({ name }) => name.includes('2024'))
    expect(made).toHaveLength(3 * partitionedTables.length)
    expect((await database.query('select from audit_event')).rowCount).toBe(60)
  })

  it('are made while another transaction reads and writes the table', async () => {
    const database = await openTestDatabase('postgres')
    await database.transaction(async (tx) => {
      await tx(`insert into audit_event (event_type, entity_type) values ('x', 'OPERATION')`)
      await tx('select from audit_event')
      await database.query(`set lock_timeout = '5s'`)
      await ensurePartitions(database.query, partitionsOf('audit_event', ['2024-01-15T00:00:00.000Z']))
      await ensurePartitions(tx, partitionsOf('audit_event', ['2024-01-15T00:00:00.000Z']))
      await insertAt(tx, '2024-01-15T00:00:00.000Z')
    })
    expect((await database.query('select from audit_event')).rowCount).toBe(2)
  })

  it('are seen by a repeatable read that began before', async () => {
    const database = await openTestDatabase('postgres')
    const wanted = partitionsOf('audit_event', ['2024-01-15T00:00:00.000Z'])
    await database.transaction(
      async (tx) => {
        await tx('select from audit_event')
        await ensurePartitions(database.query, wanted)
        await ensurePartitions(tx, wanted)
        await insertAt(tx, '2024-01-15T00:00:00.000Z')
      },
      { isolation: 'repeatable read' },
    )
  })
})
