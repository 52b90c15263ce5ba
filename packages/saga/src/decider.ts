import { randomUUID } from 'node:crypto'
import {
  type AdvanceEnvironment,
  applyTransitions,
  executionNotFound,
  CommittedPartitions,
  type Database,
  type DefinitionCache,
  loadExecutions,
  type LoadedExecution,
  type PartitionMonth,
  type Query,
  sha256,
} from '@steptrail/core'
import { type Clock, createUuidV7Generator, type RedactionPolicy, redact, TrailError } from '@steptrail/event'
import type { Json } from '@steptrail/verify'
import { decide, type ExecutionSnapshot, type Move, type Report } from '@steptrail/workflow'
import { createFits } from './fits.ts'

/** Reports on one execution, in the order in which they are to be taken up. */
export interface ExecutionReports {
  readonly executionId: string
  readonly reports: readonly Report[]
}

/** What was decided on one execution. */
export interface Decision {
  readonly executionId: string
  readonly moves: readonly Move[]
  /** Services that have new work because of it. */
  readonly services: readonly string[]
}

/** What a batch came to. What is not in `decided` was locked by somebody else, or failed: offer it again. */
export interface DecidedBatch {
  readonly decided: readonly Decision[]
  /** Executions that could not be decided even alone, and why. */
  readonly failed: readonly { readonly executionId: string; readonly cause: unknown }[]
}

/** What a decider is made of. */
export interface DeciderOptions {
  readonly serviceName: string
  readonly redaction: RedactionPolicy
  readonly clock?: Clock | undefined
  readonly random: () => number
}

const conflictTries = 5

/** Decides batches of executions, each batch in one transaction. */
export class Decider {
  readonly #database: Database
  readonly #options: DeciderOptions
  readonly #fits = createFits()
  readonly #eventId = createUuidV7Generator()
  readonly #partitions = new CommittedPartitions()
  /** Shared with whoever else needs definitions in this process. */
  readonly definitions: DefinitionCache = new Map()

  constructor(database: Database, options: DeciderOptions) {
    this.#database = database
    this.#options = options
  }

  /**
   * Locks the executions, decides each, and writes everything set-wise in one transaction. What another
   * transaction has locked is left for the next batch, so that one slow transaction does not hold the others.
   * When a batch fails, each of its executions is decided alone, so that one bad execution does not hold them
   * either.
   */
  async decideBatch(batch: readonly ExecutionReports[]): Promise<DecidedBatch> {
    if (batch.length === 0) return { decided: [], failed: [] }
    try {
      return { decided: await this.#decideTogether(batch), failed: [] }
    } catch (cause) {
      const [first, ...others] = batch
      if (first && others.length === 0) {
        return { decided: [], failed: [{ executionId: first.executionId, cause }] }
      }
      // Which of them it was shows when each is decided alone, and each then tells its own cause.
    }
    const alone: DecidedBatch[] = []
    for (const one of batch) alone.push(await this.decideBatch([one]))
    return {
      decided: alone.flatMap((result) => result.decided),
      failed: alone.flatMap((result) => result.failed),
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
    const environment = this.#environment(Math.max(...created.map(({ now }) => now)))
    const changes = created.map(({ execution }) => {
      const stepIds = execution.snapshot.definition.steps.map(() => randomUUID())
      return { execution, moves: decide(execution.snapshot, [{ kind: 'start', stepIds }], environment) }
    })
    const { asked } = await applyTransitions(tx, changes, environment)
    return { asked, decided: changes.map(({ execution, moves }) => decisionOf(execution, moves)) }
  }

  /** Partitions that a committed transaction asked the database for need not be asked for again. */
  committed(asked: readonly PartitionMonth[]): void {
    this.#partitions.add(asked)
  }

  /**
   * Decides one execution on a report that is made of what it is then, waiting for its lock.
   *
   * @throws TrailError `execution_not_found`, and whatever `decide` refuses
   */
  async decideOne(
    executionId: string,
    reportOf: (execution: ExecutionSnapshot) => Report,
  ): Promise<Decision> {
    return await this.#retryingConflicts(async () => {
      const { decision, asked } = await this.#database.transaction(async (tx) => {
        const batch = await loadExecutions(tx, [executionId], {
          whenLocked: 'wait',
          definitions: this.definitions,
          now: this.#options.clock?.now(),
        })
        const [execution] = batch.executions
        if (!execution) throw executionNotFound(executionId)
        const environment = this.#environment(batch.now)
        const moves = decide(execution.snapshot, [reportOf(execution.snapshot)], environment)
        const applied = await applyTransitions(tx, [{ execution, moves }], environment)
        return { decision: decisionOf(execution, moves), asked: applied.asked }
      })
      this.#partitions.add(asked)
      return decision
    })
  }

  /** Whether a value fits a JSON Schema. */
  fits(schema: Json, value: Json): boolean {
    return this.#fits(schema, value)
  }

  async #decideTogether(batch: readonly ExecutionReports[]): Promise<readonly Decision[]> {
    return await this.#retryingConflicts(async () => {
      const { decisions, asked } = await this.#database.transaction((tx) => this.#decideIn(tx, batch))
      this.#partitions.add(asked)
      return decisions
    })
  }

  async #retryingConflicts<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work()
      } catch (error) {
        const conflict = error instanceof TrailError && error.code === 'transition_conflict'
        if (!conflict || attempt >= conflictTries) throw error
      }
    }
  }

  async #decideIn(
    tx: Query,
    batch: readonly ExecutionReports[],
  ): Promise<{ readonly decisions: readonly Decision[]; readonly asked: readonly PartitionMonth[] }> {
    const loaded = await loadExecutions(
      tx,
      batch.map((one) => one.executionId),
      { whenLocked: 'skip', definitions: this.definitions, now: this.#options.clock?.now() },
    )
    const environment = this.#environment(loaded.now)
    const changes = loaded.executions.map((execution) => {
      const reports = batch.find((one) => one.executionId === execution.snapshot.executionId)?.reports ?? []
      return { execution, moves: decide(execution.snapshot, reports, environment) }
    })
    const { asked } = await applyTransitions(tx, changes, environment)
    return { asked, decisions: changes.map(({ execution, moves }) => decisionOf(execution, moves)) }
  }

  #environment(now: number): AdvanceEnvironment {
    const { serviceName, redaction, random } = this.#options
    return {
      now,
      random,
      serviceName,
      newId: () => randomUUID(),
      digest: sha256,
      redact: (value: Json) => redact(value, redaction),
      fits: this.#fits,
      eventId: this.#eventId,
      partitions: this.#partitions,
    }
  }
}

const decisionOf = (execution: LoadedExecution, moves: readonly Move[]): Decision => ({
  executionId: execution.snapshot.executionId,
  moves,
  services: servicesWithWork(execution, moves),
})

/** Services whose workers have something to claim because of these moves. */
function servicesWithWork({ snapshot }: LoadedExecution, moves: readonly Move[]): readonly string[] {
  const names = new Map(snapshot.steps.map((step) => [step.stepId, step.name]))
  const due = new Set<string | undefined>()
  for (const move of moves) {
    if (move.kind !== 'step') continue
    if (move.creates) names.set(move.stepId, move.creates.name)
    if (move.to === 'enqueued') due.add(names.get(move.stepId))
  }
  const services = snapshot.definition.steps.filter((step) => due.has(step.name)).map((step) => step.service)
  return [...new Set(services)]
}
