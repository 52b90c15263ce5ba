import { uuidV7 } from '@steptrail/event'
import { openTestDatabase } from '@steptrail/testkit'
import { executionStates, stepStates } from '@steptrail/workflow'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { insertRow, refusalOf } from './insert-row.ts'
import type { Row } from './insert-row.ts'

const at = '2026-01-02T03:04:05.678Z'
const id = (): string => uuidV7(0)

const execution = (more: Row = {}): Row => ({
  execution_id: id(),
  workflow_name: 'tenant-provisioning',
  workflow_version: '1.0.0',
  definition_hash: 'abc',
  status: 'running',
  correlation_id: 'rr-2026',
  ...more,
})

describe('the working tables', () => {
  let database: Database
  let executionId: string
  beforeAll(async () => {
    database = await openTestDatabase('postgres')
    await insertRow(database.query, 'workflow_definitions', {
      definition_hash: 'abc',
      workflow_name: 'tenant-provisioning',
      workflow_version: '1.0.0',
      definition: {},
    })
    executionId = String(
      (await insertRow(database.query, 'workflow_executions', execution()))['execution_id'],
    )
  })

  const step = (more: Row = {}): Row => ({
    workflow_step_uuid: id(),
    execution_id: executionId,
    step_index: 0,
    name: id(),
    action: 'createRealm',
    service_name: 'realm-worker-service',
    operation_type: 'DO',
    status: 'pending',
    max_retries: 3,
    timeout_ms: 30_000,
    worker_uuid: id(),
    attempt_token: id(),
    timeout_at: at,
    not_before: at,
    enqueued_at: at,
    workflow_name: 'tenant-provisioning',
    workflow_version: '1.0.0',
    ...more,
  })
  const transition = (more: Row = {}): Row => ({
    workflow_step_uuid: id(),
    execution_id: executionId,
    from_state: 'pending',
    to_state: 'enqueued',
    sort_key: 2,
    ...more,
  })

  it('take every state that the state tables name, and no other', async () => {
    for (const status of executionStates)
      expect(await refusalOf(database, 'workflow_executions', execution({ status }))).toBeUndefined()
    for (const status of stepStates) {
      expect(await refusalOf(database, 'workflow_steps', step({ status }))).toBeUndefined()
      expect(
        await refusalOf(database, 'workflow_step_transitions', transition({ to_state: status })),
      ).toBeUndefined()
      expect(
        await refusalOf(database, 'workflow_step_transitions', transition({ from_state: status })),
      ).toBeUndefined()
    }
  })

  it('know an execution also as the task of its steps', async () => {
    const row = await insertRow(database.query, 'workflow_steps', step())
    expect(row).toMatchObject({
      task_uuid: executionId,
      attempt: 0,
      last_sort_key: 0,
      outcome_unknown: false,
    })
  })

  it('let an idempotency key start one execution of a workflow and tenant', async () => {
    const key = { idempotency_key: 'order 7' }
    expect(await refusalOf(database, 'workflow_executions', execution(key))).toBeUndefined()
    expect(
      await refusalOf(database, 'workflow_executions', execution({ ...key, tenant: 'other' })),
    ).toBeUndefined()
    expect(await refusalOf(database, 'workflow_executions', execution(key))).toBe(
      'an_idempotency_key_starts_one_execution',
    )
  })

  it.each<[string, string, Row]>([
    ['status_is_a_state_of_executions', 'workflow_executions', { status: 'done' }],
    ['an_execution_has_a_registered_definition', 'workflow_executions', { definition_hash: 'unknown' }],
    ['an_actor_has_type_and_id', 'workflow_executions', { actor_type: 'user' }],
    [
      'actor_type_is_user_service_worker_agent_or_system',
      'workflow_executions',
      { actor_type: 'x', actor_id: 'y' },
    ],
    ['sequence_numbers_start_at_1', 'workflow_executions', { next_seq: 0 }],
    ['texts_are_not_empty', 'workflow_executions', { correlation_id: '' }],
    ['status_is_a_state_of_steps', 'workflow_steps', { status: 'done' }],
    ['a_step_belongs_to_an_execution', 'workflow_steps', { execution_id: uuidV7(1) }],
    ['operation_type_is_do_or_undo', 'workflow_steps', { operation_type: 'REDO' }],
    ['only_an_undo_undoes', 'workflow_steps', { operation_type: 'UNDO' }],
    ['only_an_undo_undoes', 'workflow_steps', { undoes_step_uuid: uuidV7(1) }],
    [
      'a_step_in_progress_has_worker_token_and_end',
      'workflow_steps',
      { status: 'in_progress', worker_uuid: null },
    ],
    [
      'a_step_in_progress_has_worker_token_and_end',
      'workflow_steps',
      { status: 'in_progress', timeout_at: null },
    ],
    [
      'a_step_waiting_for_retry_knows_until_when',
      'workflow_steps',
      { status: 'waiting_for_retry', not_before: null },
    ],
    ['an_enqueued_step_knows_since_when', 'workflow_steps', { status: 'enqueued', enqueued_at: null }],
    ['counts_are_not_negative', 'workflow_steps', { timeout_ms: 0 }],
    ['texts_are_not_empty', 'workflow_steps', { service_name: '' }],
    ['states_are_states_of_steps', 'workflow_step_transitions', { to_state: 'done' }],
    ['states_are_states_of_steps', 'workflow_step_transitions', { from_state: 'done' }],
    ['only_the_first_transition_has_no_from_state', 'workflow_step_transitions', { from_state: null }],
    ['only_the_first_transition_has_no_from_state', 'workflow_step_transitions', { sort_key: 1 }],
    ['sort_keys_start_at_1', 'workflow_step_transitions', { sort_key: 0 }],
    ['metadata_is_an_object', 'workflow_step_transitions', { metadata: '[]' }],
  ])('refuse by %s in %s: %j', async (constraint, table, columns) => {
    const valid = {
      workflow_executions: execution,
      workflow_steps: step,
      workflow_step_transitions: transition,
    }
    const row = valid[table as keyof typeof valid](columns)
    expect(await refusalOf(database, table, row)).toBe(constraint)
  })

  it('hold one clock, and a worker that says what it implements', async () => {
    expect((await database.query('select fence, holder from workflow_clock')).rows).toEqual([
      { fence: 0, holder: null },
    ])
    expect(await refusalOf(database, 'workflow_clock', { singleton: true })).toBe('there_is_one_clock')
    expect(await refusalOf(database, 'workflow_clock', { singleton: false })).toBe(
      'the_clock_is_the_only_row',
    )
    const worker = {
      worker_uuid: id(),
      service_name: 's',
      host: 'h',
      pid: 1,
      lease_ms: 1,
      lease_until: at,
      implements: '[]',
    }
    const refused = (more: Row) => refusalOf(database, 'workflow_workers', { ...worker, ...more })
    expect(await refused({ implements: '{}' })).toBe('implements_is_an_array')
    expect(await refused({ lease_ms: 0 })).toBe('a_lease_takes_time')
    expect(await refused({})).toBeUndefined()
  })
})
