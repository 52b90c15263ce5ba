import { TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import type { ExecutionSnapshot, Move, StepMove, StepSnapshot } from '@steptrail/workflow'
import {
  advanceExecution,
  type AdvancedExecution,
  type AdvanceEnvironment,
  type RuntimeEvent,
  writtenExecution,
} from '../execution/advance-execution.ts'
import type { LoadedExecution } from '../execution/loaded-execution.ts'
import { seenDefinition } from './observed-definition.ts'
import { idAt, idOf } from './observed-ids.ts'
import type { ObservedStep } from './observation.ts'

/** What making moves depends on, but for the time, which is that of each observation. */
export type ObservedEnvironment = Omit<AdvanceEnvironment, 'now' | 'eventId' | 'newId' | 'partitions'>

/** What is added to the events of moves; a detail that is undefined is taken away. */
export type Notes = (event: RuntimeEvent) => Readonly<Record<string, Json | undefined>>

/** Who and why, and what more there is to say of what moves nothing by a rule of ours. */
export type Remark = Pick<RuntimeEvent, 'actorType' | 'actorId' | 'reason' | 'details'>

/** A step of which there is something to say: the row it has, or the one it is to get. */
export interface StepPlace {
  readonly stepId: string
  readonly current: StepSnapshot | null
}

/**
 * An execution of another engine while what was observed of it is put on record: makes moves, each at its own time, and
 * gathers what they leave on record for one write. Its definition grows by the steps that are seen.
 */
export class ObservedExecution {
  readonly #loaded: LoadedExecution
  readonly #environment: ObservedEnvironment
  readonly #made: AdvancedExecution[] = []
  readonly #stepIds = new Map<string, string>()
  #current: LoadedExecution
  #startedAt: number | null = null
  #endedAt: number | null = null

  constructor(loaded: LoadedExecution, environment: ObservedEnvironment) {
    this.#loaded = loaded
    this.#current = loaded
    this.#environment = environment
  }

  get snapshot(): ExecutionSnapshot {
    return this.#current.snapshot
  }

  /** A text without the secrets in it. */
  redact(text: string): string {
    return this.#environment.redact(text) as string
  }

  /** Makes the moves, which happened at this time, and adds the notes to their events. */
  make(at: number, moves: readonly Move[], notes?: Notes): void {
    if (moves.length === 0) return
    const { executionId, nextSeq } = this.snapshot
    let made = 0
    const eventId = (timestampMs: number) => idAt(timestampMs, executionId, String(nextSeq), String(made++))
    const newId = () => idOf('made', executionId, String(nextSeq), String(made++))
    const advanced = advanceExecution(this.#current, moves, { ...this.#environment, now: at, eventId, newId })
    const events = notes ? advanced.events.map((event) => noted(event, notes(event))) : advanced.events
    this.#take(at, { ...advanced, events })
    if (moves.some((move) => move.kind === 'execution' && move.from === 'pending')) this.#startedAt = at
    this.#endedAt = at
  }

  /** Lets one that had ended go on: no rule of ours allows it, and the engine has done it. */
  takeUp(at: number, event: Remark): void {
    const told = { ...event, eventType: 'ORCHESTRATION_RESUMED', message: 'Workflow taken up again' } as const
    this.#remark(at, told, 'running')
  }

  /** An event of the execution that moves nothing. */
  signal(at: number, event: Remark & Pick<RuntimeEvent, 'message'>): void {
    this.#remark(at, { ...event, eventType: 'ORCHESTRATION_SIGNALLED' }, this.snapshot.status)
  }

  /** The place of a step: that of its last run, or of its next when what is told began after it was complete. */
  placeOf(step: ObservedStep, startedAt: number): StepPlace {
    const { executionId, steps } = this.snapshot
    for (let run = 1; ; run += 1) {
      const stepId = this.#stepId(executionId, step.key, run)
      const current = steps.find((candidate) => candidate.stepId === stepId) ?? null
      if (current === null || current.status !== 'complete') return { stepId, current }
      if (startedAt < (current.completedAt ?? 0)) return { stepId, current }
    }
  }

  /** The move by which a step that is seen for the first time comes to be. */
  creation(stepId: string, step: ObservedStep): StepMove {
    const { steps } = this.snapshot
    const undone = step.operation === 'UNDO' ? this.#toUndo(step.undoes) : undefined
    const name = undone?.name ?? this.#freeName(step.name)
    if (!undone) this.#define(name, step)
    return {
      kind: 'step',
      stepId,
      from: null,
      to: 'pending',
      context: {},
      creates: {
        index: steps.length,
        name,
        operation: undone ? 'UNDO' : 'DO',
        undoes: undone?.stepId ?? null,
      },
    }
  }

  /** Makes room for the retries that a step is known to have: never fewer than it has made. */
  allowRetries(stepId: string, maxRetries: number): void {
    const steps = this.snapshot.steps.map((step) =>
      step.stepId === stepId ? { ...step, maxRetries: Math.max(step.maxRetries, maxRetries) } : step,
    )
    this.#current = { ...this.#current, snapshot: { ...this.snapshot, steps } }
  }

  /** All of it as one advance of what was loaded. */
  advanced(): AdvancedExecution | null {
    const last = this.#made.at(-1)
    if (!last) return null
    const steps = new Map(this.#made.flatMap((each) => each.steps.map((step) => [step.after.stepId, step])))
    return {
      loaded: this.#loaded,
      after: this.snapshot,
      steps: Array.from(steps.values(), (step) => ({
        ...step,
        before: this.#loaded.records.get(step.after.stepId) ?? null,
      })),
      transitions: this.#made.flatMap((each) => each.transitions),
      events: this.#made.flatMap((each) => each.events),
      audits: this.#made.flatMap((each) => each.audits),
      times: { startedAt: this.#startedAt, movedAt: this.#endedAt },
    }
  }

  #remark(
    at: number,
    event: Remark & Pick<RuntimeEvent, 'eventType' | 'message'>,
    status: ExecutionSnapshot['status'],
  ): void {
    const { snapshot, tenant } = this.#current
    const timestamp = Math.max(at, (snapshot.lastEventAt ?? 0) + 1)
    const { executionId, definition, nextSeq, correlationId } = snapshot
    this.#take(at, {
      loaded: this.#current,
      after: { ...snapshot, status, nextSeq: nextSeq + 1, lastEventAt: timestamp },
      steps: [],
      transitions: [],
      audits: [],
      events: [
        {
          ...event,
          id: idAt(timestamp, executionId, String(nextSeq)),
          timestamp: new Date(timestamp).toISOString(),
          entityType: 'ORCHESTRATION',
          status: null,
          severity: 'info',
          serviceName: this.#environment.serviceName,
          executionId,
          executionSeq: nextSeq,
          workflowName: definition.name,
          workflowVersion: definition.version,
          stepName: null,
          stepId: null,
          operationType: null,
          durationMs: null,
          retryCount: null,
          correlationId,
          parentEventId: null,
          tenant,
        },
      ],
    })
  }

  #take(at: number, advanced: AdvancedExecution): void {
    const transitions = advanced.transitions.map((transition) => ({ ...transition, at }))
    this.#made.push({ ...advanced, transitions })
    const { version } = this.#loaded
    this.#current = { ...this.#current, ...writtenExecution(advanced, ''), version }
  }

  /** Of the steps that have this name, the one that was completed last and is not undone yet. */
  #toUndo(name: string | null): StepSnapshot | undefined {
    const { steps, definition } = this.snapshot
    const undone = new Set(steps.map(({ undoes }) => undoes))
    const named = new Set(definition.steps.flatMap((step) => (step.action === name ? [step.name] : [])))
    return steps.findLast(
      (step) => step.operation === 'DO' && named.has(step.name) && !undone.has(step.stepId),
    )
  }

  #stepId(executionId: string, key: string, run: number): string {
    const place = `${run} ${key}`
    const stepId = this.#stepIds.get(place) ?? idOf('step', executionId, key, String(run))
    this.#stepIds.set(place, stepId)
    return stepId
  }

  /** Steps of an execution have a name each; what runs again is numbered. */
  #freeName(name: string): string {
    const taken = new Set(this.snapshot.definition.steps.map((step) => step.name))
    let free = name
    for (let run = 2; taken.has(free); run += 1) free = `${name}#${run}`
    return free
  }

  #define(name: string, { name: action, service, maxRetries }: ObservedStep): void {
    const { definition } = this.snapshot
    const steps = [...definition.steps, seenDefinition({ name, action, service, maxRetries })]
    this.#current = {
      ...this.#current,
      snapshot: { ...this.snapshot, definition: { ...definition, steps } },
    }
  }
}

function noted(event: RuntimeEvent, notes: ReturnType<Notes>): RuntimeEvent {
  const details: Record<string, Json> = { ...event.details }
  for (const [name, value] of Object.entries(notes)) {
    if (value === undefined) delete details[name]
    else details[name] = value
  }
  return { ...event, details }
}

/** Refuses what tells of an execution that was never told to have started. */
export const unknownExecution = (execution: string): TrailError =>
  new TrailError(
    'execution_not_found',
    `something was observed of execution ${execution}, which was never observed to start: install the adapter before its engine runs, or backfill`,
    { details: { execution } },
  )
