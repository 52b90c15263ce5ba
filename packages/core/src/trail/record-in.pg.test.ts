import { randomUUID } from 'node:crypto'
import { eventColumns, type EventInput, timestampOfUuid, uuidV7, uuidV8 } from '@steptrail/event'
import { describeOnBoth, fakeClock } from '@steptrail/testkit'
import { beforeAll, expect, it } from 'vitest'
import { newExecution } from '../../test/executions.ts'
import { added, operation, record, sequenceOf } from '../../test/recording.ts'
import type { Database } from '../database/database.ts'
import { recordIn } from './record-in.ts'
import type { TransactionQuery } from './write-events.ts'

const never: TransactionQuery = () => Promise.reject(new Error('a statement was sent'))

const occurredAt = (timestamp: string): EventInput => operation({ timestamp })

describeOnBoth('recordIn', (open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
  })

  it('writes every column of audit_event', async () => {
    const executionId = await newExecution(database, { correlationId: 'rr-1', tenant: 'acme' })
    const now = Date.now() - 1000
    const id = uuidV7(now)
    const given = {
      id,
      timestamp: new Date(now).toISOString(),
      eventType: 'OPERATION',
      entityType: 'OPERATION',
      status: 'WARNING',
      severity: 'error',
      serviceName: 'stock-data-service',
      executionId,
      workflowName: 'tenant-provisioning',
      workflowVersion: '1.0.0',
      stepName: 'createRealm',
      stepId: randomUUID(),
      operationType: 'UNDO',
      durationMs: 9_007_199_254_740_991,
      retryCount: 2,
      correlationId: 'rr-2',
      parentEventId: uuidV7(now - 5),
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      actorType: 'agent',
      actorId: 'ops@example.org',
      resourceType: 'config',
      resourceId: 'https://example.org/config/1',
      action: 'config_update',
      reason: 'it was "wrong"',
      message: 'Übergröße\nzwei 🚀',
      details: { symbol: 'ACME', nested: [1, null, { deep: true }], backslash: '\\u0000' },
      tenant: 'acme',
      schemaVersion: 1,
    } as const
    const before = Date.now()
    await record(database, [given])

    const { rows: columns } = await database.query<{ column_name: string }>(
      `select column_name from information_schema.columns
       where table_schema = current_schema() and table_name = 'audit_event' and is_generated = 'NEVER' order by ordinal_position`,
    )
    const { rows } = await database.query<Record<string, unknown>>(
      'select *, tx & 4294967295 = xmin::text::bigint as is_own_tx from audit_event where id = $1',
      [id],
    )
    expect(rows).toHaveLength(1)
    const { tx, salt, recorded_at, is_own_tx, waited_ms, total_duration_ms, ...row } = rows[0] ?? {}
    expect([waited_ms, total_duration_ms]).toEqual([null, null])
    const expected: Readonly<Record<string, unknown>> = {
      ...given,
      executionSeq: 1,
      recorderId: null,
      recorderSeq: null,
    }
    const givenColumns = eventColumns.filter(({ key }) => key !== 'salt' && key !== 'recordedAt')
    expect(row).toEqual(Object.fromEntries(givenColumns.map(({ key, column }) => [column, expected[key]])))
    expect(columns.map((each) => each.column_name).toSorted()).toEqual(
      Object.keys({ tx, salt, recorded_at, ...row }).toSorted(),
    )
    expect(is_own_tx).toBe(true)
    expect(salt).toMatch(/^[0-9a-f-]{36}$/)
    expect(Math.abs(Date.parse(String(recorded_at)) - before)).toBeLessThan(60_000)
  })

  it('leaves out what is not given, and gives the defaults', async () => {
    const [recorded] = await record(database, [operation()])
    const { rows } = await database.query<Record<string, unknown>>(
      'select * from audit_event where id = $1',
      [recorded?.id],
    )
    const { id, timestamp, recorded_at, salt, tx, ...row } = rows[0] ?? {}
    expect({ id, timestamp }).toEqual({ id: recorded?.id, timestamp: recorded?.timestamp })
    expect(recorded).toMatchObject({ executionSeq: null, outcome: 'created' })
    expect(timestampOfUuid(String(id))).toBe(Date.parse(String(timestamp)))
    expect([recorded_at, salt, tx]).not.toContain(null)
    expect(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))).toEqual({
      event_type: 'OPERATION',
      entity_type: 'OPERATION',
      severity: 'info',
      action: 'config_update',
      tenant: 'default',
      schema_version: 1,
    })
  })

  it('takes the time from the database, or from the clock it is given', async () => {
    const clock = fakeClock('2025-11-04T10:00:00.123Z')
    const [theirs] = await record(database, [operation()], { clock })
    const [ours] = await record(database, [operation()])
    const { rows } = await database.query<{ timestamp: string; is_near: boolean }>(
      `select timestamp, timestamp between now() - interval '1 minute' and now() as is_near
       from audit_event where id in ($1, $2) order by timestamp`,
      [theirs?.id, ours?.id],
    )
    expect(rows[0]?.timestamp).toBe('2025-11-04T10:00:00.123Z')
    expect(rows[1]?.is_near).toBe(true)
  })

  it('gives events of an execution dense numbers and strictly increasing timestamps', async () => {
    const clock = fakeClock('2025-11-04T10:00:00.000Z')
    const executionId = await newExecution(database)
    const event = operation({ executionId })
    await record(database, [event, event, operation(), event], { clock })
    clock.advance(1)
    await record(database, [event, { ...event, timestamp: '2025-11-04T09:00:00.000Z' }], { clock })
    clock.advance(1000)
    await record(database, [{ ...event, timestamp: '2025-11-04T10:00:00.500Z' }], { clock })
    await record(database, [{ ...event, timestamp: '2025-11-04T10:59:00.000Z' }], { clock })
    const rows = await sequenceOf(database, executionId)
    expect(rows.map((row) => [row.execution_seq, row.timestamp.slice(17, 23)])).toEqual([
      [1, '00.000'],
      [2, '00.001'],
      [3, '00.002'],
      [4, '00.003'],
      [5, '00.004'],
      [6, '00.500'],
      [7, '01.001'],
    ])
    for (const row of rows) expect(timestampOfUuid(row.id)).toBe(Date.parse(row.timestamp))
    const { rows: executions } = await database.query(
      'select next_seq, last_event_at from workflow_executions where execution_id = $1',
      [executionId],
    )
    expect(executions).toEqual([{ next_seq: 8, last_event_at: '2025-11-04T10:00:01.001Z' }])
  })

  it('keeps the time of an event whose id is given, and numbers it only where that is in order', async () => {
    const clock = fakeClock('2025-11-04T10:00:00.000Z')
    const executionId = await newExecution(database)
    const at = (ms: number) => operation({ executionId, id: uuidV7(clock.now() + ms) })
    const recorded = await record(
      database,
      [at(-100), at(-50), at(-50), at(-200), at(1000), at(2001), operation({ executionId })],
      { clock },
    )
    expect(recorded.map((event) => event.executionSeq)).toEqual([1, 2, null, null, 3, null, 4])
    expect(recorded.map((event) => Date.parse(event.timestamp) - clock.now())).toEqual([
      -100, -50, -50, -200, 1000, 2001, 1001,
    ])
  })

  it('knows executions of ours by their id in upper case too, and stores it as ours', async () => {
    const executionId = await newExecution(database)
    await record(database, [operation({ executionId: executionId.toUpperCase() })])
    expect(await sequenceOf(database, executionId)).toHaveLength(1)
  })

  it('records events of executions that are not ours as they are, without a number', async () => {
    const timestamp = '2025-11-04T10:00:00.123Z'
    const foreign = ['argo-workflow-17', randomUUID()].map((executionId) =>
      operation({ executionId, timestamp }),
    )
    const recorded = await record(database, foreign)
    expect(recorded.map(({ executionSeq, timestamp: at }) => [executionSeq, at])).toEqual([
      [null, timestamp],
      [null, timestamp],
    ])
  })

  it('takes workflow, correlation id and tenant from the execution where the event does not say', async () => {
    const executionId = await newExecution(database, { correlationId: 'rr-1', tenant: 'acme' })
    await record(database, [operation({ executionId }), operation({ executionId, correlationId: 'other' })])
    const { rows } = await database.query(
      `select workflow_name, workflow_version, correlation_id, tenant
       from audit_event where execution_id = $1 order by execution_seq`,
      [executionId],
    )
    const adopted = { workflow_name: 'tenant-provisioning', workflow_version: '1.0.0', tenant: 'acme' }
    expect(rows).toEqual([
      { ...adopted, correlation_id: 'rr-1' },
      { ...adopted, correlation_id: 'other' },
    ])
  })

  it('refuses an event of another tenant than its execution', async () => {
    const executionId = await newExecution(database, { tenant: 'acme' })
    await expect(record(database, [operation({ executionId, tenant: 'globex' })])).rejects.toMatchObject({
      code: 'invalid_event',
      details: { path: 'tenant' },
    })
    expect(await sequenceOf(database, executionId)).toEqual([])
  })

  it.each([
    ['ORCHESTRATION_COMPLETED', 'engine_event_refused'],
    ['STEP_SUCCESS', 'engine_event_refused'],
    ['TRAIL_ERASED', 'engine_event_refused'],
    ['shop.order.shipped', 'unknown_event_type'],
  ])('refuses %s, and then writes none of the others either', async (eventType, code) => {
    const executionId = await newExecution(database)
    const statements: string[] = []
    const outcome = database.transaction(async (tx) => {
      await recordIn(
        (text, values) => (statements.push(text), tx(text, values)),
        [operation({ executionId }), operation({ executionId, eventType })],
      )
    })
    await expect(outcome).rejects.toMatchObject({ code })
    expect(statements.filter((text) => /insert|update/.test(text))).toEqual([])
  })

  it.each([
    ['NaN in details', { details: { share: Number.NaN } }, 'invalid_event'],
    ['U+0000', { message: 'a\u0000b' }, 'invalid_event'],
    ['a lone surrogate', { details: { text: '\ud800' } }, 'invalid_event'],
    ['300 KB of details', { details: { text: 'x'.repeat(300_000) } }, 'event_too_large'],
    ['an id of another time', { id: uuidV7(0), timestamp: '2025-11-04T10:00:00.000Z' }, 'event_id_mismatch'],
    [
      'a time two hours ahead',
      { timestamp: new Date(Date.now() + 7_200_000).toISOString() },
      'event_timestamp_future',
    ],
    ['a time before 2000', { timestamp: '1999-12-31T23:59:59.999Z' }, 'invalid_event'],
  ])('refuses an event with %s', async (_, more, code) => {
    const outcome = () =>
      expect(record(database, [operation(), operation(more)])).rejects.toMatchObject({ code })
    expect(await added(database, outcome)).toBe(0)
  })

  it('makes the month that an event needs', async () => {
    const ids = ['2024-02-29T23:59:59.999Z', '2024-03-01T00:00:00.000Z'].map((at) =>
      uuidV8(Date.parse(at), Buffer.alloc(10, 7)),
    )
    await record(
      database,
      ids.map((id) => operation({ id })),
    )
    const { rows } = await database.query(
      `select tableoid::regclass::text as part, id::text as id from audit_event where timestamp < '2024-03-02' order by id`,
    )
    expect(rows).toEqual([
      { part: 'audit_event_2024_02', id: ids[0] },
      { part: 'audit_event_2024_03', id: ids[1] },
    ])
  })

  it('writes a thousand events in as many statements as one', async () => {
    const executionId = await newExecution(database)
    const count = async (events: readonly EventInput[]): Promise<number> => {
      let statements = 0
      await database.transaction((tx) =>
        recordIn((text, values) => ((statements += 1), tx(text, values)), events),
      )
      return statements
    }
    const one = await count([operation({ executionId })])
    expect(await count(Array.from({ length: 1000 }, () => operation({ executionId })))).toBe(one)
    const rows = await sequenceOf(database, executionId)
    expect(rows.map((row) => row.execution_seq)).toEqual(
      Array.from({ length: 1001 }, (_, index) => index + 1),
    )
  })

  it.each([
    ['SQL, DMY', 'Asia/Shanghai'],
    ['German', 'Asia/Kolkata'],
  ])('makes the month of an event in a transaction of dates as %s has them, in %s', async (style, zone) => {
    const year = style === 'German' ? 2021 : 2020
    const borders = [`${year}-03-01T00:00:00.000Z`, `${year}-03-31T23:59:59.999Z`]
    const styled = await database.transaction(async (tx) => {
      await tx(`select set_config('DateStyle', $1, true), set_config('TimeZone', $2, true)`, [style, zone])
      await recordIn((text, values) => tx(text, values), borders.map(occurredAt))
      const { rows } = await tx<{ style: string }>(`select current_setting('DateStyle') as style`)
      return rows[0]?.style
    })
    expect(styled).toContain(style.split(',')[0])
    const { rows } = await database.query<{ bounds: string }>(
      `select pg_get_expr(relpartbound, oid) as bounds from pg_class where relname = 'audit_event_${year}_03'`,
    )
    expect(rows).toEqual([
      { bounds: `FOR VALUES FROM ('${year}-03-01 00:00:00+00') TO ('${year}-04-01 00:00:00+00')` },
    ])
  })

  it('refuses what is no array, and sends no statement for it or for no events', async () => {
    const single = operation() as unknown as readonly EventInput[]
    await expect(recordIn(never, single)).rejects.toMatchObject({ code: 'invalid_input' })
    expect(await recordIn(never, [])).toEqual([])
  })
})
