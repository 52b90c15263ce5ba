import { claimSteps, type Database, executionNotFound, registerDefinitions } from '@steptrail/core'
import type { Clock } from '@steptrail/event'
import type {
  AdjustmentRequest,
  Claim,
  Dispatch,
  HeldAttempt,
  Implementation,
  ReleasedAttempt,
  Report,
  Result,
  ResultOutcome,
  WorkerRegistration,
} from '@steptrail/workflow'
import { Claiming } from './claiming.ts'
import type { Decider, DecidedBatch, ExecutionReports } from './decider.ts'
import { reportedResult } from './reported-result.ts'
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

/** How workers and the runtime meet on the database itself: the step table is the queue. */
export class PostgresDispatch implements Dispatch {
  readonly #database: Database
  readonly #options: PostgresDispatchOptions
  /** What the workers implement that have registered here. */
  readonly #implemented = new Map<string, readonly Implementation[]>()

  constructor(database: Database, options: PostgresDispatchOptions) {
    this.#database = database
    this.#options = options
  }

  async register(worker: WorkerRegistration): Promise<void> {
    await registerDefinitions(this.#database.query, worker.definitions)
    await this.#database.query(upsertWorker, [
      worker.workerUuid,
      worker.service,
      JSON.stringify(worker.implements),
      worker.host,
      worker.pid,
      worker.version,
      worker.leaseMs,
      this.#now(),
    ])
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

  async heartbeat(workerUuid: string, held: readonly HeldAttempt[]): Promise<readonly HeldAttempt[]> {
    const { rows } = await this.#database.query<{ attempt_token: string }>(renewLease, [
      workerUuid,
      held.map((attempt) => attempt.stepId),
      held.map((attempt) => attempt.attemptToken),
      this.#now(),
    ])
    await this.#releaseForgotten(workerUuid, held)
    const still = new Set(rows.map((row) => row.attempt_token))
    return held.filter((attempt) => !still.has(attempt.attemptToken))
  }

  async adjust(request: AdjustmentRequest): Promise<void> {
    const { executionId, adjustment, stepId, attemptToken, workerUuid } = request
    const by = { stepId, attemptToken, workerUuid }
    await this.#requireOwn([executionId])
    const decision = await this.#options.decider.decideOne(executionId, () => ({
      kind: 'adjust',
      adjustment,
      by,
    }))
    this.#options.waker.wakeFor([decision])
  }

  async release(workerUuid: string, released: readonly ReleasedAttempt[]): Promise<void> {
    if (released.length === 0) return
    const { rows } = await this.#database.query<{ workflow_step_uuid: string; execution_id: string }>(
      selectExecutions,
      [released.map((attempt) => attempt.stepId)],
    )
    const reports = released.flatMap((attempt) => {
      const row = rows.find((found) => found.workflow_step_uuid === attempt.stepId)
      return row
        ? [{ executionId: row.execution_id, report: { kind: 'release', workerUuid, ...attempt } as const }]
        : []
    })
    const { failed } = await this.#decide(reports)
    if (failed[0]) throw failed[0].cause
  }

  async report(results: readonly Result[], room = 0): Promise<readonly ResultOutcome[]> {
    await this.#requireOwn(results.map(({ executionId }) => executionId))
    const { decided } = await this.#decide(
      results.map((result) => ({ executionId: result.executionId, report: reportOf(result) })),
      this.#claimingOf(results, room),
    )
    const outcomes = new Map(decided.map((decision) => [decision.executionId, decision]))
    const lastOf = new Map(results.map(({ executionId }, index) => [executionId, index]))
    return results.flatMap(({ executionId, stepId, attemptToken }, index) => {
      const decision = outcomes.get(executionId)
      if (!decision) return []
      const rejected = decision.moves.some(
        (move) => move.kind === 'rejection' && move.attemptToken === attemptToken,
      )
      const next = lastOf.get(executionId) === index ? decision.claims : []
      const outcome = rejected ? ('rejected' as const) : ('accepted' as const)
      return [{ stepId, attemptToken, outcome, ...(next.length > 0 && { next }) }]
    })
  }

  async unregister(workerUuid: string): Promise<void> {
    this.#implemented.delete(workerUuid)
    await this.#database.query(endLease, [workerUuid, this.#now()])
  }

  async waitForWork(service: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#options.signal.waitForService(service, timeoutMs, signal)
  }

  /** Throws `execution_not_found` for an execution of another tenant. */
  async #requireOwn(executionIds: readonly string[]): Promise<void> {
    const { tenant } = this.#options
    if (tenant === undefined) return
    const { rows } = await this.#database.query<{ execution_id: string }>(selectOwn, [executionIds, tenant])
    const own = new Set(rows.map((row) => row.execution_id))
    const foreign = executionIds.find((executionId) => !own.has(executionId.toLowerCase()))
    if (foreign !== undefined) throw executionNotFound(foreign)
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
   */
  async #releaseForgotten(workerUuid: string, held: readonly HeldAttempt[]): Promise<void> {
    const { rows } = await this.#database.query<{ step_id: string; attempt_token: string }>(selectForgotten, [
      workerUuid,
      held.map((attempt) => attempt.attemptToken),
      this.#now(),
    ])
    await this.release(
      workerUuid,
      rows.map((row) => ({ stepId: row.step_id, attemptToken: row.attempt_token, hasBegun: true })),
    )
  }

  async #decide(
    reports: readonly { readonly executionId: string; readonly report: Report }[],
    claiming?: Claiming,
  ): Promise<DecidedBatch> {
    const batch = await this.#options.decider.decideBatch(byExecution(reports), claiming)
    for (const { executionId, cause } of batch.failed) {
      this.#options.onTrouble(`execution ${executionId} could not be decided`, cause)
    }
    this.#options.waker.wakeFor(batch.decided)
    return batch
  }

  #now(): string | null {
    const { clock } = this.#options
    return clock ? new Date(clock.now()).toISOString() : null
  }
}

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

const upsertWorker = `
insert into workflow_workers (
  worker_uuid, service_name, implements, host, pid, version, lease_ms, registered_at, last_seen_at, lease_until)
select $1, $2, $3::text::jsonb, $4, $5, $6, $7::bigint, instant.now, instant.now,
       instant.now + $7::bigint * interval '1 millisecond'
from (select date_trunc('milliseconds', coalesce($8::timestamptz, clock_timestamp())) as now) as instant
on conflict (worker_uuid) do update
set implements = excluded.implements,
    lease_ms = excluded.lease_ms,
    last_seen_at = excluded.last_seen_at,
    lease_until = excluded.lease_until`

const renewLease = `
with instant as (
  select date_trunc('milliseconds', coalesce($4::timestamptz, clock_timestamp())) as now
), renewed as (
  update workflow_workers as worker
  set last_seen_at = instant.now,
      lease_until = instant.now + worker.lease_ms * interval '1 millisecond'
  from instant
  where worker.worker_uuid = $1
  returning 1
)
select step.attempt_token
from unnest($2::uuid[], $3::uuid[]) as held(workflow_step_uuid, attempt_token)
join workflow_steps as step using (workflow_step_uuid, attempt_token)
join workflow_executions as execution using (execution_id)
where step.status = 'in_progress'
  and not (step.operation_type = 'DO' and execution.status = 'rolling_back')`

const selectForgotten = `
select step.workflow_step_uuid as step_id, step.attempt_token
from workflow_steps as step
join workflow_workers as worker using (worker_uuid)
join workflow_executions as execution using (execution_id)
where step.worker_uuid = $1
  and step.status = 'in_progress'
  and not (step.operation_type = 'DO' and execution.status = 'rolling_back')
  and step.attempt_token <> all($2::uuid[])
  and step.attempt_started_at
        < coalesce($3::timestamptz, clock_timestamp()) - worker.lease_ms * interval '1 millisecond'`

const selectOwn = `
select execution_id
from workflow_executions
where execution_id = any($1::uuid[])
  and tenant = $2`

const selectExecutions = `
select workflow_step_uuid, execution_id
from workflow_steps
where workflow_step_uuid = any($1::uuid[])`

const endLease = `
update workflow_workers
set lease_until = date_trunc('milliseconds', coalesce($2::timestamptz, clock_timestamp()))
where worker_uuid = $1`
