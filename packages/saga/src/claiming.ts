import { randomUUID } from 'node:crypto'
import type { ExecutionMoves, LoadedExecution } from '@steptrail/core'
import type { Implementation, Move, StepMove } from '@steptrail/workflow'

/** A worker that takes steps with the decisions that make them due, and how many it still takes. */
export class Claiming {
  readonly workerUuid: string
  readonly #implemented: ReadonlySet<string>
  #room: number

  constructor(workerUuid: string, implemented: readonly Implementation[], room: number) {
    this.workerUuid = workerUuid
    this.#implemented = new Set(implemented.map(keyOf))
    this.#room = room
  }

  /** For one try to decide, which may come to nothing: says of each step whether the worker takes it. */
  begin(): (step: Implementation) => boolean {
    let left = this.#room
    return (step) => left > 0 && this.#implemented.has(keyOf(step)) && left-- > 0
  }

  /** So many have been claimed for it, and are committed. */
  took(claims: number): void {
    this.#room -= claims
  }
}

const keyOf = ({ workflowName, workflowVersion, stepName }: Implementation): string =>
  JSON.stringify([workflowName, workflowVersion, stepName])

/** The steps that these moves leave enqueued. */
export function enqueuedSteps(moves: readonly Move[]): ReadonlySet<string> {
  const last = new Map<string, StepMove['to']>()
  for (const move of moves) if (move.kind === 'step') last.set(move.stepId, move.to)
  return new Set([...last].filter(([, to]) => to === 'enqueued').map(([stepId]) => stepId))
}

/** Claims of the steps that the moves made due, of those that the worker takes. */
export function claimMoves(
  { snapshot }: LoadedExecution,
  moves: readonly Move[],
  { workerUuid, takes }: { readonly workerUuid: string; readonly takes: (step: Implementation) => boolean },
): readonly Move[] {
  const { definition, correlationId } = snapshot
  const names = new Map(snapshot.steps.map((step) => [step.stepId, step.name]))
  for (const move of moves)
    if (move.kind === 'step' && move.creates) names.set(move.stepId, move.creates.name)
  const { name: workflowName, version: workflowVersion } = definition
  return [...enqueuedSteps(moves)]
    .filter((stepId) => takes({ workflowName, workflowVersion, stepName: names.get(stepId) ?? '' }))
    .map((stepId) => ({
      kind: 'step',
      stepId,
      from: 'enqueued',
      to: 'in_progress',
      context: { correlationId, workerUuid },
      attemptToken: randomUUID(),
    }))
}

/** The workers that steps are claimed for. */
export const claimersOf = (changes: readonly ExecutionMoves[]): readonly string[] => [
  ...new Set(
    changes.flatMap(({ moves }) =>
      moves.flatMap((move) =>
        move.kind === 'step' && move.to === 'in_progress' ? (move.context.workerUuid ?? []) : [],
      ),
    ),
  ),
]
