import { randomUUID } from 'node:crypto'
import {
  type AdvanceEnvironment,
  type AppliedTransitions,
  applyTransitions,
  type ClaimedSteps,
  executionNotFound,
  CommittedPartitions,
  type Database,
  type DefinitionCache,
  type ExecutionMoves,
  loadExecutions,
  type LoadedExecution,
  type NewExecution,
  newExecution,
  type PartitionMonth,
  type Query,
  sha256,
  type WriteEnvironment,
  writtenExecution,
} from '@steptrail/core'
import { type Clock, createUuidV7Generator, type RedactionPolicy, redact, TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import {
  decide,
  type EffectivenessParameters,
  type ExecutionSnapshot,
  type Report,
} from '@steptrail/workflow'
import { claimersOf, claimMoves, type Claiming } from './claiming.ts'
import { DatabaseClock } from './database-clock.ts'
import { type Decision, decisionsOf } from './decision.ts'
import { createFits } from './fits.ts'
import { HeldExecutions } from './held-executions.ts'
import { requireOurs } from './require-ours.ts'
import { isUnreachable } from './unreachable.ts'

/** Reports on one execution, in the order in which they are to be taken up. */
export interface ExecutionReports {
  readonly executionId: string
  readonly reports: readonly Report[]
}

/** An execution that could not be decided even alone, or for lack of a database, and why. */
export interface FailedDecision {
  readonly executionId: string
  readonly cause: unknown
}

/** What a batch came to. What is not in `decided` was locked by somebody else, or failed: offer it again. */
export interface DecidedBatch {
  readonly decided: readonly Decision[]
  readonly failed: readonly FailedDecision[]
}

/** How a decision that is asked for again is known: both are asked in its transaction, under the execution's lock. */
export interface Once {
  /** Whether it was made before: nothing is decided then. */
  readonly isDone: (tx: Query) => Promise<boolean>
  /** Notes that it is made; committed with it, or not at all. */
  readonly note: (tx: Query) => Promise<void>
}

/** What a decider is made of. */
export interface DeciderOptions {
  readonly serviceName: string
  readonly redaction: RedactionPolicy
  readonly effectiveness: EffectivenessParameters
  readonly clock?: Clock | undefined
  readonly random: () => number
}

const conflictTries = 5

/**
 * Decides batches of executions, each batch in one transaction. What is known here of an execution that this process
 * works on is decided on as it is, in one statement that finds out by itself whether it still is so; everything
 * else, and what has moved meanwhile, is locked and read first.
 */
export class Decider {
  readonly #database: Database
  readonly #options: DeciderOptions
  readonly #fits = createFits()
  readonly #eventId = createUuidV7Generator()
  readonly #partitions = new CommittedPartitions()
  readonly #held = new HeldExecutions()
  readonly #databaseClock = new DatabaseClock()
  /** Shared with whoever else needs definitions in this process. */
  readonly definitions: DefinitionCache = new Map()

  constructor(database: Database, options: DeciderOptions) {
    this.#database = database
    this.#options = options
  }

  /** Takes note of what has just been claimed, so that results need not read it again. */
  claimed({ executions, now }: ClaimedSteps): void {
    if (now !== null) this.#databaseClock.set(now)
    for (const execution of executions) this.#held.keep(execution)
  }

  /**
   * Decides each execution, and writes everything set-wise in one transaction. What another transaction has locked
   * is left for the next batch, so that one slow transaction does not hold the others. When a batch fails, each of
   * its executions is decided alone, so that one bad execution does not hold them either, unless the database cannot be
   * reached. Of the steps that become due, those that `claiming` takes are claimed with the decision.
   */
  async decideBatch(batch: readonly ExecutionReports[], claiming?: Claiming): Promise<DecidedBatch> {
    const known = batch.filter(({ executionId }) => this.#held.get(executionId) !== undefined)
    const unknown = batch.filter((one) => !known.includes(one))
    const quick = await this.#decideOrSplit(known, claiming)
    const rest = await this.#decideOrSplit(unknown, claiming)
    return { decided: [...quick.decided, ...rest.decided], failed: [...quick.failed, ...rest.failed] }
  }

  async #decideOrSplit(batch: readonly ExecutionReports[], claiming?: Claiming): Promise<DecidedBatch> {
    if (batch.length === 0) return { decided: [], failed: [] }
    try {
      const decided = await this.#decideTogether(batch, claiming)
      claiming?.took(decided.reduce((total, { claims }) => total + claims.length, 0))
      return { decided, failed: [] }
    } catch (cause) {
      this.#held.forget(batch.map(({ executionId }) => executionId))
      if (batch.length === 1 || isUnreachable(cause))
        return { decided: [], failed: batch.map(({ executionId }) => ({ executionId, cause })) }
      // Which of them it was shows when each is decided alone, and each then tells its own cause.
    }
    const alone: DecidedBatch[] = []
    for (const one of batch) alone.push(await this.#decideOrSplit([one], claiming))
    return {
      decided: alone.flatMap((result) => result.decided),
      failed: alone.flatMap((result) => result.failed),
    }
  }

  /**
   * Starts executions that nobody has stored yet, in one statement. Null when that cannot be: one of them is there
   * already, or the database's clock is not known here. Then nothing was written; see `decideStarts`.
   */
  async startTogether(batch: readonly Omit<NewExecution, 'now'>[]): Promise<readonly Decision[] | null> {
    const now = this.#knownNow()
    if (now === null) return null
    const changes = batch.map((wanted) => this.#startOf(newExecution(wanted, now), now))
    try {
      return await this.#applyAlone(changes, { now })
    } catch (error) {
      if (isStoredAlready(error)) return null
      throw error
    }
  }

  /**
   * Decides the starts of executions that have just been created in this transaction. Call `committed` with the
   * partitions that it asked for once the transaction has committed.
   */
  async decideStarts(
    tx: Query,
    created: readonly { readonly execution: LoadedExecution; readonly now: number }[],
  ): Promise<{ readonly decided: readonly Decision[]; readonly asked: readonly PartitionMonth[] }> {
    if (created.length === 0) return { decided: [], asked: [] }
    const now = Math.max(...created.map((one) => one.now))
    const changes = created.map(({ execution }) => this.#startOf(execution, now))
    const applied = await applyTransitions(tx, changes, this.#environment(now))
    this.#databaseClock.set(applied.now ?? now)
    return { asked: applied.asked, decided: decisionsOf(changes, applied) }
  }

  /** Partitions that a committed transaction asked the database for need not be asked for again. */
  committed(asked: readonly PartitionMonth[]): void {
    this.#partitions.add(asked)
  }

  /**
   * Decides one execution on a report that is made of what it is then, waiting for its lock; with `once`, unless that
   * was done before.
   *
   * @throws TrailError `execution_not_found`, and whatever `decide` refuses
   */
  async decideOne(
    executionId: string,
    reportOf: (execution: ExecutionSnapshot) => Report,
    once?: Once,
  ): Promise<Decision> {
    const change: ChangeOf = (execution, environment) => ({
      execution,
      moves: decide(execution.snapshot, [reportOf(execution.snapshot)], environment),
    })
    const [decision] = await this.#retryingConflicts(() =>
      this.#transact({ ids: [executionId], whenLocked: 'wait', once }, change),
    )
    if (!decision) throw executionNotFound(executionId)
    return decision
  }

  /** Whether a value fits a JSON Schema. */
  fits(schema: Json, value: Json): boolean {
    return this.#fits(schema, value)
  }

  async #decideTogether(
    batch: readonly ExecutionReports[],
    claiming?: Claiming,
  ): Promise<readonly Decision[]> {
    const quick = await this.#decideKnown(batch, claiming)
    if (quick) return quick
    const reports = new Map(batch.map((one) => [one.executionId, one.reports]))
    const ids = batch.map((one) => one.executionId)
    return await this.#retryingConflicts((attempt) => {
      // A conflict may come of a lease that has run out: then nothing can be claimed, and the reports still count.
      const change = changing(attempt === 1 ? claiming : undefined)
      return this.#transact({ ids, whenLocked: 'skip' }, (execution, environment) =>
        change(execution, reports.get(execution.snapshot.executionId) ?? [], environment),
      )
    })
  }

  /** Decides on what is known here. Null when something is not known, or is so no more. */
  async #decideKnown(
    batch: readonly ExecutionReports[],
    claiming?: Claiming,
  ): Promise<readonly Decision[] | null> {
    const now = this.#knownNow()
    const known = batch.map(({ executionId }) => this.#held.get(executionId))
    if (now === null || known.includes(undefined)) return null
    const environment = this.#environment(now)
    const change = changing(claiming)
    const changes = batch.map(({ reports }, index) =>
      change(known[index] as LoadedExecution, reports, environment),
    )
    const decided = await this.#applyAlone(changes, environment)
    if (!decided) this.#held.forget(batch.map(({ executionId }) => executionId))
    return decided
  }

  /** Writes in one statement that is a transaction of its own. Null when something had moved. */
  async #applyAlone(
    changes: readonly ExecutionMoves[],
    { now }: { readonly now: number },
  ): Promise<readonly Decision[] | null> {
    const environment = { ...this.#environment(now), checksNow: this.#options.clock === undefined }
    try {
      const applied = await applyTransitions(this.#database.query, changes, {
        ...environment,
        claiming: claimersOf(changes),
      })
      return this.#settle(changes, applied)
    } catch (error) {
      if (isConflict(error)) return null
      throw error
    }
  }

  /** Locks and reads executions, decides and writes, in one transaction. What is not there or not free is left out. */
  async #transact({ ids, whenLocked, once }: Transacted, changeOf: ChangeOf): Promise<readonly Decision[]> {
    const { changes, applied } = await this.#database.transaction(async (tx) => {
      const loaded = await loadExecutions(tx, ids, {
        whenLocked,
        definitions: this.definitions,
        now: this.#options.clock?.now(),
      })
      for (const { snapshot } of loaded.executions) requireOurs(snapshot)
      const environment = this.#environment(loaded.now)
      const isDone = await once?.isDone(tx)
      const made = loaded.executions.map((execution) =>
        isDone ? { execution, moves: [] } : changeOf(execution, environment),
      )
      const written: WriteEnvironment & AdvanceEnvironment = { ...environment, claiming: claimersOf(made) }
      const changed = await applyTransitions(tx, made, written)
      if (isDone === false) await once?.note(tx)
      return { changes: made, applied: changed }
    })
    return this.#settle(changes, applied)
  }

  /** Takes note of what has been committed. */
  #settle(changes: readonly ExecutionMoves[], applied: AppliedTransitions): readonly Decision[] {
    this.#partitions.add(applied.asked)
    if (applied.now !== null) this.#databaseClock.set(applied.now)
    const { version } = applied
    if (version !== null)
      for (const execution of applied.executions) this.#held.keep(writtenExecution(execution, version))
    return decisionsOf(changes, applied)
  }

  #startOf(execution: LoadedExecution, now: number): ExecutionMoves {
    const stepIds = execution.snapshot.definition.steps.map(() => randomUUID())
    const moves = decide(execution.snapshot, [{ kind: 'start', stepIds }], this.#environment(now))
    return { execution, moves }
  }

  async #retryingConflicts<T>(work: (attempt: number) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(attempt)
      } catch (error) {
        if (!isConflict(error) || attempt >= conflictTries) throw error
      }
    }
  }

  #knownNow(): number | null {
    return this.#options.clock?.now() ?? this.#databaseClock.now()
  }

  #environment(now: number): AdvanceEnvironment {
    const { serviceName, redaction, effectiveness, random } = this.#options
    return {
      now,
      random,
      serviceName,
      effectiveness,
      newId: () => randomUUID(),
      digest: sha256,
      redact: (value: Json) => redact(value, redaction),
      fits: this.#fits,
      eventId: this.#eventId,
      partitions: this.#partitions,
    }
  }
}

interface Transacted {
  readonly ids: readonly string[]
  readonly whenLocked: 'wait' | 'skip'
  readonly once?: Once | undefined
}

type ChangeOf = (execution: LoadedExecution, environment: AdvanceEnvironment) => ExecutionMoves

/** Decides on reports, in one try, and claims with it. */
function changing(claiming: Claiming | undefined) {
  const takes = claiming?.begin()
  return (
    execution: LoadedExecution,
    reports: readonly Report[],
    environment: AdvanceEnvironment,
  ): ExecutionMoves => {
    const moves = decide(execution.snapshot, reports, environment)
    if (!claiming || !takes) return { execution, moves }
    const { workerUuid } = claiming
    return { execution, moves: [...moves, ...claimMoves(execution, moves, { workerUuid, takes })] }
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof TrailError && error.code === 'transition_conflict'

/** Of a start whose answer was lost, the execution is there, under the very id. */
const isStoredAlready = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'an_execution_is_known_by_its_id'
