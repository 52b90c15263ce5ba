import { setTimeout as pause } from 'node:timers/promises'
import {
  type Database,
  type ExecutionSummary,
  listExecutions,
  type Observation,
  ObservationRecorder,
  type PlacedObservation,
} from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import type { Asked } from '../history/actor.ts'
import { hasEnded } from '../history/history-event.ts'
import { importHistory, type Imported } from '../history/import-history.ts'
import { readHistory } from '../history/read-history.ts'
import {
  engineExecutionIdOf,
  engineOfRun,
  runOfEngineExecutionId,
  temporalExecutionId,
  type WorkflowRun,
} from '../history/run.ts'
import type { TemporalEngine } from './engine.ts'
import { type NotedRun, NotedRuns } from './noted-runs.ts'
import type { TemporalRecorderOptions } from './temporal-recorder-options.ts'

type Run = Pick<WorkflowRun, 'workflowId' | 'runId'>

/**
 * Puts on record what workflows do, from their histories, and what these do not hold, as the interceptors tell it. Any
 * number of processes may run one: whatever is told twice is on record once.
 *
 * `created → running → closed`
 */
export class TemporalRecorder implements AsyncDisposable {
  readonly options: TemporalRecorderOptions
  readonly #database: Database
  readonly #engine: TemporalEngine
  readonly #closing = new AbortController()
  readonly #noted = new NotedRuns()
  readonly #troubles = new Map<string, string>()
  #loop: Promise<void> | null = null

  constructor(database: Database, engine: TemporalEngine, options: TemporalRecorderOptions = {}) {
    this.#database = database
    this.#engine = engine
    this.options = options
  }

  /** Works until `close`. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /** Something happened to a run: its history is read soon; when it says that it has ended, until that is in it. */
  note(run: Run, what: 'began' | 'moved' | 'ended'): void {
    this.#noted.note({ run, readings: what === 'ended' ? mostReadings : 1 })
  }

  /**
   * Reads the history of a run and puts on record what is new of it.
   *
   * @throws TrailError as `readHistory` and `importHistory`; what Temporal throws when it is asked
   */
  async recordRun(run: Run): Promise<Imported> {
    return (await this.#read(run)).imported
  }

  /**
   * Reads the histories of the runs that were noted; gives how many had something new. One that cannot be read now is
   * read again, after a pause that grows to `openEveryMs`.
   */
  async recordNoted(): Promise<number> {
    return await this.#readAll(this.#noted.take(performance.now()))
  }

  /** Notes all runs on record that have not ended: of those that are terminated or time out, no worker tells. */
  async noteOpen(): Promise<void> {
    for (const status of ['running', 'rolling_back'] as const)
      for (let cursor: string | undefined, isLast = false; !isLast; isLast = cursor === undefined) {
        const page = await listExecutions(this.#database, { status, cursor, limit: 1_000 })
        for (const execution of page.items) this.#noteOpen(execution)
        cursor = page.nextCursor ?? undefined
      }
  }

  /** Puts on record what an interceptor saw of a run. Never throws: what cannot be, `onTrouble` is told. */
  async observe(run: Run, observation: Observation): Promise<void> {
    this.note(run, 'moved')
    await this.#tried(run, () => this.#record(run, { place: null, observation }))
  }

  /** Puts on record who asks to cancel a run, before Temporal is asked. Never throws. */
  async cancelAsked({ workflowId, runId }: Partial<Run>, asked: Asked): Promise<void> {
    const unknown = { workflowId: workflowId ?? '', runId: runId ?? '' }
    await this.#tried(unknown, async () => {
      const run = { ...unknown, runId: runId || (await this.#engine.currentRun(unknown.workflowId)) }
      const base = { execution: engineExecutionIdOf(run), at: Date.now() }
      const observation = { ...base, kind: 'signalled', signal: 'cancel', name: 'cancel', ...asked } as const
      this.note(run, 'moved')
      await this.#record(run, { place: null, once: 'cancel requested', observation })
    })
  }

  /** Reads what was noted and not read yet, and stops. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    await this.#loop
    await this.#readAll(this.#noted.take(Infinity))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    const { pollMs = 1_000, openEveryMs = 60_000 } = this.options
    let openDue = 0
    while (!signal.aborted) {
      if (performance.now() >= openDue) {
        openDue = performance.now() + openEveryMs
        await this.#tried(everyRun, () => this.noteOpen())
      }
      await this.recordNoted()
      await pause(pollMs, undefined, { signal }).catch(() => undefined)
    }
  }

  async #readAll(noted: readonly NotedRun[]): Promise<number> {
    let grown = 0
    for (const each of noted) {
      const read = await this.#tried(each.run, () => this.#read(each.run))
      if (read === null) this.#noted.noteAfterTrouble(each, this.options)
      else if (!read.hasEnded) this.#noted.note({ run: each.run, readings: each.readings - 1 })
      if ((read?.imported.recorded ?? 0) > 0) grown += 1
    }
    return grown
  }

  async #read(run: Run): Promise<{ readonly imported: Imported; readonly hasEnded: boolean }> {
    const { namespace, tenant, serviceName, undoes } = this.options
    const json = await this.#engine.history(run)
    const history = readHistory(json, { name: `of ${engineExecutionIdOf(run)}`, workflowId: run.workflowId })
    const imported = await importHistory(this.#database, history, { namespace, tenant, serviceName, undoes })
    return { imported, hasEnded: hasEnded(history) }
  }

  /** What is of another engine or namespace is somebody else's to read. */
  #noteOpen({ engine, engineExecutionId, executionId }: ExecutionSummary): void {
    const run = engine === 'temporal' ? runOfEngineExecutionId(engineExecutionId ?? '') : null
    if (run && temporalExecutionId(this.#whole(run)) === executionId) this.note(run, 'moved')
  }

  /** What its history tells of a run came before. Where that cannot be read, this is on record nevertheless. */
  async #record(run: Run, told: PlacedObservation): Promise<void> {
    const unread = await this.recordRun(run).then(
      () => null,
      (cause: unknown) => ({ cause }),
    )
    const recorder = new ObservationRecorder(this.#database, {
      engine: engineOfRun(this.#whole(run)),
      serviceName: this.options.serviceName ?? 'temporal',
      tenant: this.options.tenant,
    })
    try {
      await recorder.recordHistory({ told: [told], through: null })
    } catch (error) {
      const isUnknown = error instanceof TrailError && error.code === 'execution_not_found'
      throw isUnknown && unread ? unread.cause : error
    }
    if (unread) throw unread.cause
  }

  #whole(run: Run): WorkflowRun {
    return { ...run, namespace: this.options.namespace }
  }

  /** The same trouble of a run is told once. */
  async #tried<Result>(run: Run, work: () => Promise<Result>): Promise<Result | null> {
    const key = engineExecutionIdOf(run)
    try {
      const result = await work()
      this.#troubles.delete(key)
      return result
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause)
      if (this.#troubles.get(key) !== text)
        this.options.onTrouble?.(`what Temporal did in ${key} cannot be put on record now`, cause)
      this.#troubles.set(key, text)
      return null
    }
  }
}

/** How often a history is read that is said to have ended; what has not by then is open, as others are. */
const mostReadings = 10

/** Where trouble is with no run by itself. */
const everyRun: Run = { workflowId: 'all workflows', runId: 'all runs' }
