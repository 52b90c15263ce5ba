import { describe, expect, it } from 'vitest'
import { type ExecutionAuditInput, parseExecutionAudit } from './posted-audit.ts'

const least: ExecutionAuditInput = {
  workflow_name: 'test-workflow',
  workflow_version: 'v1',
  total_steps: 3,
  steps_completed: 3,
  outcome: 'success',
  effectiveness_score: 0.95,
}
const step = { step_number: 1, action: 'scale', status: 'completed' }

/** What a client sends that cannot leave a field out. */
const nearlyEmpty = {
  ...least,
  id: '',
  remediation_id: '',
  steps_failed: 0,
  total_duration: 0,
  rollbacks_performed: 0,
  step_executions: null,
  adaptive_adjustments: null,
  completed_at: '0001-01-01T00:00:00Z',
  status: '',
}

describe('an execution audit that is posted', () => {
  it('may be nearly empty, in the two ways in which clients leave things out', () => {
    const parsed = parseExecutionAudit(nearlyEmpty)
    expect(parsed).toEqual(parseExecutionAudit(least))
    expect(parsed).toMatchObject({
      id: null,
      remediationId: null,
      totalDurationMs: null,
      stepExecutions: [],
      adaptiveAdjustments: [],
      completedAt: null,
      status: null,
      errorMessage: null,
      scoreParameters: null,
    })
  })

  it('may give durations in nanoseconds or in milliseconds', () => {
    const inNanoseconds = parseExecutionAudit({
      ...least,
      total_duration: 1_500_400_000,
      step_executions: [{ ...step, duration: 250_000_000 }],
    })
    const inMilliseconds = parseExecutionAudit({
      ...least,
      total_duration_ms: 1_500,
      step_executions: [{ ...step, duration_ms: 250 }],
    })
    expect(inNanoseconds).toEqual(inMilliseconds)
    expect(inMilliseconds).toMatchObject({ totalDurationMs: 1_500, stepExecutions: [{ durationMs: 250 }] })
  })

  it('has its instants in UTC, whatever their offset and precision', () => {
    const { completedAt, adaptiveAdjustments } = parseExecutionAudit({
      ...least,
      completed_at: '2026-03-01T12:00:00.123456789+02:00',
      adaptive_adjustments: [
        { step_number: 1, adjustment_type: 'timeout', reason: '', timestamp: '2026-03-01T12:00:00Z' },
      ],
    })
    expect(completedAt).toBe('2026-03-01T10:00:00.123Z')
    expect(adaptiveAdjustments[0]?.timestamp).toBe('2026-03-01T12:00:00.000Z')
  })

  it('gets a score when it brings none, and says what it was calculated with', () => {
    const { effectiveness_score: _, ...without } = least
    expect(
      parseExecutionAudit({
        ...without,
        step_executions: [{ ...step, retries_attempted: 2 }],
        rollbacks_performed: 1,
      }),
    ).toMatchObject({
      effectivenessScore: expect.closeTo(0.8, 12) as number,
      scoreParameters: { retryPenalty: 0.05, rollbackPenalty: 0.1 },
    })
  })

  it.each([
    ['workflow_name', { workflow_name: '' }, 'is empty'],
    ['workflow_version', { workflow_version: undefined }, 'missing'],
    ['total_steps', { total_steps: -1 }, 'is negative'],
    ['steps_completed', { steps_completed: 4 }, 'is more than total_steps (3)'],
    ['steps_failed', { steps_failed: 1 }, 'more than total_steps (3)'],
    ['steps_completed', { steps_completed: 1.5 }, 'is not a whole number'],
    ['rollbacks_performed', { rollbacks_performed: -2 }, 'is negative'],
    ['total_duration', { total_duration: -5 }, 'is negative'],
    ['total_duration_ms', { total_duration_ms: -5 }, 'is negative'],
    ['total_duration', { total_duration: 1, total_duration_ms: 1 }, 'give one of them'],
    ['outcome', { outcome: 'great' }, 'is none of success, failed, partial'],
    ['effectiveness_score', { effectiveness_score: 1.5 }, 'is more than 1'],
    ['effectiveness_score', { effectiveness_score: Number.NaN }, 'is not a number'],
    ['id', { id: 'rr-7' }, 'is not a UUID'],
    ['completed_at', { completed_at: 'yesterday' }, 'is no instant'],
    ['error_message', { error_message: 'a\u0000b' }, 'U+0000'],
    ['step_executions', { step_executions: {} }, 'is not an array'],
    ['step_executions[1].duration', { step_executions: [step, { ...step, duration: -1 }] }, 'is negative'],
    [
      'step_executions[0].retries_attempted',
      { step_executions: [{ ...step, retries_attempted: -1 }] },
      'is negative',
    ],
    ['step_executions[0].phase', { step_executions: [{ ...step, phase: 'x' }] }, 'is not a field'],
    [
      'adaptive_adjustments[0].reason',
      { adaptive_adjustments: [{ step_number: 1, adjustment_type: 'x' }] },
      'missing',
    ],
    ['colour', { colour: 'red' }, 'is not a field'],
  ])('is refused by naming %s: %j', (path, change, problem) => {
    const refused = () => parseExecutionAudit({ ...least, ...change })
    const error: unknown = expect.objectContaining({
      code: 'invalid_audit',
      details: expect.objectContaining({ path }) as unknown,
    })
    expect(refused).toThrow(error)
    expect(refused).toThrow(path)
    expect(refused).toThrow(problem)
  })

  it.each([null, 'text', [], 7])('is refused when it is no object: %j', (value) => {
    expect(() => parseExecutionAudit(value)).toThrow('is not an object')
  })
})
