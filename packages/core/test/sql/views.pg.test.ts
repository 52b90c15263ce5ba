import { uuidV7 } from '@steptrail/event'
import { createMigratedDatabase, describeOnBoth } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open-database.ts'
import { insertRow } from './insert-row.ts'
import type { Row } from './insert-row.ts'

describeOnBoth('the views', (open) => {
  let database: Database
  let startMs: number
  beforeAll(async () => {
    database = await open()
    const { rows } = await database.query<{ now: string }>('select now() as now')
    startMs = Date.parse(rows[0]?.now ?? '')
  })

  const event = (afterMs: number, more: Row): Promise<Row> =>
    insertRow(database.query, 'audit_event', {
      id: uuidV7(startMs + afterMs),
      timestamp: new Date(startMs + afterMs).toISOString(),
      event_type: 'STEP_STARTED',
      entity_type: 'STEP',
      ...more,
    })

  it('show the timeline of each execution by its sequence, with gaps and running time', async () => {
    const a = { execution_id: 'a' }
    await event(1234, { ...a, execution_seq: 2, event_type: 'STEP_STARTED' })
    await event(0, {
      ...a,
      execution_seq: 1,
      event_type: 'ORCHESTRATION_STARTED',
      entity_type: 'ORCHESTRATION',
    })
    await event(500, { execution_id: 'b', execution_seq: 1 })
    await event(9000, {
      ...a,
      execution_seq: 3,
      event_type: 'STEP_SUCCESS',
      status: 'SUCCESS',
      duration_ms: 7766,
    })
    await event(9000, { ...a, event_type: 'app.note.taken', entity_type: 'OPERATION' })
    await event(1, { event_type: 'app.note.taken', entity_type: 'OPERATION' })

    const { rows } = await database.query(
      'select execution_id, execution_seq, event_type, gap_ms, running_ms from v_execution_timeline',
    )
    expect(rows).toEqual([
      { ...a, execution_seq: 1, event_type: 'ORCHESTRATION_STARTED', gap_ms: null, running_ms: 0 },
      { ...a, execution_seq: 2, event_type: 'STEP_STARTED', gap_ms: 1234, running_ms: 1234 },
      { ...a, execution_seq: 3, event_type: 'STEP_SUCCESS', gap_ms: 7766, running_ms: 9000 },
      { ...a, execution_seq: null, event_type: 'app.note.taken', gap_ms: 0, running_ms: 9000 },
      { execution_id: 'b', execution_seq: 1, event_type: 'STEP_STARTED', gap_ms: null, running_ms: 0 },
    ])
    const one = await database.query(`select from v_execution_timeline where execution_id = 'a'`)
    expect(one.rowCount).toBe(4)
  })

  it('find one execution’s timeline by the index', async () => {
    const plan = await database.transaction(async (tx) => {
      await tx('set local enable_seqscan = off')
      return tx<{ 'QUERY PLAN': string }>(
        `explain select * from v_execution_timeline where execution_id = 'a'`,
      )
    })
    const text = plan.rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(text).toMatch(/Index Cond: .*execution_id = 'a'::text/)
  })

  it('show an event under the column names of other audit tables', async () => {
    const { id, timestamp } = await event(60_000, {
      event_type: 'OPERATION',
      entity_type: 'OPERATION',
      action: 'config_update',
      status: 'SUCCESS',
      service_name: 'api-service',
      correlation_id: 'rr-1',
      actor_type: 'user',
      actor_id: 'anna@example.com',
      resource_type: 'config',
      resource_id: 'limits',
      message: 'raised',
      duration_ms: 12,
      details: { to: 7 },
    })
    const { rows } = await database.query('select * from audit_events where id = $1', [id])
    expect(rows).toEqual([
      {
        event_id: id,
        event_timestamp: timestamp,
        event_date: String(timestamp).slice(0, 10),
        event_type: 'OPERATION',
        service: 'api-service',
        correlation_id: 'rr-1',
        user_id: 'anna@example.com',
        resource_type: 'config',
        resource_id: 'limits',
        action: 'config_update',
        outcome: 'success',
        severity: 'info',
        event_data: { to: 7 },
        duration_ms: 12,
        id,
        timestamp,
        source: 'api-service',
        operator: 'anna@example.com',
        operation_type: 'config_update',
        result: 'success',
        message: 'raised',
        extra_info: { to: 7 },
      },
    ])
  })

  it.each<[Row, string]>([
    [{ status: 'SUCCESS' }, 'success'],
    [{ status: 'FAILED' }, 'failure'],
    [{ status: 'WARNING' }, 'warning'],
    [{ status: null }, 'success'],
    [{ status: null, severity: 'warning' }, 'success'],
    [{ status: null, severity: 'error' }, 'failure'],
    [{ status: null, severity: 'critical' }, 'failure'],
    [{ status: 'SUCCESS', severity: 'error' }, 'success'],
  ])('call %j a %s', async (columns, word) => {
    const { id } = await event(0, columns)
    const { rows } = await database.query('select outcome, result from audit_events where id = $1', [id])
    expect(rows).toEqual([{ outcome: word, result: word }])
  })

  it('have a source and an operation where the event names none', async () => {
    const { id } = await event(0, {})
    const { rows } = await database.query('select source, operation_type from audit_events where id = $1', [
      id,
    ])
    expect(rows).toEqual([{ source: 'system', operation_type: 'STEP_STARTED' }])
  })

  it('name the feed the same each time', async () => {
    const generation = async () =>
      (await database.query<{ name: string }>('select feed_generation() as name')).rows[0]?.name
    expect(await generation()).toMatch(/^[0-9a-f-]{36}\.\d+\.\d+\.\d+$/)
    expect(await generation()).toBe(await generation())
  })

  it('make ids of any time that begin with it, and sort by it', async () => {
    const { rows } = await database.query<{ id: string; now: string; ordered: boolean }>(
      `select uuid_v7('2025-11-04 10:00:00.1236+00')::text as id, uuid_v7('2025-11-04') < uuid_v7('2025-11-05') as ordered`,
    )
    expect(rows[0]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const prefix = Number.parseInt(rows[0]?.id.replace('-', '').slice(0, 12) ?? '', 16)
    expect(new Date(prefix).toISOString()).toBe('2025-11-04T10:00:00.124Z')
    expect(rows[0]?.ordered).toBe(true)
  })
})

describe('the feed of a copied database', () => {
  it('has a name of its own', async () => {
    const generations = await Promise.all(
      [await createMigratedDatabase(), await createMigratedDatabase()].map(async (url) => {
        await using database = await openDatabase({ url })
        const { rows } = await database.query<{ name: string; uuid: string }>(
          'select feed_generation() as name, feed_uuid as uuid from feed_identity',
        )
        return rows[0]
      }),
    )
    expect(generations[0]?.uuid).toBe(generations[1]?.uuid)
    expect(generations[0]?.name).not.toBe(generations[1]?.name)
  })
})
