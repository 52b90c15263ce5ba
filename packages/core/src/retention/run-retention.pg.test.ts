import { describeOnBoth } from '@steptrail/testkit'
import { beforeEach, expect, it } from 'vitest'
import { type AgedExecution, event, remains, writeAged } from '../../test/aged-trail.ts'
import type { Database, Query } from '../database/database.ts'
import { insertEvents } from '../trail/write-events.ts'
import type { Archive } from './archive/archive.ts'
import { placeHold, releaseHold } from './holds.ts'
import { planRetention } from './plan-retention.ts'
import { setRetentionPolicy } from './policies.ts'
import { listRetentionRuns } from './retention-runs.ts'
import { runRetention } from './run-retention.ts'

const now = Date.UTC(2026, 9, 15)
const by = { type: 'user', id: 'olga' } as const
const given = { actor: by, reason: 'the lawyers want it' }
const whole = [3, 3, 1, 3, 0]
const gone = [0, 0, 0, 0, 0]
const at = (...instants: string[]): string[] => instants.map((instant) => `${instant}T12:00:00.000Z`)
const inMay = at('2026-05-10', '2026-05-11', '2026-05-12')
const overJune = at('2026-05-30', '2026-06-01', '2026-06-02')

const old: AgedExecution = { workflow: 'w', events: inMay }
const straddling: AgedExecution = { workflow: 'w', events: overJune }
const young: AgedExecution = { workflow: 'w', events: at('2026-05-20', '2026-08-01', '2026-08-02') }

describeOnBoth('retention', (open) => {
  let database: Database
  beforeEach(async () => {
    database = await open()
  })

  const run = (archive: Archive | null = null) => runRetention(database, { by, archive, now })
  const partitions = async (): Promise<readonly string[]> => {
    const { rows } = await database.query<{ name: string }>(
      `select relname::text as name from pg_class
      where relname ~ '_2026_0[5-8](_kept|_gone)?$' and relkind = 'r' order by 1`,
    )
    return rows.map(({ name }) => name)
  }

  /** Every column of their events, those that the database makes as well. */
  const rowsOf = async (ids: readonly string[]): Promise<readonly object[]> => {
    const { rows } = await database.query<object>(
      'select * from audit_event where execution_id = any($1::text[]) order by id',
      [ids],
    )
    return rows
  }

  it('lets whole executions go that ended before their cutoff, over two partitions, and nothing else', async () => {
    const ids = await writeAged(database, [
      old,
      straddling,
      young,
      { ...old, live: 'running' },
      { ...old, live: 'ended' },
    ])
    const plan = await planRetention(database, { now })
    expect(plan).toMatchObject({ executionCount: 3 })
    expect(await remains(database, ids)).toEqual([whole, whole, whole, [3, 3, 1, 3, 1], [3, 3, 1, 3, 1]])

    const result = await run()
    expect(result.months).toEqual(plan.months)
    expect(await remains(database, ids)).toEqual([gone, gone, whole, [3, 3, 1, 3, 1], gone])
    expect(await partitions()).toEqual([
      'audit_event_2026_05',
      'audit_event_2026_08',
      'workflow_execution_audit_2026_05',
      'workflow_execution_audit_2026_08',
      'workflow_step_transitions_2026_05',
      'workflow_step_transitions_2026_08',
    ])
    const { rows } = await database.query(
      'select count(*)::int as count from workflow_execution_audit_archive',
    )
    expect(rows).toEqual([{ count: 3 }])
    expect(await listRetentionRuns(database)).toMatchObject([
      { status: 'done', by, result: { executionCount: 3, resultAuditCount: 9 } },
    ])
    expect((await run()).months).toEqual([])
  })

  it('leaves a record of what it dropped, and refuses what comes late for a closed month', async () => {
    await writeAged(database, [old, young])
    await run()
    const { rows } = await database.query(
      `select actor_id, details ->> 'partition' as "partition", (details ->> 'rowCount')::int as "rowCount"
      from audit_event where event_type = 'TRAIL_PARTITION_DROPPED' order by 2`,
    )
    expect(rows).toEqual([
      { actor_id: 'olga', partition: 'audit_event_2026_05', rowCount: 3 },
      { actor_id: 'olga', partition: 'workflow_execution_audit_2026_05', rowCount: 1 },
      { actor_id: 'olga', partition: 'workflow_step_transitions_2026_05', rowCount: 3 },
    ])
    const late = (timestamp: string) =>
      database.transaction((tx) =>
        insertEvents((text, values) => tx(text, values), [event(timestamp, 'OPERATION')]),
      )
    await expect(late('2026-05-25T00:00:00.000Z')).rejects.toMatchObject({ code: 'event_expired' })
    await late('2026-06-25T00:00:00.000Z')
    for (const statement of ['delete from audit_event', 'truncate audit_event_2026_05'])
      await expect(database.query(statement)).rejects.toMatchObject({ code: 'append_only' })
  })

  it('goes by the longest policy that matches', async () => {
    await setRetentionPolicy(database, { match: { workflow: 'long' }, keepDays: 400 }, given)
    await setRetentionPolicy(database, { match: { tenant: 'acme' }, keepDays: 30 }, given)
    await setRetentionPolicy(database, { match: { entityType: 'OPERATION' }, keepDays: 1 }, given)
    const recent = { workflow: 'w', tenant: 'acme', events: at('2026-08-01', '2026-08-02', '2026-08-03') }
    const ids = await writeAged(database, [
      { ...old, workflow: 'long' },
      { ...old, workflow: 'long', tenant: 'acme' },
      old,
      recent,
      { ...recent, tenant: 'default' },
    ])
    await database.transaction((tx) =>
      insertEvents(
        (text, values) => tx(text, values),
        [event('2026-09-20T00:00:00.000Z', 'OPERATION'), event('2026-09-20T00:00:00.001Z', 'SELECTION')],
      ),
    )
    await run()
    expect(await remains(database, ids)).toEqual([whole, whole, gone, gone, whole])
    const { rows } = await database.query(
      `select entity_type from audit_event where execution_id is null and entity_type <> 'TRAIL'`,
    )
    expect(rows).toEqual([{ entity_type: 'SELECTION' }])
  })

  it('keeps what is held, whatever the hold names, and lets it go once the hold is released', async () => {
    const held = [
      { correlationId: 'rr-1', match: { correlationId: 'rr-1' } },
      { workflow: 'sued', match: { workflow: 'sued' } },
      { actor: 'mallory', match: { actor: 'mallory' } },
      { events: overJune, match: { from: '2026-06-01T00:00:00Z', until: '2026-07-01T00:00:00Z' } },
      { tenant: 'acme', match: { tenant: 'acme' } },
    ].map(({ match, ...change }) => ({ match, execution: { ...old, ...change } }))
    const ids = await writeAged(database, [...held.map(({ execution }) => execution), old, old])
    const holds = [await placeHold(database, { executionId: ids.at(-1)?.toUpperCase() }, given)]
    for (const { match } of held) holds.push(await placeHold(database, match, given))
    const before = await rowsOf(ids.filter((id) => id !== ids.at(-2)))
    await run()
    expect(await rowsOf(ids)).toEqual(before)
    expect(await remains(database, ids)).toEqual([...held.map(() => whole), gone, whole])
    for (const holdId of holds) await releaseHold(database, holdId, given)
    await run()
    expect(await remains(database, ids)).toEqual(ids.map(() => gone))
    await expect(releaseHold(database, holds[0] ?? '', given)).rejects.toMatchObject({
      code: 'hold_not_found',
    })
    await expect(placeHold(database, {}, given)).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(placeHold(database, { workflow: 'w' }, { actor: by, reason: ' ' })).rejects.toMatchObject({
      code: 'reason_required',
    })
  })

  it('lets nothing go when a hold is placed while it runs, or the archive fails, or loses a row', async () => {
    const ids = await writeAged(database, [old, straddling, young])
    const before = await partitions()
    const failing = (store: Archive['store']): Archive => ({
      store,
      finish: async () => {},
      discard: async () => {},
    })
    const counting: Archive['store'] = async ({ table, month, rows }) => {
      let rowCount = 0
      for await (const _ of rows) rowCount += 1
      return { table, month, path: '', byteCount: 0, fileDigest: '', digest: '0'.repeat(64), rowCount }
    }
    const troubles: readonly (readonly [Archive['store'], object])[] = [
      [
        async (request) => {
          await placeHold(database, { workflow: 'unrelated' }, given)
          return await counting(request)
        },
        { code: 'retention_changed' },
      ],
      [
        async (request) => {
          const file = await counting(request)
          if (request.month === '2026-06') throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
          return file
        },
        { code: 'ENOSPC' },
      ],
      [async (request) => ({ ...(await counting(request)), rowCount: 1 }), { code: 'archive_unverified' }],
      [
        async (request) => {
          await database.transaction((tx) =>
            insertEvents(
              (text, values) => tx(text, values),
              [{ ...event('2026-09-01T00:00:00.000Z', 'OPERATION'), executionId: ids[0] ?? null }],
            ),
          )
          return await counting(request)
        },
        { code: 'retention_changed' },
      ],
    ]
    for (const [store, error] of troubles) {
      await expect(run(failing(store))).rejects.toMatchObject(error)
      expect((await remains(database, ids)).map(([, ...others]) => others)).toEqual(
        ids.map(() => whole.slice(1)),
      )
      expect((await remains(database, ids)).every(([events = 0]) => events >= 3)).toBe(true)
      expect(await partitions()).toEqual(before)
    }
    expect((await listRetentionRuns(database)).map(({ status }) => status)).toEqual(
      troubles.map(() => 'failed'),
    )
    await run(failing(counting))
    expect((await remains(database, ids))[1]).toEqual(gone)
  })

  it('frees the files of what went after it has gone, and else with the next run', async () => {
    const ids = await writeAged(database, [old])
    const there = async (name: string): Promise<boolean> => {
      const { rows } = await database.query<{ there: boolean }>(
        'select to_regclass($1) is not null as there',
        [name],
      )
      return rows[0]?.there ?? false
    }
    const unable: Database = Object.create(database, {
      query: { value: database.query },
      transaction: {
        value: (work: (tx: Query) => Promise<unknown>) =>
          database.transaction((tx) =>
            work((statement, values) =>
              typeof statement === 'string' && statement.includes('retention_free')
                ? Promise.reject(new Error('the connection is gone'))
                : tx(statement, values),
            ),
          ),
      },
    }) as Database
    const result = await runRetention(unable, { by, archive: null, now })
    expect(result).toMatchObject({
      executionCount: 1,
      unfreed: expect.arrayContaining([
        {
          table: 'audit_event_2026_05_gone',
          reason: expect.stringContaining('an answer of the database was lost'),
        },
      ]),
    })
    expect(await remains(database, ids)).toEqual([gone])
    expect(await there('audit_event_2026_05_gone')).toBe(true)
    expect(await listRetentionRuns(database, 1)).toMatchObject([{ runId: result.runId, status: 'done' }])
    await run()
    expect(await there('audit_event_2026_05_gone')).toBe(false)
  })

  it('says what it cannot free, goes on with the others, and tries again with the next', async () => {
    await writeAged(database, [old])
    await database.query('create view of_one_month as select id from audit_event_2026_05')
    const { unfreed, executionCount } = await run()
    expect(executionCount).toBe(1)
    expect(unfreed).toEqual([
      { table: 'audit_event_2026_05_gone', reason: expect.stringContaining('other objects depend on it') },
    ])
    const unfreedYet = async () => (await partitions()).filter((name) => name.endsWith('_gone'))
    expect(await unfreedYet()).toEqual(['audit_event_2026_05_gone'])
    expect((await run()).unfreed).toEqual(unfreed)
    await database.query('drop view of_one_month')
    await run()
    expect(await unfreedYet()).toEqual([])
  })

  it('lets go of what came with a dump from a database in which more transactions have been', async () => {
    const ids = await writeAged(database, [{ ...old, live: 'ended' }, young])
    await database.transaction((tx) =>
      insertEvents(
        (text, values) => tx(text, values),
        [{ ...event('2026-08-01T00:00:00.000Z', 'TRAIL'), eventType: 'TRAIL_ERASED' }],
      ),
    )
    await database.query('alter table audit_event disable trigger trg_refuse_change')
    await database.query('update audit_event set tx = tx + 1000000')
    await database.query('alter table audit_event enable always trigger trg_refuse_change')
    await run()
    expect(await remains(database, ids)).toEqual([gone, whole])
  })

  it('begins anew after a run that was killed, and lets only one run at a time', async () => {
    const ids = await writeAged(database, [old])
    await database.query(
      `insert into retention_run (run_id, actor_type, actor_id) values ('019a4f0c-5c7b-7000-8000-000000000000', 'system', 'retention')`,
    )
    await database.query('create table audit_event_2026_05_kept (like audit_event_2026_05 including all)')
    const discarded: string[] = []
    const second = { code: '' }
    const result = await run({
      store: async ({ table, month, rows }) => {
        let rowCount = 0
        for await (const _ of rows) rowCount += 1
        await run().catch((error: unknown) => Object.assign(second, error))
        return { table, month, path: '', byteCount: 0, fileDigest: '', digest: '0'.repeat(64), rowCount }
      },
      finish: async () => {},
      discard: async (runId) => void discarded.push(runId),
    })
    expect(second.code).toBe('retention_running')
    expect(discarded).toEqual(['019a4f0c-5c7b-7000-8000-000000000000'])
    expect(await remains(database, ids)).toEqual([gone])
    expect(await listRetentionRuns(database)).toMatchObject([
      { runId: result.runId, status: 'done' },
      { status: 'failed', error: 'it was interrupted' },
    ])
  })
})
