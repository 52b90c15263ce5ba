import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Database,
  type ExecutionSummary,
  giveLease,
  idOf,
  listExecutions,
  type Observation,
  ObservationRecorder,
  type ObservedUpdate,
  type PlacedObservation,
  takeLease,
} from '@steptrail/core'
import { carefully, TrailError } from '@steptrail/event'
import type { Asked } from '../history/actor.ts'
import { earlierOf } from '../history/earlier-events.ts'
import { type History, hasEnded, lastTelling } from '../history/history-event.ts'
import { type Imported, importPart } from '../history/import-history.ts'
import { cancelMark, forgottenMark } from '../history/observations-of.ts'
import { readHistory, readOn } from '../history/read-history.ts'
import {
  engineExecutionIdOf,
  engineOfRun,
  runOfEngineExecutionId,
  temporalExecutionId,
  type WorkflowRun,
} from '../history/run.ts'
import type { TemporalEngine } from './engine.ts'
import { type NotedRun, NotedRuns } from './noted-runs.ts'
import { ReadRuns } from './read-runs.ts'
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
  readonly #read = new ReadRuns()
  readonly #forgotten = new Set<string>()
  readonly #holder = randomUUID()
  readonly #troubles = new Map<string, string>()
  #looksAfterAll = false
  #loop: Promise<void> | null = null

  constructor(database: Database, engine: TemporalEngine, options: TemporalRecorderOptions = {}) {
    this.#database = database
    this.#engine = engine
    this.options = { ...options, onTrouble: options.onTrouble && carefully(options.onTrouble) }
  }

  /** Works until `close`. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /**
   * Something happened to a run: its history is read soon; where it is not in it by then, as what became of an update or
   * an end, a few times.
   */
  note(run: Run, what: 'began' | 'moved' | 'updated' | 'ended'): void {
    this.#noted.note({ run, readings: readings[what] })
  }

  /**
   * Reads the history of a run, from where it was read to before, and puts on record what is new of it.
   *
   * @throws TrailError as `readHistory` and `importHistory`; `execution_not_found` when Temporal does not know the run; what
   *   Temporal throws when it is asked
   */
  async recordRun(run: Run): Promise<Imported> {
    const read = await this.#readRun(run)
    if (read === null) throw unknownRun(run)
    return read.imported
  }

  /**
   * Reads the histories of the runs that were noted; gives how many had something new. One that cannot be read now is
   * read again, after a pause that grows to `openEveryMs`.
   */
  async recordNoted(): Promise<number> {
    return await this.#readAll(this.#noted.take(performance.now()))
  }

  /**
   * Notes all runs on record that have not ended: of those that are terminated or time out, no worker tells. One process
   * does so at a time, until it is closed or has been silent for twice `openEveryMs`; false in the others.
   */
  async noteOpen(): Promise<boolean> {
    const { openEveryMs = 60_000 } = this.options
    if (!(await takeLease(this.#database, { ...this.#lease(), engine: 'temporal', forMs: 2 * openEveryMs })))
      return false
    this.#looksAfterAll = true
    for (const status of ['running', 'rolling_back'] as const)
      for (let cursor: string | undefined, isLast = false; !isLast; isLast = cursor === undefined) {
        const page = await listExecutions(this.#database, { status, cursor, limit: 1_000 })
        for (const execution of page.items) this.#noteOpen(execution)
        cursor = page.nextCursor ?? undefined
      }
    return true
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
      await this.#record(run, { place: null, insteadOf: cancelMark, observation })
    })
  }

  /** Puts on record that a workflow rejected an update, of which its history keeps nothing. Never throws. */
  async updateRejected(run: Run, { name, asked, ...update }: RejectedUpdate): Promise<void> {
    const base = { execution: engineExecutionIdOf(run), at: Date.now() }
    const rejected = { ...update, outcome: 'rejected' } as const
    const observation = {
      ...base,
      kind: 'signalled',
      signal: 'update',
      name,
      ...asked,
      update: rejected,
    } as const
    const told = { place: null, once: `update ${update.id} rejected`, observation }
    await this.#tried(run, () => this.#record(run, told))
  }

  /** Reads what was noted and not read yet, and stops. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    await this.#loop
    await this.#readAll(this.#noted.take(Infinity))
    if (this.#looksAfterAll) await this.#tried(everyRun, () => giveLease(this.#database, this.#lease()))
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
      const { run } = each
      const read = await this.#tried(run, async () => (await this.#readRun(run)) ?? (await this.#forget(run)))
      if (read === null) this.#noted.noteAfterTrouble(each, this.options)
      else if (!read.hasEnded) this.#noted.note({ run, readings: each.readings - 1 })
      if ((read?.imported.recorded ?? 0) > 0) grown += 1
    }
    return grown
  }

  /** Null when Temporal does not know the run. What was read before counts only when the trail has it. */
  async #readRun(run: Run): Promise<ReadRun | null> {
    const { namespace, tenant, serviceName, undoes } = this.options
    const earlier = this.#read.get(run)
    const json = await this.#engine.history(run, earlier?.through ?? 0)
    if (json === null) return null
    const source = { name: `of ${engineExecutionIdOf(run)}`, workflowId: run.workflowId }
    const history = earlier ? readOn(json, source, earlier) : readHistory(json, source)
    if (earlier?.through === lastTelling(history)) return { imported: this.#nothingNew(run), hasEnded: false }
    const imported = await importPart(this.#database, history, { namespace, tenant, serviceName, undoes })
    if (imported === null) {
      this.#read.drop(run)
      return await this.#readRun(run)
    }
    this.#keep(history)
    return { imported, hasEnded: hasEnded(history) }
  }

  #keep(history: History): void {
    if (hasEnded(history)) this.#read.drop(history)
    else this.#read.keep(earlierOf(history))
  }

  /** A run that Temporal has deleted has ended: that is on record and told, once, and it is asked for no more. */
  async #forget(run: Run): Promise<ReadRun> {
    const key = engineExecutionIdOf(run)
    this.#read.drop(run)
    this.#forgotten.add(key)
    const reason = 'Temporal no longer knows this run: how it ended is not observable'
    const observation = { execution: key, at: Date.now(), kind: 'forgotten', reason } as const
    const told = { place: null, once: forgottenMark, observation }
    const recorded = await this.#recorder(run)
      .recordHistory({ told: [told], through: null })
      .catch((error: unknown) => {
        // One of which nothing is on record leaves nothing to say there either.
        if (error instanceof TrailError && error.code === 'execution_not_found') return null
        throw error
      })
    if (recorded !== 0) this.options.onTrouble?.(`Temporal does not know ${key}`, unknownRun(run))
    return { hasEnded: true, imported: { ...this.#nothingNew(run), recorded: recorded ?? 0 } }
  }

  #nothingNew(run: Run): Imported {
    const executionId = temporalExecutionId(this.#whole(run))
    const historyEvents = this.#read.get(run)?.through ?? 0
    return { executionId, workflowId: run.workflowId, runId: run.runId, historyEvents, recorded: 0 }
  }

  /** What is of another engine or namespace is somebody else's to read. */
  #noteOpen({ engine, engineExecutionId, executionId }: ExecutionSummary): void {
    const run = engine === 'temporal' ? runOfEngineExecutionId(engineExecutionId ?? '') : null
    if (!run || this.#forgotten.has(engineExecutionIdOf(run))) return
    if (temporalExecutionId(this.#whole(run)) === executionId) this.note(run, 'moved')
  }

  /** What its history tells of a run came before. Where that cannot be read, this is on record nevertheless. */
  async #record(run: Run, told: PlacedObservation): Promise<void> {
    const unread = await this.recordRun(run).then(
      () => null,
      (cause: unknown) => ({ cause }),
    )
    try {
      await this.#recorder(run).recordHistory({ told: [told], through: null })
    } catch (error) {
      const isUnknown = error instanceof TrailError && error.code === 'execution_not_found'
      throw isUnknown && unread ? unread.cause : error
    }
    if (unread) throw unread.cause
  }

  #recorder(run: Run): ObservationRecorder {
    return new ObservationRecorder(this.#database, {
      engine: engineOfRun(this.#whole(run)),
      serviceName: this.options.serviceName ?? 'temporal',
      tenant: this.options.tenant,
    })
  }

  /** Of the recorders of a namespace, one at a time looks after all runs. */
  #lease(): { readonly sourceId: string; readonly holder: string } {
    const { namespace = 'default' } = this.options
    return { sourceId: idOf('temporal', 'open runs', namespace), holder: this.#holder }
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

/** How often a history is read for what happened; what is not in it by then is read with those of all open runs. */
const readings = { began: 1, moved: 1, updated: 3, ended: 10 } as const

interface ReadRun {
  readonly imported: Imported
  readonly hasEnded: boolean
}

/** An update that its workflow rejected, by its id and name, why, and who asked. */
export interface RejectedUpdate extends Pick<ObservedUpdate, 'id' | 'error'> {
  readonly name: string
  readonly asked: Asked
}

const unknownRun = (run: Run): TrailError =>
  new TrailError(
    'execution_not_found',
    `Temporal does not know ${engineExecutionIdOf(run)}: it has deleted the run, or is another than the one that ran it`,
    { details: { execution: engineExecutionIdOf(run) } },
  )

/** Where trouble is with no run by itself. */
const everyRun: Run = { workflowId: 'all workflows', runId: 'all runs' }
