import { describe, expect, it } from 'vitest'
import {
  failed,
  orchestration,
  orchestrationStarted,
  recorded,
  start,
  stepStarted,
  succeededAtLast,
  worked,
} from '@steptrail/testkit/recorded-events'
import { afterRetries, rolledBack, straightThrough } from '@steptrail/testkit/recorded-events'
import type { Lane } from './lane.ts'
import { timelineOf } from './model.ts'

const seconds = 1000

/** Spans as `kind from-to`, in milliseconds after the first event. */
const spansOf = (lane: Lane | undefined): readonly string[] =>
  (lane?.spans ?? []).map((span) => {
    const what = span.kind === 'attempt' ? `${span.attempt} ${span.outcome}` : span.kind
    return `${what} ${span.from - start}-${span.to - start}`
  })

const laneNames = (lanes: readonly Lane[]): readonly string[] =>
  lanes.map((lane) => `${lane.operation} ${lane.stepName} ${lane.outcome}`)

describe('a timeline', () => {
  it('shows each step of a run that goes straight through as one attempt behind its wait', () => {
    const timeline = timelineOf(straightThrough, { now: start })
    expect(timeline).toMatchObject({
      status: 'completed',
      from: start,
      to: start + 1181,
      reason: null,
      workflowName: 'tenant-provisioning',
      correlationId: 'request-4711',
    })
    expect(laneNames(timeline.lanes)).toEqual([
      'DO createRealm complete',
      'DO createClient complete',
      'DO setupDefaultRoles complete',
      'DO createDefaultUser complete',
    ])
    expect(spansOf(timeline.lanes[0])).toEqual(['waiting 1-120', '1 success 120-520'])
    expect(spansOf(timeline.lanes[2])).toEqual(['1 success 611-611'])
    expect(timeline.lanes[0]?.durationMs).toBe(519)
  })

  it('shows back-off until the moment the retry was due, and waiting from then to the claim', () => {
    const lane = timelineOf(afterRetries, { now: start }).lanes[1]
    expect(spansOf(lane)).toEqual([
      'waiting 5235-5800',
      '1 failed 5800-10000',
      'backoff 10000-15001',
      'waiting 15001-15030',
      '2 timed_out 15030-20000',
      'backoff 20000-25001',
      'waiting 25001-27400',
      '3 success 27400-28456',
    ])
    expect(lane?.durationMs).toBe(28_456 - 5235)
  })

  it('puts UNDO lanes behind DO lanes, in the order in which they ran', () => {
    const timeline = timelineOf(rolledBack, { now: start })
    expect(timeline).toMatchObject({
      status: 'failed',
      failedStep: 'setupDefaultRoles',
      reason: 'duplicate key value violates unique constraint "role_name_is_unique"',
      rollbacks: [{ at: start + 6002, step: 'setupDefaultRoles' }],
    })
    expect(laneNames(timeline.lanes)).toEqual([
      'DO createRealm complete',
      'DO createClient complete',
      'DO setupDefaultRoles failed',
      'DO createDefaultUser not_started',
      'UNDO setupDefaultRoles complete',
      'UNDO createClient complete',
      'UNDO createRealm complete',
    ])
    expect(spansOf(timeline.lanes[2]).filter((span) => /^\d/.test(span))).toEqual([
      '1 failed 720-800',
      '2 failed 1310-1380',
      '3 worker_lost 2400-3900',
      '4 failed 5920-6000',
    ])
  })

  it('takes the order from the sequence, whatever the order of the list', () => {
    expect(timelineOf(rolledBack.toReversed(), { now: start })).toEqual(
      timelineOf(rolledBack, { now: start }),
    )
  })

  it('leaves out what an application recorded about the execution', () => {
    const [first] = straightThrough
    const remark = { ...first!, eventType: 'OPERATION', executionSeq: null, stepName: 'notAStep' }
    expect(timelineOf([...straightThrough, remark], { now: start }).lanes).toHaveLength(4)
  })

  it('refuses an empty list', () => {
    expect(() => timelineOf([], { now: start })).toThrow(RangeError)
  })
})

describe('a timeline of an execution under way', () => {
  const events = recorded([
    orchestrationStarted(0),
    ...worked('createRealm', [1, 10, 50]),
    stepStarted('createClient', 51),
  ])

  it('shows a step that nobody has claimed as waiting until now', () => {
    const timeline = timelineOf(events, { now: start + 2 * seconds })
    expect(timeline).toMatchObject({ status: 'running', to: start + 2 * seconds })
    expect(laneNames(timeline.lanes).slice(1, 3)).toEqual([
      'DO createClient waiting',
      'DO setupDefaultRoles not_started',
    ])
    expect(spansOf(timeline.lanes[1])).toEqual(['waiting 51-2000'])
  })

  it('shows an attempt under way from its claim until now', () => {
    const open = {
      stepName: 'createClient',
      operation: 'DO',
      attempt: 1,
      startedAt: start + 70,
      cancelledAt: null,
      workerUuid: null,
    } as const
    const [, lane] = timelineOf(events, { now: start + 2 * seconds, open: [open] }).lanes
    expect(lane?.outcome).toBe('running')
    expect(spansOf(lane)).toEqual(['waiting 51-70', '1 running 70-2000'])
  })

  it('shows an attempt that was cancelled until then', () => {
    const open = {
      stepName: 'createClient',
      operation: 'DO',
      attempt: 1,
      startedAt: start + 70,
      cancelledAt: start + 90,
      workerUuid: null,
    } as const
    const ended = [...events, ...recorded([orchestration(100, 'ORCHESTRATION_CANCELLED')])].map(
      (event, index) => ({
        ...event,
        executionSeq: index + 1,
      }),
    )
    const [, lane] = timelineOf(ended, { now: start + 9 * seconds, open: [open] }).lanes
    expect(spansOf(lane)).toEqual(['waiting 51-70', '1 cancelled 70-90'])
  })

  it('shows back-off until now, and no further, while a retry is not due', () => {
    const waiting = recorded([
      orchestrationStarted(0),
      stepStarted('createRealm', 1),
      ...failed('createRealm', { attempt: 1, claimed: 10, at: 20, error: 'no', backoffMs: 60_000 }),
    ])
    const [lane] = timelineOf(waiting, { now: start + 5 * seconds }).lanes
    expect(spansOf(lane)).toEqual(['waiting 1-10', '1 failed 10-20', 'backoff 20-5000'])
    expect(lane?.outcome).toBe('waiting')
  })
})

describe('the status of a timeline', () => {
  const undone = [
    orchestration(11, 'ROLLBACK_TRIGGERED'),
    orchestration(12, 'ROLLBACK_STARTED'),
    orchestration(13, 'ROLLBACK_COMPLETED'),
  ]
  const ordered = (eventType: string, action: string) => ({
    ...orchestration(6, eventType, { details: { action } }),
    stepName: 'createClient',
  })
  it.each([
    ['pending', []],
    ['running', [orchestrationStarted(0)]],
    ['paused', [orchestrationStarted(0), orchestration(5, 'ORCHESTRATION_PAUSED')]],
    ['running', [orchestration(5, 'ORCHESTRATION_PAUSED'), orchestration(6, 'ORCHESTRATION_RESUMED')]],
    ['blocked', [orchestrationStarted(0), orchestration(5, 'ORCHESTRATION_BLOCKED')]],
    ['running', [orchestration(5, 'ORCHESTRATION_BLOCKED'), ordered('STEP_SKIPPED', 'skip')]],
    ['blocked', [orchestration(5, 'ORCHESTRATION_BLOCKED'), ordered('ADAPTIVE_ADJUSTMENT', 'adjust')]],
    ['paused', [orchestration(5, 'ORCHESTRATION_PAUSED'), ordered('STEP_RESOLVED', 'resolve')]],
    ['rolling_back', [orchestration(10, 'ORCHESTRATION_FAILED'), ...undone.slice(0, 2)]],
    ['failed', [orchestration(10, 'ORCHESTRATION_FAILED'), ...undone]],
    ['cancelled', [orchestration(10, 'ORCHESTRATION_CANCELLED'), ...undone]],
    ['cancelled', [orchestration(10, 'ORCHESTRATION_CANCELLED')]],
    ['rollback_failed', [orchestration(10, 'ORCHESTRATION_FAILED'), orchestration(12, 'ROLLBACK_FAILED')]],
    ['completed', [orchestrationStarted(0), orchestration(9, 'ORCHESTRATION_COMPLETED')]],
  ])('is %s after its events', (status, sketches) => {
    const events = recorded([orchestration(0, 'NOTHING_YET'), ...sketches])
    expect(timelineOf(events, { now: start }).status).toBe(status)
  })
})

describe('attempts recorded without the moment of their claim', () => {
  it('begin where their duration says, else when they were due', () => {
    const events = recorded([
      stepStarted('createClient', 0),
      {
        ...succeededAtLast('createClient', 1, [0, 0]),
        at: 10_000,
        eventType: 'STEP_FAILED',
        durationMs: null,
        details: null,
      },
      {
        at: 10_123,
        eventType: 'STEP_RETRY_TRIGGERED',
        stepName: 'createClient',
        operationType: 'DO',
        details: { backoffMs: 5000 },
      },
      { ...succeededAtLast('createClient', 2, [0, 0]), at: 28_456, durationMs: 3456, details: {} },
    ])
    expect(spansOf(timelineOf(events, { now: start }).lanes[0])).toEqual([
      '1 failed 0-10000',
      'backoff 10000-15123',
      'waiting 15123-25000',
      '2 success 25000-28456',
    ])
  })
})

describe('a skipped or resolved step', () => {
  it('has a lane without attempts', () => {
    const events = recorded([
      orchestrationStarted(0),
      {
        at: 5,
        eventType: 'STEP_SKIPPED',
        stepName: 'createRealm',
        operationType: 'UNDO',
        reason: 'no undo defined',
      },
      { at: 6, eventType: 'STEP_RESOLVED', stepName: 'createClient', operationType: 'DO' },
    ])
    const { lanes } = timelineOf(events, { now: start + 10 })
    expect(laneNames(lanes).filter((name) => !name.endsWith('not_started'))).toEqual([
      'DO createClient resolved',
      'UNDO createRealm skipped',
    ])
    expect(lanes.every((lane) => lane.spans.length === 0)).toBe(true)
  })
})
