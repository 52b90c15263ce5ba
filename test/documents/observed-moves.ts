import { failed, SimulatedExecution, succeeded } from '@steptrail/testkit'
import {
  type DecisionEnvironment,
  type ExecutionSnapshot,
  type Move,
  type Order,
  type Report,
  type Silence,
  type StepDefinition,
  transit,
  type WorkflowDefinition,
} from '@steptrail/workflow'

/** A move that deciding makes, and the types of the events that follow from it. */
export interface ObservedMove {
  readonly kind: 'step' | 'execution'
  readonly from: string | null
  readonly to: string
  readonly events: readonly string[]
}

/**
 * Every kind of move that deciding makes, seen while stories are played in memory: what the runtime does, in
 * distinction from what the state tables would allow.
 */
export function observedMoves(): readonly ObservedMove[] {
  const observed = new Map<string, ObservedMove>()
  for (const { workflow, play } of stories) {
    const execution = new WatchedExecution(workflow)
    execution.start()
    play(execution)
    for (const move of execution.observed) observed.set(JSON.stringify(move), move)
  }
  return [...observed.values()]
}

class WatchedExecution extends SimulatedExecution {
  readonly observed: ObservedMove[] = []

  override report(...reports: readonly Report[]): readonly Move[] {
    const before = this.snapshot
    const moves = super.report(...reports)
    this.observed.push(...watched(before, moves, environmentAt(this.now)))
    return moves
  }

  /** Fails all attempts that a step has. */
  exhaust(name: string, operation: 'DO' | 'UNDO' = 'DO'): void {
    const isOver = (): boolean => ['error', 'skipped'].includes(this.step(name, operation).status ?? '')
    while (!isOver()) {
      this.perform(name, failed(), { operation })
      this.wake(name, operation)
    }
  }

  /** Claims a step and lets the clock end the attempt. */
  fallSilent(name: string): void {
    const { stepId } = this.step(name)
    this.report({ kind: 'silence', stepId, attemptToken: this.claim(stepId), silence })
  }

  /** Gives an operator's order. */
  order(order: Order): void {
    const actor = { type: 'user', id: 'operator' } as const
    this.report({ kind: 'operator', order, actor, reason: 'because', approvedBy: null })
  }

  release(name: string): void {
    const { stepId } = this.step(name)
    this.report({
      kind: 'release',
      stepId,
      attemptToken: this.claim(stepId),
      workerUuid: 'worker-1',
      hasBegun: true,
    })
  }
}

function watched(
  before: ExecutionSnapshot,
  moves: readonly Move[],
  environment: DecisionEnvironment,
): readonly ObservedMove[] {
  let current = before
  return moves.flatMap((move) => {
    const { execution, events } = transit(current, move, environment)
    current = execution
    if (move.kind === 'rejection' || move.kind === 'adjustment') return []
    return { kind: move.kind, from: move.from, to: move.to, events: events.map(({ eventType }) => eventType) }
  })
}

const environmentAt = (now: number): DecisionEnvironment => ({
  now,
  random: () => 0.5,
  newId: () => '',
  digest: () => '',
  redact: (value) => value,
  fits: () => false,
  serviceName: 'steptrail',
})

const silence: Silence = { code: 'worker_lost', message: 'fell silent', reason: 'worker lost' }

const step = (
  name: string,
  after: readonly string[],
  more: Partial<StepDefinition> = {},
): StepDefinition => ({
  name,
  action: name,
  service: 'service',
  after,
  timeoutMs: 1_000,
  retry: { maxRetries: 1, backoff: { type: 'fixed', delayMs: 10 } },
  undo: 'handler',
  onFailure: 'rollback',
  when: null,
  output: {},
  ...more,
})

const workflowOf = (...steps: readonly StepDefinition[]): WorkflowDefinition => ({
  name: 'story',
  version: '1',
  input: {},
  recordInput: false,
  steps,
})

const chain = workflowOf(
  step('first', []),
  step('second', ['first'], { undo: 'none' }),
  step('third', ['second']),
)
const unwanted = workflowOf(step('unwanted', [], { when: { not: {} } }), step('last', []))
const optional = workflowOf(step('optional', [], { onFailure: 'skip' }), step('last', []))
const blocking = workflowOf(step('blocking', [], { onFailure: 'block' }), step('next', ['blocking']))
const branches = workflowOf(
  step('failing', []),
  step('enqueued', []),
  step('waiting', []),
  step('pending', ['waiting']),
)

const stories: readonly {
  readonly workflow: WorkflowDefinition
  readonly play: (execution: WatchedExecution) => void
}[] = [
  {
    // Gives back, is lost, fails, then succeeds.
    workflow: chain,
    play: (execution) => {
      execution.release('first')
      execution.fallSilent('first')
      execution.wake('first')
      execution.perform('first', succeeded())
      execution.perform('second', failed())
      execution.wake('second')
      execution.perform('second', succeeded())
      execution.perform('third', succeeded())
    },
  },
  {
    // Rolled back over a step without undo.
    workflow: chain,
    play: (execution) => {
      execution.perform('first', succeeded())
      execution.perform('second', succeeded())
      execution.exhaust('third')
      execution.perform('first', succeeded(), { operation: 'UNDO' })
    },
  },
  {
    // Ends in failure of the rollback.
    workflow: chain,
    play: (execution) => {
      execution.perform('first', succeeded())
      execution.exhaust('second')
      execution.exhaust('first', 'UNDO')
    },
  },
  {
    // A condition that is not met, and a failure that is passed over.
    workflow: unwanted,
    play: (execution) => execution.perform('last', succeeded()),
  },
  {
    workflow: optional,
    play: (execution) => execution.exhaust('optional'),
  },
  {
    // Blocked; retried by an operator, who then resolves it by hand.
    workflow: blocking,
    play: (execution) => {
      const { stepId } = execution.step('blocking')
      execution.exhaust('blocking')
      execution.order({ action: 'retry', stepId })
      execution.perform('blocking', failed())
      execution.order({ action: 'resolve', stepId, output: null })
    },
  },
  {
    // Blocked; skipped by an operator, paused and resumed.
    workflow: blocking,
    play: (execution) => {
      execution.order({ action: 'pause' })
      execution.order({ action: 'resume' })
      execution.exhaust('blocking')
      execution.order({ action: 'skip', stepId: execution.step('blocking').stepId })
    },
  },
  ...[true, false].flatMap((rollback) => [
    {
      // Blocked, then cancelled.
      workflow: blocking,
      play: (execution: WatchedExecution): void => {
        execution.exhaust('blocking')
        execution.order({ action: 'cancel', rollback })
      },
    },
    {
      // Paused, then cancelled.
      workflow: chain,
      play: (execution: WatchedExecution): void => {
        execution.order({ action: 'pause' })
        execution.order({ action: 'cancel', rollback })
      },
    },
  ]),
  {
    // Waits for its retry, has it at once, and then is cancelled with what was done undone.
    workflow: chain,
    play: (execution) => {
      execution.perform('first', failed())
      execution.order({ action: 'retry', stepId: execution.step('first').stepId })
      execution.perform('first', succeeded())
      execution.order({ action: 'cancel', rollback: true })
      execution.perform('first', succeeded(), { operation: 'UNDO' })
    },
  },
  {
    // Blocked, then cancelled as it is.
    workflow: blocking,
    play: (execution) => {
      execution.exhaust('blocking')
      execution.order({ action: 'cancel', rollback: false })
    },
  },
  {
    // Paused, then cancelled as it is.
    workflow: chain,
    play: (execution) => {
      execution.order({ action: 'pause' })
      execution.order({ action: 'cancel', rollback: false })
    },
  },
  ...[false, true].map((inProgress) => ({
    // Cancelled as it is, before and after a claim.
    workflow: chain,
    play: (execution: WatchedExecution): void => {
      if (inProgress) execution.claim(execution.step('first').stepId)
      execution.order({ action: 'cancel', rollback: false })
    },
  })),
  {
    // A rollback that failed is taken up again.
    workflow: chain,
    play: (execution) => {
      execution.perform('first', succeeded())
      execution.exhaust('second')
      execution.exhaust('first', 'UNDO')
      execution.order({ action: 'retry-rollback' })
    },
  },
  ...(['pending', 'enqueued', 'in_progress', 'waiting_for_retry'] as const).map((state) => ({
    // Resolved by hand, whatever it was; what waits is skipped, too.
    workflow: chain,
    play: (execution: WatchedExecution): void => {
      const { stepId } = execution.step(state === 'pending' ? 'second' : 'first')
      if (state === 'in_progress') execution.claim(stepId)
      if (state === 'waiting_for_retry') execution.perform('first', failed())
      execution.order({ action: 'resolve', stepId, output: null })
    },
  })),
  ...(['pending', 'waiting_for_retry'] as const).map((state) => ({
    workflow: chain,
    play: (execution: WatchedExecution): void => {
      if (state === 'waiting_for_retry') execution.perform('first', failed())
      const { stepId } = execution.step(state === 'pending' ? 'second' : 'first')
      execution.order({ action: 'skip', stepId })
    },
  })),
  {
    // Fails while others are enqueued, wait for a retry, and wait for those; the failure is a silence.
    workflow: branches,
    play: (execution) => {
      execution.perform('waiting', failed())
      execution.fallSilent('failing')
      execution.wake('failing')
      execution.fallSilent('failing')
    },
  },
]
