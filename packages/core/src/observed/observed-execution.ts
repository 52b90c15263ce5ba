import { TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import {
  type ExecutionSnapshot,
  isEnded,
  type Move,
  type StepMove,
  type StepSnapshot,
} from '@steptrail/workflow'
import {
  advanceExecution,
  type AdvancedExecution,
  type AdvanceEnvironment,
  type RuntimeEvent,
} from '../execution/advance-execution.ts'
import type { LoadedExecution, StepRecord } from '../execution/loaded-execution.ts'
import { idAt, idOf } from './observed-ids.ts'
import type { ObservedStep } from './observation.ts'
import { SeenSteps } from './seen-steps.ts'

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
 * gathers what they leave on record for one write. Its definition grows by the steps that are seen. What a step costs does
 * not depend on how many there are.
 */
export class ObservedExecution {
  readonly #loaded: LoadedExecution
  readonly #environment: ObservedEnvironment
  readonly #made: AdvancedExecution[] = []
  readonly #stepIds = new Map<string, string>()
  readonly #steps: SeenSteps
  readonly #records: Map<string, StepRecord>
  /** All of it but its steps, which {@link SeenSteps} has. */
  #head: ExecutionSnapshot
  /** All of it, until something of it changes. */
  #whole: ExecutionSnapshot | null
  #startedAt: number | null = null
  #endedAt: number | null = null

  constructor(loaded: LoadedExecution, environment: ObservedEnvironment) {
    const { snapshot } = loaded
    this.#loaded = loaded
    this.#steps = new SeenSteps(snapshot)
    this.#records = new Map(loaded.records)
    this.#head = { ...snapshot, steps: [], definition: { ...snapshot.definition, steps: [] } }
    this.#whole = snapshot
    this.#environment = environment
  }

  /** All of it, which is made anew after each move: for what looks at all steps. */
  get snapshot(): ExecutionSnapshot {
    this.#whole ??= {
      ...this.#head,
      steps: this.#steps.all(),
      definition: { ...this.#head.definition, steps: this.#steps.definitions() },
    }
    return this.#whole
  }

  get status(): ExecutionSnapshot['status'] {
    return this.#head.status
  }

  /** A step, by its id. */
  step(stepId: string): StepSnapshot | undefined {
    return this.#steps.get(stepId)
  }

  /** A text without the secrets in it. */
  redact(text: string): string {
    return this.#environment.redact(text) as string
  }

  /** Makes the moves, which happened at this time, and adds the notes to their events. */
  make(at: number, moves: readonly Move[], notes?: Notes): void {
    if (moves.length === 0) return
    const { executionId, nextSeq } = this.#head
    let made = 0
    const eventId = (timestampMs: number) => idAt(timestampMs, executionId, String(nextSeq), String(made++))
    const newId = () => idOf('made', executionId, String(nextSeq), String(made++))
    const environment = { ...this.#environment, now: at, eventId, newId }
    const advanced = advanceExecution(this.#concerned(moves), moves, environment)
    const events = notes ? advanced.events.map((event) => noted(event, notes(event))) : advanced.events
    this.#take(at, { ...advanced, events })
    if (moves.some((move) => move.kind === 'execution' && move.from === 'pending')) this.#startedAt = at
    this.#endedAt = at
  }

  /** Lets one that had ended go on: no rule of ours allows it, and the engine has done it. How it ends then is open again. */
  takeUp(at: number, event: Remark): void {
    const told = { ...event, eventType: 'ORCHESTRATION_RESUMED', message: 'Workflow taken up again' } as const
    this.#remark(at, told, { status: 'running', isCancelled: false })
  }

  /** An event of the execution that moves nothing. */
  signal(at: number, event: Remark & Pick<RuntimeEvent, 'message'>): void {
    this.#remark(at, { ...event, eventType: 'ORCHESTRATION_SIGNALLED' })
  }

  /**
   * The place of a step: that of its last run, or of its next when what is told began after it was complete, or was
   * cancelled with its execution, which goes on since.
   */
  placeOf(step: ObservedStep, startedAt: number): StepPlace {
    const { executionId } = this.#head
    for (let run = 1; ; run += 1) {
      const stepId = this.#stepId(executionId, step.key, run)
      const current = this.#steps.get(stepId) ?? null
      if (current === null || !this.#isBehind(current)) return { stepId, current }
      if (startedAt < (current.completedAt ?? 0)) return { stepId, current }
    }
  }

  /** Whether a run of a step may be followed by another. */
  #isBehind({ status }: StepSnapshot): boolean {
    if (status !== 'cancelled') return status === 'complete'
    return this.status !== null && !isEnded(this.status)
  }

  /** The move by which a step that is seen for the first time comes to be. */
  creation(stepId: string, step: ObservedStep): StepMove {
    const undone = step.operation === 'UNDO' ? this.#steps.toUndo(step.undoes) : undefined
    const name = undone?.name ?? this.#steps.freeName(step.name)
    if (!undone) this.#steps.define(name, step)
    return {
      kind: 'step',
      stepId,
      from: null,
      to: 'pending',
      context: {},
      creates: {
        index: this.#steps.count,
        name,
        operation: undone ? 'UNDO' : 'DO',
        undoes: undone?.stepId ?? null,
      },
    }
  }

  /** Makes room for the retries that a step is known to have: never fewer than it has made. */
  allowRetries(stepId: string, maxRetries: number): void {
    const step = this.#steps.get(stepId)
    if (!step || step.maxRetries >= maxRetries) return
    this.#steps.set({ ...step, maxRetries })
    this.#whole = null
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
    change: Partial<Pick<ExecutionSnapshot, 'status' | 'isCancelled'>> = {},
  ): void {
    const { tenant } = this.#loaded
    const timestamp = Math.max(at, (this.#head.lastEventAt ?? 0) + 1)
    const { executionId, definition, nextSeq, correlationId } = this.#head
    this.#take(at, {
      loaded: this.#loaded,
      after: { ...this.#head, ...change, nextSeq: nextSeq + 1, lastEventAt: timestamp },
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

  /** What these moves look at: all of it where the execution itself moves, else their steps alone. */
  #concerned(moves: readonly Move[]): LoadedExecution {
    const loaded = { ...this.#loaded, records: this.#records }
    if (moves.some(({ kind }) => kind === 'execution')) return { ...loaded, snapshot: this.snapshot }
    const ids = new Set(moves.flatMap((move) => ('stepId' in move ? [move.stepId] : [])))
    const created = moves.flatMap((move) => (move.kind === 'step' && move.creates ? [move.creates.name] : []))
    const steps = [...ids].flatMap((stepId) => this.#steps.get(stepId) ?? [])
    const records = [...ids].flatMap((id) => {
      const record = this.#records.get(id)
      return record ? [[id, record] as const] : []
    })
    const names = new Set([...steps.map(({ name }) => name), ...created])
    const definition = { ...this.#head.definition, steps: this.#steps.definitions(names) }
    return { ...loaded, records: new Map(records), snapshot: { ...this.#head, steps, definition } }
  }

  #take(at: number, advanced: AdvancedExecution): void {
    const transitions = advanced.transitions.map((transition) => ({ ...transition, at }))
    this.#made.push({ ...advanced, transitions })
    for (const { after, record } of advanced.steps) {
      this.#steps.set(after)
      this.#records.set(after.stepId, record)
    }
    const { definition } = this.#head
    this.#head = { ...advanced.after, steps: [], definition }
    this.#whole = null
  }

  #stepId(executionId: string, key: string, run: number): string {
    const place = `${run} ${key}`
    const stepId = this.#stepIds.get(place) ?? idOf('step', executionId, key, String(run))
    this.#stepIds.set(place, stepId)
    return stepId
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
