import { randomUUID } from 'node:crypto'
import { isEnded, type StepSnapshot } from '@steptrail/workflow'
import type { Chance } from '../chance.ts'
import { failed, SimulatedExecution, succeeded } from '../simulated-execution.ts'
import type { HistoryWorkflow } from './history-workflows.ts'

/** Which execution, and when. */
export interface ExecutionScene {
  readonly workflow: HistoryWorkflow
  readonly correlationId: string
  readonly now: number
  /** Where it lies in the history, from 0 to 1. */
  readonly share: number
}

const operator = { actor: { type: 'user', id: 'olga' }, approvedBy: null } as const

/** Runs an execution to its end, or, where its rollback fails, sometimes to its second one. */
export function simulateExecution(scene: ExecutionScene, chance: Chance): SimulatedExecution {
  const { workflow, correlationId, now } = scene
  const execution = new SimulatedExecution(workflow.definition, {}, { correlationId, now })
  execution.start()
  adjust(execution, chance)
  run(execution, scene, chance)
  if (execution.snapshot.status === 'rollback_failed' && chance.next() < 0.7) {
    execution.now += chance.whole(60_000, 600_000)
    const order = { action: 'retry-rollback' } as const
    execution.report({ kind: 'operator', ...operator, order, reason: 'the registry is back' })
    run(execution, scene, chance)
  }
  return execution
}

function adjust(execution: SimulatedExecution, chance: Chance): void {
  if (chance.next() > 0.15) return
  const step = execution.snapshot.definition.steps.at(-1)?.name ?? ''
  const by = { actor: operator.actor, approvedBy: null }
  execution.now += 3
  const adjustment =
    chance.next() < 0.6
      ? ({ type: 'timeout', step, timeoutMs: 90_000, reason: 'slow node' } as const)
      : ({ type: 'retry', step, maxRetries: 4, reason: 'flaky network' } as const)
  execution.report({ kind: 'adjust', adjustment, by })
}

function run(execution: SimulatedExecution, scene: ExecutionScene, chance: Chance): void {
  const ended = () => execution.snapshot.status === null || isEnded(execution.snapshot.status)
  while (!ended()) {
    if (execution.snapshot.status === 'running' && chance.next() < 0.004) {
      execution.now += 1
      const order = { action: 'cancel', rollback: chance.next() < 0.5 } as const
      execution.report({ kind: 'operator', ...operator, order, reason: 'no longer wanted' })
      continue
    }
    const { steps } = execution.snapshot
    const due = steps.find(({ status }) => status === 'enqueued')
    const waiting = steps.find(({ status }) => status === 'waiting_for_retry')
    if (due) attempt(execution, due, { scene, chance })
    else if (waiting) execution.wake(waiting.name, waiting.operation)
    else throw new Error(`${execution.snapshot.status ?? 'nothing'}, and nothing is due`)
  }
}

interface Surroundings {
  readonly scene: ExecutionScene
  readonly chance: Chance
}

function attempt(execution: SimulatedExecution, step: StepSnapshot, { scene, chance }: Surroundings): void {
  const { workflow, share } = scene
  const { name, operation } = step
  execution.now += Math.floor(40 * chance.next() ** 3 * (isBurst(share) ? 20 : 1))
  const base = workflow.durationMs[name] ?? 100
  const spread = Math.exp((chance.next() + chance.next() - 1) * 0.9)
  const tookMs =
    1 + Math.floor(base * spread * (1 + workflow.drift * share) * (operation === 'UNDO' ? 0.4 : 1))
  const failure = (isBurst(share) ? 6 : 1) * workflow.failure * (operation === 'UNDO' ? 6 : 1)
  const result = chance.next() < failure ? failed(errorOf(name, chance)) : succeeded()
  execution.perform(name, result, { operation, tookMs })
}

/** Two bursts of failure: three per cent of the time each. */
const isBurst = (share: number): boolean => (share > 0.3 && share < 0.33) || (share > 0.85 && share < 0.88)

function errorOf(step: string, chance: Chance): string {
  switch (chance.whole(1, 3)) {
    case 1:
      return `${step}: no answer after ${chance.whole(1_000, 9_999)} ms`
    case 2:
      return `${step}: ${randomUUID()} is locked by 0x${chance
        .whole(2 ** 30, 2 ** 31)
        .toString(16)
        .padStart(12, '4')}`
    default:
      return `${step}: permission denied`
  }
}
