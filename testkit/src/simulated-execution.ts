import { createHash, randomUUID } from 'node:crypto'
import {
  decide,
  type DecisionEnvironment,
  type DerivedEvent,
  type ExecutionAudit,
  type ExecutionSnapshot,
  type Move,
  type Report,
  type ReportedResult,
  type StepSnapshot,
  transit,
  type Transition,
  type WorkflowDefinition,
} from '@steptrail/workflow'
import { z } from 'zod'

/** What a simulated execution begins as; the rest is as it comes. */
export interface SimulationOptions {
  readonly executionId?: string
  readonly correlationId?: string
  /** Milliseconds since 1970. */
  readonly now?: number
}

/** An execution without a database: what is decided is applied in memory, by the functions under test. */
export class SimulatedExecution {
  /** Milliseconds since 1970; advance it by hand. */
  now: number
  /** What jitter draws. */
  random = 0.5
  readonly events: DerivedEvent[] = []
  readonly transitions: Transition[] = []
  readonly moves: Move[] = []
  /** One for each of its ends. */
  readonly audits: ExecutionAudit[] = []
  snapshot: ExecutionSnapshot

  constructor(
    definition: WorkflowDefinition,
    input: ExecutionSnapshot['input'] = {},
    options: SimulationOptions = {},
  ) {
    this.now = options.now ?? Date.UTC(2026, 0, 1)
    this.snapshot = {
      executionId: options.executionId ?? randomUUID(),
      status: null,
      definition,
      definitionHash: 'hash',
      input,
      output: null,
      correlationId: options.correlationId ?? 'correlation',
      actor: { type: 'user', id: 'alice' },
      createdAt: this.now,
      rollbackTriggeredAt: null,
      isCancelled: false,
      rollbackPlan: null,
      adjustments: [],
      endedSeq: null,
      nextSeq: 1,
      lastEventAt: null,
      steps: [],
    }
  }

  /** Decides on reports and applies what was decided. */
  report(...reports: readonly Report[]): readonly Move[] {
    const environment = this.#environment()
    const moves = decide(this.snapshot, reports, environment)
    for (const move of moves) {
      const { execution, events, transition, audit } = transit(this.snapshot, move, environment)
      this.snapshot = execution
      this.events.push(...events)
      if (transition) this.transitions.push(transition)
      if (audit) this.audits.push(audit)
    }
    this.moves.push(...moves)
    return moves
  }

  /** Starts it. */
  start(): void {
    this.report({ kind: 'start', stepIds: this.snapshot.definition.steps.map(() => randomUUID()) })
  }

  /** The step of this name and operation. */
  step(name: string, operation: StepSnapshot['operation'] = 'DO'): StepSnapshot {
    const found = this.snapshot.steps.find((step) => step.name === name && step.operation === operation)
    if (!found) throw new Error(`no step ${operation} ${name}`)
    return found
  }

  /** Claims a step as a worker does: outside deciding, without a sequence number. */
  claim(stepId: string): string {
    const attemptToken = randomUUID()
    this.snapshot = {
      ...this.snapshot,
      steps: this.snapshot.steps.map((step) =>
        step.stepId === stepId
          ? {
              ...step,
              status: 'in_progress',
              attempt: step.attempt + 1,
              attemptToken,
              workerUuid: 'worker-1',
              attemptStartedAt: this.now,
            }
          : step,
      ),
    }
    return attemptToken
  }

  /** Claims a step and reports on it `tookMs` later. */
  perform(name: string, result: ReportedResult, { operation = 'DO', tookMs = 100 } = {}): void {
    const { stepId } = this.step(name, operation as StepSnapshot['operation'])
    const attemptToken = this.claim(stepId)
    this.now += tookMs
    this.reportResult(stepId, attemptToken, result)
  }

  /** Reports on an attempt. */
  reportResult(stepId: string, attemptToken: string, result: ReportedResult): readonly Move[] {
    const { attempt } = this.snapshot.steps.find((step) => step.stepId === stepId) ?? { attempt: 1 }
    return this.report({ kind: 'result', stepId, attempt, attemptToken, workerUuid: 'worker-1', result })
  }

  /** Lets the time pass until the retry of a step is due, and wakes it. */
  wake(name: string, operation: StepSnapshot['operation'] = 'DO'): void {
    const step = this.step(name, operation)
    this.now = Math.max(this.now, step.notBefore ?? this.now)
    this.report({ kind: 'due', stepId: step.stepId })
  }

  /** Events in short: `STEP_FAILED createClient DO 1`. */
  story(): readonly string[] {
    return this.events.map((event) =>
      [event.eventType, event.stepName, event.operationType, event.retryCount]
        .filter((part) => part !== null)
        .join(' '),
    )
  }

  #environment(): DecisionEnvironment {
    return {
      now: this.now,
      random: () => this.random,
      newId: () => randomUUID(),
      digest: (text) => createHash('sha256').update(text).digest('hex'),
      redact: (value) => value,
      fits: (schema, value) =>
        z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value).success,
      serviceName: 'steptrail',
    }
  }
}

/** A worker's report of success. */
export const succeeded = (output: ExecutionSnapshot['input'] = {}): ReportedResult => ({
  success: true,
  executionTimeMs: 42,
  output,
})

/** A worker's report of failure. */
export const failed = (message = 'Connection timeout'): ReportedResult => ({
  success: false,
  executionTimeMs: 42,
  error: { message },
})
