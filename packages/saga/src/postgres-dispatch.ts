import {
  claimSteps,
  type Database,
  executionNotFound,
  registerDefinitions,
  requireDefinitions,
} from '@steptrail/core'
import { type Clock, TrailError } from '@steptrail/event'
import type {
  AdjustmentRequest,
  Claim,
  Dispatch,
  HeartbeatAnswer,
  HeldAttempt,
  ReleasedAttempt,
  Report,
  Result,
  ResultOutcome,
  WorkerRegistration,
} from '@steptrail/workflow'
import { Claiming } from './claiming.ts'
import {
  endLease,
  renewLease,
  selectExecutions,
  selectForgotten,
  selectMisdirected,
  selectOwn,
  upsertWorker,
} from './dispatch-statements.ts'
import type { Decider, DecidedBatch, ExecutionReports } from './decider.ts'
import { KnownWorkers } from './known-workers.ts'
import { reportedResult } from './reported-result.ts'
import { tellOfFailed } from './tell-of-failed.ts'
import type { Waker } from './waker.ts'
import type { WakeSignal } from './wake-signal.ts'

/** What a dispatch is made of. */
export interface PostgresDispatchOptions {
  readonly decider: Decider
  readonly signal: WakeSignal
  readonly waker: Waker
  readonly clock?: Clock | undefined
  /** The one tenant whose steps its workers are given and may report on. Default: every tenant's. */
  readonly tenant?: string | undefined
  /** Told when an execution could not be decided. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** An attempt that the worker still holds; nulls for one that holds none. */
interface StillHeld {
  readonly attempt_token: string | null
  readonly timeout_ms: number | null
}

/** How workers and the runtime meet on the database itself: the step table is the queue. */
export class PostgresDispatch implements Dispatch {
  readonly #database: Database
  readonly #options: PostgresDispatchOptions
  /** What the workers implement that have registered here. */
  readonly #implemented = new KnownWorkers()

  constructor(database: Database, options: PostgresDispatchOptions) {
    this.#database = database
    this.#options = options
  }

  async register(worker: WorkerRegistration): Promise<void> {
    const { query } = this.#database
    const { tenant } = this.#options
    await (tenant === undefined ? registerDefinitions : requireDefinitions)(query, worker.definitions)
    const { rows } = await query(upsertWorker, [
      worker.workerUuid,
      worker.service,
      JSON.stringify(worker.implements),
      worker.host,
      worker.pid,
      worker.version,
      worker.leaseMs,
      this.#now(),
      tenant ?? 'default',
    ])
    if (rows.length === 0) throw workerOfAnother(worker.workerUuid)
    this.#implemented.set(worker.workerUuid, worker.implements)
  }

  async claim(workerUuid: string, limit: number): Promise<readonly Claim[]> {
    const { decider, clock, tenant } = this.#options
    const { definitions } = decider
    const claimed = await claimSteps(this.#database.query, {
      workerUuid,
      limit,
      definitions,
      tenant,
      now: clock?.now(),
    })
    decider.claimed(claimed)
    return claimed.claims
  }

  async heartbeat(workerUuid: string, held: readonly HeldAttempt[]): Promise<HeartbeatAnswer> {
    const { rows } = await this.#database.query<StillHeld>(renewLease, [
      workerUuid,
      held.map((attempt) => attempt.stepId),
      held.map((attempt) => attempt.attemptToken),
      this.#now(),
      this.#options.tenant ?? null,
    ])
    if (rows.length === 0) throw workerUnknown(workerUuid)
    await this.#releaseForgotten(workerUuid, held)
    const still = new Map(rows.map((row) => [row.attempt_token, row.timeout_ms]))
    return {
      lost: held.filter(({ attemptToken }) => !still.has(attemptToken)),
      held: held.flatMap(({ stepId, attemptToken }) => {
        const timeoutMs = still.get(attemptToken)
        return typeof timeoutMs !== 'number' ? [] : [{ stepId, attemptToken, timeoutMs }]
      }),
    }
  }

  async adjust(request: AdjustmentRequest): Promise<void> {
    const { executionId, adjustment, stepId, attemptToken, workerUuid } = request
    const by = { stepId, attemptToken, workerUuid }
    const { tenant } = this.#options
    if (
      tenant !== undefined &&
      !(await this.#ownExecutions([executionId], tenant)).has(executionId.toLowerCase())
    )
      throw executionNotFound(executionId)
    const decision = await this.#options.decider.decideOne(executionId, () => ({
      kind: 'adjust',
      adjustment,
      by,
    }))
    this.#options.waker.wakeFor([decision])
  }

  async release(workerUuid: string, released: readonly ReleasedAttempt[]): Promise<void> {
    const { failed, left } = await this.#release(workerUuid, released)
    if (failed[0]) throw failed[0].cause
    if (left.length > 0) throw notReleased(left)
  }

  /** Also says which executions somebody else had locked, so that nothing of theirs was released. */
  async #release(
    workerUuid: string,
    released: readonly ReleasedAttempt[],
  ): Promise<Pick<DecidedBatch, 'failed'> & { readonly left: readonly string[] }> {
    if (released.length === 0) return { failed: [], left: [] }
    const { rows } = await this.#database.query<{ workflow_step_uuid: string; execution_id: string }>(
      selectExecutions,
      [released.map((attempt) => attempt.stepId), this.#options.tenant ?? null],
    )
    const reports = released.flatMap((attempt) => {
      const row = rows.find((found) => found.workflow_step_uuid === attempt.stepId)
      return row
        ? [{ executionId: row.execution_id, report: { kind: 'release', workerUuid, ...attempt } as const }]
        : []
    })
    const { decided, failed } = await this.#decide(reports)
    const settled = new Set([...decided, ...failed].map(({ executionId }) => executionId))
    const named = new Set(reports.map(({ executionId }) => executionId))
    return { failed, left: [...named].filter((executionId) => !settled.has(executionId)) }
  }

  async report(results: readonly Result[], room = 0): Promise<readonly ResultOutcome[]> {
    const own = await this.#ownOf(results)
    const { decided } = await this.#decide(
      own.map((result) => ({ executionId: result.executionId, report: reportOf(result) })),
      this.#claimingOf(own, room),
    )
    const misdirected = await this.#misdirected(results, { own, decided })
    const outcomes = new Map(decided.map((decision) => [decision.executionId, decision]))
    const lastOf = new Map(own.map((result) => [result.executionId, result]))
    return results.flatMap((result) => {
      const { executionId, stepId, attemptToken } = result
      if (misdirected.has(result)) return [{ stepId, attemptToken, outcome: 'rejected' as const }]
      const decision = outcomes.get(executionId)
      if (!decision) return []
      const rejected = decision.moves.some(
        (move) => move.kind === 'rejection' && move.attemptToken === attemptToken,
      )
      const next = lastOf.get(executionId) === result ? decision.claims : []
      const outcome = rejected ? ('rejected' as const) : ('accepted' as const)
      return [{ stepId, attemptToken, outcome, ...(next.length > 0 && { next }) }]
    })
  }

  async unregister(workerUuid: string): Promise<void> {
    this.#implemented.delete(workerUuid)
    await this.#database.query(endLease, [workerUuid, this.#now(), this.#options.tenant ?? null])
  }

  async waitForWork(service: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#options.signal.waitForService(service, timeoutMs, signal)
  }

  /** The results of executions that are not another tenant's. */
  async #ownOf(results: readonly Result[]): Promise<readonly Result[]> {
    const { tenant } = this.#options
    if (tenant === undefined) return results
    const own = await this.#ownExecutions(
      results.map(({ executionId }) => executionId),
      tenant,
    )
    return results.filter(({ executionId }) => own.has(executionId.toLowerCase()))
  }

  async #ownExecutions(executionIds: readonly string[], tenant: string): Promise<ReadonlySet<string>> {
    const { rows } = await this.#database.query<{ execution_id: string }>(selectOwn, [executionIds, tenant])
    return new Set(rows.map((row) => row.execution_id))
  }

  /**
   * Results that no report will ever bring an outcome: of another tenant's execution, and of those that were not
   * decided, what names an execution that is not there, has no such step or is another engine's.
   */
  async #misdirected(
    results: readonly Result[],
    { own, decided }: { readonly own: readonly Result[] } & Pick<DecidedBatch, 'decided'>,
  ): Promise<ReadonlySet<Result>> {
    const foreign = own.length === results.length ? [] : results.filter((result) => !own.includes(result))
    const settled = new Set(decided.map(({ executionId }) => executionId))
    const doubtful = own.filter(({ executionId }) => !settled.has(executionId))
    if (doubtful.length === 0) return new Set(foreign)
    const { rows } = await this.#database.query<{ place: number }>(selectMisdirected, [
      doubtful.map(({ stepId }) => stepId),
      doubtful.map(({ executionId }) => executionId),
    ])
    const places = new Set(rows.map(({ place }) => place - 1))
    return new Set([...foreign, ...doubtful.filter((_, index) => places.has(index))])
  }

  /** Where all results are of one worker that is known here, it may be given what follows. */
  #claimingOf(results: readonly Result[], room: number): Claiming | undefined {
    const [workerUuid, ...others] = new Set(results.map((result) => result.workerUuid))
    const implemented = this.#implemented.get(workerUuid ?? '')
    if (room < 1 || workerUuid === undefined || others.length > 0 || !implemented) return undefined
    return new Claiming(workerUuid, implemented, room)
  }

  /**
   * Steps that the worker was given and does not know of, since the reply was lost: it has been heard of since, for
   * longer than its lease, and does not name them. They are given back, as if it had released them. Not those of an
   * execution that rolls back: it was told to abort them, and what their handlers still bring about is waited for.
   * What cannot be given back now is found again by the next heartbeat, which is not to fail for it.
   */
  async #releaseForgotten(workerUuid: string, held: readonly HeldAttempt[]): Promise<void> {
    const { rows } = await this.#database.query<{ step_id: string; attempt_token: string }>(selectForgotten, [
      workerUuid,
      held.map((attempt) => attempt.attemptToken),
      this.#now(),
      this.#options.tenant ?? null,
    ])
    await this.#release(
      workerUuid,
      rows.map((row) => ({ stepId: row.step_id, attemptToken: row.attempt_token, hasBegun: true })),
    )
  }

  async #decide(
    reports: readonly { readonly executionId: string; readonly report: Report }[],
    claiming?: Claiming,
  ): Promise<DecidedBatch> {
    const batch = await this.#options.decider.decideBatch(byExecution(reports), claiming)
    tellOfFailed(batch.failed, this.#options.onTrouble)
    this.#options.waker.wakeFor(batch.decided)
    return batch
  }

  #now(): string | null {
    const { clock } = this.#options
    return clock ? new Date(clock.now()).toISOString() : null
  }
}

const notReleased = (executionIds: readonly string[]): TrailError =>
  new TrailError(
    'transition_conflict',
    `Attempts of ${executionIds.length} executions were not given back, since another transaction holds these: ${executionIds.slice(0, 5).join(', ')}. Release them again.`,
    { details: { executionIds } },
  )

const workerUnknown = (workerUuid: string): TrailError =>
  new TrailError(
    'worker_unknown',
    `no worker ${workerUuid} is registered here: it has to register, again where the database was set back`,
    { details: { workerUuid } },
  )

const workerOfAnother = (workerUuid: string): TrailError =>
  new TrailError(
    'access_denied',
    `the worker ${workerUuid} is registered for another tenant: a worker makes an id of its own when it starts`,
    { details: { workerUuid } },
  )

const reportOf = (result: Result): Report => ({
  kind: 'result',
  stepId: result.stepId,
  attempt: result.attempt,
  attemptToken: result.attemptToken,
  workerUuid: result.workerUuid,
  result: reportedResult(result),
})

/** Groups reports by execution and keeps their order. */
export function byExecution(
  reports: readonly { readonly executionId: string; readonly report: Report }[],
): readonly ExecutionReports[] {
  const grouped = Map.groupBy(reports, ({ executionId }) => executionId)
  return [...grouped].map(([executionId, group]) => ({
    executionId,
    reports: group.map(({ report }) => report),
  }))
}
