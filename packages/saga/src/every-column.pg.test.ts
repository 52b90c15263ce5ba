import { sha256 } from '@steptrail/core'
import { canonicalJson, type Json } from '@steptrail/verify'
import { describeOnBoth } from '@steptrail/testkit'
import { expect, test } from 'vitest'
import { eventsOf, scripted, single } from '../test/scripted-saga.ts'

const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const digest = expect.stringMatching(/^[0-9a-f]{64}$/)
const digestOf = (value: Json): string => sha256(canonicalJson(value))

/** One step that fails once and then succeeds, under a clock that stands still but for the script. */
async function failsThenSucceeds(run: Awaited<ReturnType<typeof scripted>>) {
  const { clock, saga, perform } = run
  const { executionId } = await saga.start(
    single,
    {},
    { actor: { type: 'user', id: 'alice' }, correlationId: 'rr-2026-1', tenant: 'acme' },
  )
  const startedAt = clock.now()
  clock.advance(20)
  const claim = await perform(100, { message: 'no', code: 'E1', reason: 'The client is busy' })
  const failedAt = clock.now()
  clock.advance(6_000)
  await saga.tick()
  clock.advance(30)
  await perform(200)
  return { executionId, stepId: claim.stepId, startedAt, failedAt }
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString()

describeOnBoth('every column', (open) => {
  test('of audit_event, on success and on error', async () => {
    const database = await open()
    const run = await scripted(database)
    const { worker, clock } = run
    const { executionId, stepId, startedAt, failedAt } = await failsThenSucceeds(run)
    const rows = await eventsOf(database, executionId)
    const every = {
      id: uuid,
      timestamp: instant,
      recorded_at: instant,
      status: null,
      severity: 'info',
      service_name: 'steptrail',
      execution_id: executionId,
      workflow_name: 'single',
      workflow_version: '1',
      step_name: null,
      step_id: null,
      operation_type: null,
      duration_ms: null,
      retry_count: null,
      correlation_id: 'rr-2026-1',
      parent_event_id: uuid,
      trace_id: null,
      span_id: null,
      actor_type: 'system',
      actor_id: 'steptrail',
      resource_type: null,
      resource_id: null,
      action: null,
      reason: null,
      tenant: 'acme',
      schema_version: 1,
      recorder_id: null,
      recorder_seq: null,
      salt: uuid,
      tx: expect.any(Number),
      waited_ms: null,
      total_duration_ms: null,
    }
    const ofStep = {
      ...every,
      entity_type: 'STEP',
      service_name: 'realm-service',
      step_name: 'createClient',
      step_id: stepId,
      operation_type: 'DO',
    }
    const retriedAt = failedAt + 1
    expect(rows).toEqual([
      {
        ...every,
        execution_seq: 1,
        event_type: 'ORCHESTRATION_STARTED',
        entity_type: 'ORCHESTRATION',
        timestamp: iso(startedAt),
        parent_event_id: null,
        actor_type: 'user',
        actor_id: 'alice',
        message: 'Workflow single 1 started',
        details: {
          definitionHash: digest,
          inputDigest: digestOf({}),
          plan: [
            {
              name: 'createClient',
              service: 'realm-service',
              after: [],
              timeoutMs: 60_000,
              maxRetries: 3,
              backoff: { type: 'fixed', delayMs: 5_000 },
              undo: 'handler',
              onFailure: 'rollback',
            },
          ],
        },
      },
      {
        ...ofStep,
        execution_seq: 2,
        event_type: 'STEP_STARTED',
        timestamp: iso(startedAt + 1),
        message: 'Step execution started',
        details: {
          worker: 'realm-service',
          message: 'Step execution started',
          inputDigest: digestOf({ input: {}, outputs: {} }),
        },
      },
      {
        ...ofStep,
        execution_seq: 3,
        event_type: 'STEP_FAILED',
        status: 'FAILED',
        severity: 'warning',
        timestamp: iso(failedAt),
        duration_ms: 100,
        waited_ms: 20,
        total_duration_ms: 120,
        retry_count: 0,
        actor_type: 'worker',
        actor_id: worker,
        reason: 'The client is busy',
        message: 'Step execution failed',
        details: {
          worker: 'realm-service',
          workerUuid: worker,
          retryCount: 0,
          attempt: 1,
          attemptStartedAt: iso(startedAt + 20),
          waitedMs: 20,
          totalDurationMs: 120,
          message: 'Step execution failed',
          errorMessage: 'no',
          errorCode: 'E1',
          resultDigest: digest,
        },
      },
      {
        ...ofStep,
        execution_seq: 4,
        event_type: 'STEP_RETRY_TRIGGERED',
        severity: 'warning',
        timestamp: iso(retriedAt),
        service_name: null,
        retry_count: 1,
        message: 'Retry attempt 1 of 3',
        details: {
          retryCount: 1,
          maxRetries: 3,
          backoffMs: 5_000,
          nextAttemptAt: iso(retriedAt + 5_000),
          message: 'Retry attempt 1 of 3',
        },
      },
      {
        ...ofStep,
        execution_seq: 5,
        event_type: 'STEP_SUCCESS',
        status: 'SUCCESS',
        timestamp: iso(clock.now()),
        duration_ms: 200,
        waited_ms: 30,
        total_duration_ms: 6_350,
        retry_count: 1,
        actor_type: 'worker',
        actor_id: worker,
        message: 'Step completed successfully',
        details: {
          worker: 'realm-service',
          workerUuid: worker,
          durationMs: 200,
          retryCount: 1,
          attempt: 2,
          attemptStartedAt: iso(clock.now() - 200),
          waitedMs: 30,
          totalDurationMs: 6_350,
          message: 'Step completed successfully',
          resultDigest: digest,
        },
      },
      {
        ...every,
        execution_seq: 6,
        event_type: 'ORCHESTRATION_COMPLETED',
        entity_type: 'ORCHESTRATION',
        status: 'SUCCESS',
        timestamp: iso(clock.now() + 1),
        duration_ms: 6_350,
        message: 'Workflow completed',
        details: {
          outputDigest: digestOf({ createClient: {} }),
          auditDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        },
      },
    ])
  })

  test('of workflow_step_transitions and workflow_step_result_audit, on success and on error', async () => {
    const database = await open()
    const run = await scripted(database)
    const { worker } = run
    const { executionId, stepId, failedAt } = await failsThenSucceeds(run)
    const transitions = await database.query<{ workflow_step_transition_uuid: string; metadata: Json }>(
      `select * from workflow_step_transitions where to_state like 'enqueued%orchestration' order by sort_key`,
    )
    const reported = {
      workflow_step_transition_uuid: uuid,
      workflow_step_uuid: stepId,
      execution_id: executionId,
      from_state: 'in_progress',
      tenant: 'acme',
    }
    const attribution = { worker_uuid: worker, correlation_id: 'rr-2026-1' }
    expect(transitions.rows).toEqual([
      {
        ...reported,
        to_state: 'enqueued_as_error_for_orchestration',
        sort_key: 4,
        created_at: iso(failedAt),
        metadata: {
          ...attribution,
          attempt: 1,
          event: {
            success: false,
            metadata: { execution_time_ms: 42 },
            error: { message: 'no', code: 'E1', reason: 'The client is busy' },
          },
        },
      },
      {
        ...reported,
        to_state: 'enqueued_for_orchestration',
        sort_key: 8,
        created_at: instant,
        metadata: {
          ...attribution,
          attempt: 2,
          event: { success: true, metadata: { execution_time_ms: 42 }, result: {} },
        },
      },
    ])

    const audit = await database.query(
      `select audit.* from workflow_step_result_audit as audit
       join workflow_step_transitions as transition using (workflow_step_transition_uuid)
       order by transition.sort_key`,
    )
    const audited = {
      workflow_step_result_audit_uuid: uuid,
      workflow_step_uuid: stepId,
      task_uuid: executionId,
      recorded_at: instant,
      created_at: instant,
      updated_at: instant,
      execution_time_ms: 42,
      tenant: 'acme',
      ...attribution,
    }
    const [failure, success] = transitions.rows
    expect(audit.rows).toEqual([
      {
        ...audited,
        success: false,
        workflow_step_transition_uuid: failure?.workflow_step_transition_uuid,
      },
      {
        ...audited,
        success: true,
        workflow_step_transition_uuid: success?.workflow_step_transition_uuid,
      },
    ])

    // The digest in the log is that of the very metadata that is stored: results cannot be changed unseen.
    const outcomes = (await eventsOf(database, executionId)).filter(
      (event) => 'resultDigest' in event.details,
    )
    expect(outcomes.map((event) => event.details['resultDigest'])).toEqual(
      transitions.rows.map((transition) => digestOf(transition.metadata)),
    )
  })
})
