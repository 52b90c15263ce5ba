import { type Observation, ObservationRecorder, observedExecutionId } from '@steptrail/core'
import { uuidV7 } from '@steptrail/event'
import type { Stage } from './stage.ts'

const engine = {
  name: 'dbos',
  sourceId: '5a0c6d5e-9d0c-8f5e-8a1b-0c1d2e3f4a5b',
  capabilities: { perAttempt: true, actor: false, transactional: true, replaySafe: true, backfill: false },
} as const

/**
 * Puts on record what an adapter saw of an order in another engine, which shows neither who cancels nor what was before:
 * its one step failed once. Resolves with the id of the execution.
 */
export async function observeOrder(stage: Stage): Promise<string> {
  const execution = 'order-17'
  const at = Date.now() - 2_000
  const workerUuid = uuidV7(at)
  const step = {
    key: 'charge',
    name: 'charge',
    service: 'orders',
    operation: 'DO',
    undoes: null,
    maxRetries: 2,
    attemptsSeen: true,
  } as const
  const seen: readonly Observation[] = [
    {
      kind: 'started',
      execution,
      at,
      workflowName: 'order',
      workflowVersion: '1.0',
      correlationId: execution,
      actor: null,
      inputDigest: 'ab'.repeat(32),
      isBackfilled: false,
    },
    {
      kind: 'attempt_failed',
      execution,
      at: at + 300,
      startedAt: at + 100,
      step,
      workerUuid,
      error: { message: 'no answer' },
      retryInMs: 100,
    },
    {
      kind: 'step_succeeded',
      execution,
      at: at + 900,
      startedAt: at + 420,
      step,
      workerUuid,
      result: { sha256: 'cd'.repeat(32) },
    },
    { kind: 'completed', execution, at: at + 910, result: null },
  ]
  const recorder = new ObservationRecorder(stage.database, { engine, serviceName: 'adapter' })
  await recorder.record(seen.map((observation, index) => ({ id: `${index}`, observation })))
  return observedExecutionId(engine, execution)
}
