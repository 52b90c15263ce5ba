import { describe, expect, test } from 'vitest'
import { environment } from '../test/events.ts'
import { builtInEventTypes } from './event-types.ts'
import type { EventType } from './event-type.ts'
import { prepareEvent } from './prepare-event.ts'
import type { EventInput, JsonInput } from './record.ts'

const engine = { ...environment, engine: true }

test('every type of the design is there, once, and what retention and other engines tell beside', () => {
  const designed = `
    ORCHESTRATION_STARTED ORCHESTRATION_COMPLETED ORCHESTRATION_FAILED ORCHESTRATION_CANCELLED
    ROLLBACK_TRIGGERED ROLLBACK_STARTED ROLLBACK_COMPLETED ROLLBACK_FAILED
    STEP_STARTED STEP_SUCCESS STEP_FAILED STEP_RETRY_TRIGGERED STEP_SKIPPED STEP_RESULT_REJECTED
    STEP_RETRY_REQUESTED ORCHESTRATION_BLOCKED STEP_RESOLVED ORCHESTRATION_PAUSED ORCHESTRATION_RESUMED
    ADAPTIVE_ADJUSTMENT
    workflow.catalog.actions_listed workflow.catalog.workflows_listed workflow.catalog.workflow_retrieved
    workflow.catalog.selection_validated workflow.catalog.search_completed workflow.catalog.registered
    workflow.catalog.disabled workflow.catalog.enabled workflow.catalog.deprecated
    OPERATION
    TRAIL_EXPORTED TRAIL_HOLD_PLACED TRAIL_HOLD_RELEASED TRAIL_ERASED TRAIL_PARTITION_ARCHIVED
    TRAIL_PARTITION_DROPPED TRAIL_VERIFIED TRAIL_ACCESS_DENIED TRAIL_KEY_CREATED TRAIL_KEY_REVOKED
    TRAIL_POLICY_CHANGED TRAIL_LOG_RESTARTED TRAIL_READ`
  const names: readonly string[] = builtInEventTypes.map((type) => type.eventType)
  expect(names.toSorted()).toEqual(
    [...designed.trim().split(/\s+/), 'ORCHESTRATION_SIGNALLED', 'TRAIL_RETENTION_ENDED'].toSorted(),
  )
})

test.each(
  builtInEventTypes.filter((type) => type.entityType === 'ORCHESTRATION' || type.entityType === 'STEP'),
)('$eventType is numbered within its execution and says so in words', ({ columns, entityType }) => {
  expect(columns).toMatchObject({
    executionId: 'always',
    executionSeq: 'always',
    workflowName: 'always',
    workflowVersion: 'always',
    correlationId: 'always',
    message: 'always',
    ...(entityType === 'STEP' && { stepName: 'always', stepId: 'always', operationType: 'always' }),
  })
  expect(Object.keys(columns)).not.toContain('recorderSeq')
  expect('stepName' in columns).toBe(entityType === 'STEP')
})

test.each([
  ['STEP_STARTED', { serviceName: 'always' }, ['durationMs', 'retryCount', 'reason']],
  ['STEP_SUCCESS', { serviceName: 'always', durationMs: 'always', retryCount: 'always' }, ['reason']],
  ['STEP_FAILED', { serviceName: 'always', retryCount: 'always', reason: 'always' }, []],
  ['STEP_RETRY_TRIGGERED', { retryCount: 'always' }, ['serviceName', 'durationMs', 'reason']],
] as const)('%s sets the columns that it is known for', (eventType, set, unset) => {
  const { columns } = typeNamed(eventType)
  expect(columns).toMatchObject(set)
  for (const key of unset) expect(columns).not.toHaveProperty(key)
})

const digest = 'a'.repeat(64)
const worker = 'realm-worker-service'
const attempt = { attempt: 1, totalDurationMs: 5234, resultDigest: digest }
const step = {
  serviceName: worker,
  executionId: 'abc123',
  workflowName: 'tenant-provisioning',
  workflowVersion: '1.0.0',
  correlationId: 'abc123',
  stepName: 'createRealm',
  stepId: '019a4e4f-217b-7000-8000-000000000001',
  operationType: 'DO',
} as const

const signalContext = {
  severity: 'critical',
  component: 'deployment',
  environment: 'production',
  priority: 'P0',
}

function selection(operation: string, payload: Readonly<Record<string, JsonInput>>) {
  return {
    eventType: `workflow.catalog.${operation}`,
    serviceName: 'data-storage',
    correlationId: 'rr-2026-02-05-abc123',
    status: 'SUCCESS',
    details: {
      version: '1.0',
      service: 'data-storage',
      operation,
      status: 'success',
      payload: { remediationId: 'rr-2026-02-05-abc123', ...payload },
    },
  } as const
}

const searched = {
  query: {
    text: 'OOMKilled critical',
    filters: { 'signal-type': 'OOMKilled', severity: 'critical' },
    top_k: 3,
    min_similarity: 0.7,
  },
  results: {
    total_found: 5,
    returned: 3,
    candidates_considered: 5,
    workflows: [
      {
        workflow_id: 'pod-oom-manual',
        version: 'v1.0.0',
        title: 'Pod OOM Manual Recovery',
        rank: 2,
        scoring: {
          confidence: 0.78,
          base_similarity: 0.88,
          label_boost: 0,
          label_penalty: 0.1,
          boost_breakdown: {},
          penalty_breakdown: { 'resource-management': 0.1 },
        },
        labels: { severity: 'critical', 'resource-management': 'manual' },
        owner: 'sre-team',
        maintainer: 'sre@example.com',
        success_metrics: { expected_success_rate: 0.85, actual_success_rate: 0.8, total_executions: 50 },
        content_hash: 'sha256:def456',
      },
    ],
  },
  search_metadata: {
    duration_ms: 45,
    db_query_time_ms: 12,
    embedding_generation_time_ms: null,
    embedding_dimensions: null,
    embedding_model: null,
    index_used: 'workflow_text_idx',
    cache_hit: false,
  },
}

describe('events as printed are accepted', () => {
  const printed: readonly EventInput[] = [
    {
      ...step,
      eventType: 'STEP_STARTED',
      entityType: 'STEP',
      message: 'Step execution started',
      details: { worker, message: 'Step execution started', inputDigest: digest },
    },
    {
      ...step,
      eventType: 'STEP_SUCCESS',
      status: 'SUCCESS',
      durationMs: 5234,
      retryCount: 0,
      message: 'Step completed successfully',
      details: {
        worker,
        durationMs: 5234,
        retryCount: 0,
        message: 'Step completed successfully',
        ...attempt,
      },
    },
    {
      ...step,
      eventType: 'STEP_FAILED',
      status: 'FAILED',
      durationMs: 10,
      retryCount: 2,
      reason: 'Connection timeout to Keycloak service',
      message: 'Step execution failed',
      details: {
        worker,
        retryCount: 2,
        message: 'Step execution failed',
        errorMessage: 'ETIMEDOUT',
        ...attempt,
      },
    },
    {
      ...step,
      eventType: 'STEP_RETRY_TRIGGERED',
      serviceName: null,
      retryCount: 2,
      message: 'Retry attempt 2 of 3',
      details: {
        retryCount: 2,
        maxRetries: 3,
        backoffMs: 5000,
        nextAttemptAt: '2025-11-04T10:00:25.123Z',
        message: 'Retry attempt 2 of 3',
      },
    },
    selection('actions_listed', {
      signalContext,
      resultCount: 3,
      actionTypes: ['ScaleReplicas', 'IncreaseCPULimits', 'RestartPod'],
      pagination: { offset: 0, limit: 10, totalCount: 3, hasMore: false },
      queryDurationMs: 12,
    }),
    selection('workflows_listed', {
      actionType: 'ScaleReplicas',
      signalContext,
      resultCount: 1,
      workflows: [
        { workflowId: '550e8400', workflowName: 'scale-conservative', version: '1.0.0', finalScore: 0.92 },
      ],
      pagination: { offset: 0, limit: 10, totalCount: 1, hasMore: false },
      queryDurationMs: 15,
      candidates: [{ workflowId: '550e8400', leftOut: null }],
    }),
    selection('workflow_retrieved', {
      workflowId: '550e8400',
      workflowName: 'scale-conservative',
      actionType: 'ScaleReplicas',
      version: '1.0.0',
      securityGateResult: 'pass',
      signalContext,
      parameterCount: 3,
      queryDurationMs: 8,
    }),
    selection('selection_validated', {
      workflowId: '550e8400',
      workflowName: 'scale-conservative',
      actionType: 'ScaleReplicas',
      version: '1.0.0',
      validationResult: 'valid',
      parameterValidation: {
        totalParameters: 3,
        requiredProvided: 2,
        optionalProvided: 1,
        validationErrors: [],
      },
      queryDurationMs: 10,
    }),
    {
      eventType: 'workflow.catalog.search_completed',
      serviceName: 'datastorage',
      correlationId: 'req-2025-11-27-abc123',
      status: 'SUCCESS',
      resourceType: 'workflow_catalog',
      resourceId: 'search-query-hash',
      action: 'search',
      details: searched,
    },
  ]
  test.each(printed)('$eventType $details.operation', (input) => {
    const { event, unregistered } = prepareEvent(input, engine)
    expect(event.details).toEqual(input.details)
    expect(unregistered).toBe(false)
  })
})

test('the envelope of a selection holds the printed keys only, its payload may hold more', () => {
  const { details, ...input } = selection('actions_listed', {
    signalContext: null,
    resultCount: 0,
    actionTypes: [],
    pagination: { offset: 0, limit: 10, totalCount: 0, hasMore: false },
    queryDurationMs: 1,
    more: true,
  })
  expect(prepareEvent({ ...input, details }, engine).event.details).toEqual(details)
  expect(() => prepareEvent({ ...input, details: { ...details, more: true } }, engine)).toThrow(/details/)
})

function typeNamed(eventType: string): EventType {
  const type = builtInEventTypes.find((candidate) => candidate.eventType === eventType)
  if (!type) throw new Error(`no type ${eventType}`)
  return type
}
