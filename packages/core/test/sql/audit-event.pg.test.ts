import { uuidV7, uuidV8 } from '@steptrail/event'
import { describeOnBoth } from '@steptrail/testkit'
import { beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { insertRow, refusalOf } from './insert-row.ts'
import type { Row } from './insert-row.ts'

const operation: Row = { event_type: 'OPERATION', entity_type: 'OPERATION' }
const step: Row = { event_type: 'STEP_RETRY_TRIGGERED', entity_type: 'STEP' }

describeOnBoth('the table of events', (open) => {
  let database: Database
  let nowMs: number
  beforeAll(async () => {
    database = await open()
    const { rows } = await database.query<{ now: string }>('select now() as now')
    nowMs = Date.parse(rows[0]?.now ?? '')
  })

  it('fills in id, timestamp, transaction, salt and defaults, id and timestamp agreeing', async () => {
    for (let round = 0; round < 20; round++) {
      const event = await insertRow<Record<string, string>>(database.query, 'audit_event', operation)
      const prefix = Number.parseInt((event['id'] ?? '').replace('-', '').slice(0, 12), 16)
      expect(new Date(prefix).toISOString()).toBe(event['timestamp'])
      expect(event).toMatchObject({
        severity: 'info',
        tenant: 'default',
        schema_version: 0,
        status: null,
        details: null,
      })
      expect(event['salt']).toMatch(/^[0-9a-f-]{36}$/)
      expect(event['tx']).toBeGreaterThan(0)
      expect(Date.parse(event['recorded_at'] ?? '')).toBeGreaterThanOrEqual(prefix)
    }
  })

  it('gives all events of a transaction its number, and a salt each', async () => {
    const [one, other] = await database.transaction(async (tx) => [
      await insertRow(tx, 'audit_event', operation),
      await insertRow(tx, 'audit_event', operation),
    ])
    expect(one?.['tx']).toBe(other?.['tx'])
    expect(one?.['salt']).not.toBe(other?.['salt'])
  })

  it('takes ids of version 7 and 8 that begin with the timestamp, and an id only once', async () => {
    const timestamp = new Date(nowMs).toISOString()
    const id = uuidV7(nowMs)
    expect(await refusalOf(database, 'audit_event', { ...operation, id, timestamp })).toBeUndefined()
    expect(await refusalOf(database, 'audit_event', { ...operation, id, timestamp })).toMatch(
      /_pkey$|known_by_its_id/,
    )
    const derived = uuidV8(nowMs, new Uint8Array(32).fill(7))
    expect(await refusalOf(database, 'audit_event', { ...operation, id: derived, timestamp })).toBeUndefined()
  })

  it('makes the times of a step from its details, and of nothing else', async () => {
    const times = { waitedMs: 7, totalDurationMs: 9 }
    const madeOf = async (row: Row) => {
      const event = await insertRow(database.query, 'audit_event', row)
      return [event['waited_ms'], event['total_duration_ms']]
    }
    const ended: Row = { ...step, event_type: 'STEP_SUCCESS', details: times }
    expect(await madeOf(ended)).toEqual([7, 9])
    expect(await madeOf({ ...ended, event_type: 'STEP_FAILED', details: { waitedMs: 0 } })).toEqual([0, null])
    expect(await madeOf({ ...ended, details: null })).toEqual([null, null])
    expect(await madeOf({ ...step, details: times })).toEqual([null, null])
    // What no step says may be anything, and stops no insert.
    expect(await madeOf({ ...operation, event_type: 'STEP_SUCCESS', details: { waitedMs: 'long' } })).toEqual(
      [null, null],
    )
    await expect(
      database.query(`insert into audit_event (event_type, entity_type, waited_ms) values ('a', 'STEP', 5)`),
    ).rejects.toMatchObject({ code: '428C9' })
  })

  it('refuses an id that does not begin with the timestamp', async () => {
    for (const differenceMs of [-1, 1, 1000, -86_400_000]) {
      const row = { ...operation, id: uuidV7(nowMs + differenceMs), timestamp: new Date(nowMs).toISOString() }
      expect(await refusalOf(database, 'audit_event', row)).toBe('id_begins_with_timestamp_in_milliseconds')
    }
    const withoutId = { ...operation, timestamp: new Date(nowMs - 5000).toISOString() }
    expect(await refusalOf(database, 'audit_event', withoutId)).toBe(
      'id_begins_with_timestamp_in_milliseconds',
    )
  })

  it('refuses to lie in a month that has no partition', async () => {
    const atMs = Date.UTC(2001, 0, 1)
    const row = { ...operation, id: uuidV7(atMs), timestamp: new Date(atMs).toISOString() }
    expect(await refusalOf(database, 'audit_event', row)).toBe('23514')
  })

  it.each<[string, Row]>([
    ['entity_type_is_known', { entity_type: 'PERSON' }],
    ['status_is_success_failed_or_warning', { status: 'success' }],
    ['severity_is_known', { severity: 'fatal' }],
    ['operation_type_is_do_or_undo', { operation_type: 'do' }],
    ['actor_type_is_user_service_worker_agent_or_system', { actor_type: 'robot' }],
    ['sequence_numbers_start_at_1', { execution_id: 'x', execution_seq: 0 }],
    ['sequence_numbers_start_at_1', { recorder_id: uuidV7(1), recorder_seq: 0 }],
    ['only_an_execution_has_execution_seq', { execution_seq: 1 }],
    ['only_a_recorder_has_recorder_seq', { recorder_seq: 1 }],
    ['durations_and_counts_are_not_negative', { duration_ms: -1 }],
    ['durations_and_counts_are_not_negative', { retry_count: -1 }],
    ['durations_and_counts_are_not_negative', { schema_version: -1 }],
    ['names_have_1_to_765_bytes', { event_type: '' }],
    ['names_have_1_to_765_bytes', { tenant: '' }],
    ['names_have_1_to_765_bytes', { step_name: 'x'.repeat(766) }],
    ['names_have_1_to_765_bytes', { resource_id: '' }],
    ['resource_ids_have_at_most_3000_bytes', { resource_id: 'x'.repeat(3001) }],
    ['texts_have_at_most_30000_bytes', { message: 'x'.repeat(30_001) }],
    ['texts_have_at_most_30000_bytes', { reason: 'x'.repeat(30_001) }],
    ['trace_id_is_32_hexadecimal_digits', { trace_id: 'F'.repeat(32) }],
    ['span_id_is_16_hexadecimal_digits', { span_id: 'f'.repeat(15) }],
    ['details_are_an_object', { details: '[]' }],
    ['details_are_an_object', { details: 'null' }],
    ['details_have_at_most_2_mebibytes', { details: { text: 'x'.repeat(2_097_152) } }],
    ['numbers_in_details_of_a_step_are_whole_and_not_negative', { ...step, details: { backoffMs: -1 } }],
    ['22P02', { ...step, details: { backoffMs: 12.5 } }],
    ['22P02', { ...step, details: { backoffMs: true } }],
    ['22P02', { ...step, details: { durationMs: 'soon' } }],
    ['22003', { ...step, details: { backoffMs: 2_147_483_648 } }],
    ['lists_in_details_are_arrays', { entity_type: 'ORCHESTRATION', details: { stepsToRollback: null } }],
    [
      'lists_in_details_are_arrays',
      { entity_type: 'ORCHESTRATION', details: { rolledBackSteps: 'createRealm' } },
    ],
    ['lists_in_details_are_arrays', { entity_type: 'SELECTION', details: { results: { workflows: null } } }],
  ])('refuses by %s: %j', async (constraint, columns) => {
    expect(await refusalOf(database, 'audit_event', { ...operation, ...columns })).toBe(constraint)
  })

  it.each<[string, Row]>([
    ['names of 255 characters of three bytes', { step_name: '語'.repeat(255), tenant: '語'.repeat(255) }],
    [
      'texts of 10,000 such',
      { message: '語'.repeat(10_000), reason: '語'.repeat(10_000), resource_id: '語'.repeat(1000) },
    ],
    ['the largest details', { details: { list: Array.from({ length: 131_065 }, () => 1) } }],
    [
      'whole numbers and lists',
      { ...step, details: { backoffMs: 2_147_483_647, durationMs: 9_007_199_254_740_991, waitedMs: null } },
    ],
    [
      'lists that are arrays',
      { entity_type: 'ORCHESTRATION', details: { stepsToRollback: [], rolledBackSteps: ['a'] } },
    ],
    [
      'what an application puts into details of its own',
      { details: { backoffMs: 'soon', attempt: 1.5, stepsToRollback: null } },
    ],
  ])('takes %s', async (_, columns) => {
    expect(await refusalOf(database, 'audit_event', { ...operation, ...columns })).toBeUndefined()
  })
})
