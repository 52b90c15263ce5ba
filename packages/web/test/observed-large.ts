import { type Observation, ObservationRecorder, observedExecutionId } from '@steptrail/core'
import { uuidV7 } from '@steptrail/event'
import type { Stage } from './stage.ts'

const engine = {
  name: 'temporal',
  sourceId: '5a0c6d5e-9d0c-8f5e-8a1b-0c1d2e3f4a5c',
  capabilities: { perAttempt: true, actor: false, transactional: false, replaySafe: true, backfill: true },
} as const

const stepOf = (name: string) =>
  ({
    key: name,
    name,
    service: 'orders',
    operation: 'DO',
    undoes: null,
    maxRetries: 1_000,
    attemptsSeen: true,
  }) as const

/** Puts on record what an adapter saw of an execution with so many steps, of which the first was tried so often. Resolves with its id. */
export async function observeLarge(
  stage: Stage,
  { steps, attempts }: { readonly steps: number; readonly attempts: number },
): Promise<string> {
  const execution = `large-${steps}-${attempts}`
  const from = Date.now() - 3_600_000
  const workerUuid = uuidV7(from)
  const apartMs = 3_000_000 / (steps + attempts)
  const atOf = (place: number): number => Math.floor(from + place * apartMs)
  const failed = Array.from({ length: attempts - 1 }, (_, index): Observation => ({
    kind: 'attempt_failed',
    execution,
    at: atOf(index + 0.8),
    startedAt: atOf(index + 0.1),
    step: stepOf('step 1'),
    workerUuid,
    error: { message: `the bank did not answer, for the time of number ${index + 1}`, code: 'BANK_AWAY' },
    retryInMs: Math.floor(apartMs / 10),
  }))
  const succeeded = Array.from({ length: steps }, (_, index): Observation => ({
    kind: 'step_succeeded',
    execution,
    at: atOf(attempts + index + 0.9),
    startedAt: atOf(attempts + index),
    step: stepOf(`step ${index + 1}`),
    workerUuid,
    result: null,
  }))
  const seen: readonly Observation[] = [
    {
      kind: 'started',
      execution,
      at: from,
      workflowName: 'large order',
      workflowVersion: '1.0',
      correlationId: execution,
      actor: null,
      inputDigest: 'ab'.repeat(32),
      isBackfilled: false,
    },
    ...failed,
    ...succeeded,
    { kind: 'completed', execution, at: atOf(attempts + steps + 1), result: null },
  ]
  const recorder = new ObservationRecorder(stage.database, { engine, serviceName: 'adapter' })
  const sourced = seen.map((observation, index) => ({ id: `${index}`, observation }))
  for (let first = 0; first < sourced.length; first += 500)
    await recorder.record(sourced.slice(first, first + 500))
  return observedExecutionId(engine, execution)
}
