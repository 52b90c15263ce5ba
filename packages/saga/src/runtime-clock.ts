import { randomUUID } from 'node:crypto'
import { type Database, ensureMonthsAhead } from '@steptrail/core'
import { type Clock, Outage, TrailError } from '@steptrail/event'
import type { Report, Silence } from '@steptrail/workflow'
import type { Decider } from './decider.ts'
import { byExecution } from './postgres-dispatch.ts'
import { tellOfFailed } from './tell-of-failed.ts'
import type { WakeSignal } from './wake-signal.ts'
import type { Waker } from './waker.ts'

/** What a clock is made of. */
export interface RuntimeClockOptions {
  readonly decider: Decider
  readonly signal: WakeSignal
  readonly waker: Waker
  readonly clock?: Clock | undefined
  /** Told when rounds begin to fail, and when they fail for another reason; the next one is tried all the same. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

const leaseMs = 5_000
/** The longest it sleeps: how late it may notice what no signal told it. */
const longestSleepMs = 250
const batchSize = 500
/** How long it lets what it could not decide alone. */
const pauseMs = 50
/** How often it makes sure that the months to come have their partitions. */
const monthsAheadEveryMs = 3_600_000

/**
 * The clock of the runtime: wakes retries that are due, ends attempts that took too long, and those whose
 * worker fell silent. Any number of processes may run one; a lease with a fencing number lets one of them
 * work at a time. Should two work at once all the same, each decision still happens once, since decisions
 * are made under the execution's lock on what is then true.
 *
 * `created → running → closed`
 */
export class RuntimeClock {
  readonly #database: Database
  readonly #options: RuntimeClockOptions
  readonly #holder = randomUUID()
  readonly #closing = new AbortController()
  #loop: Promise<void> | null = null
  #monthsMadeAt = -Infinity
  /** Until then the lease is good for at least half its length. */
  #renewAt = -Infinity
  #trouble: unknown = null
  readonly #outage = new Outage()
  /** Those that could not be decided in the last round. */
  #undecided: ReadonlyMap<string, Outage> = new Map()

  constructor(database: Database, options: RuntimeClockOptions) {
    this.#database = database
    this.#options = options
  }

  /** Why its last round failed; null when it did not, also where another process holds the clock. */
  get trouble(): unknown {
    return this.#trouble
  }

  /** Runs until `close`, or until the database has been closed under it. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /** Ends the round under way, gives the lease back and stops. */
  async close(): Promise<void> {
    this.#closing.abort()
    if (!this.#loop) return
    await this.#loop
    try {
      await this.#database.query(releaseClock, [this.#holder])
    } catch (cause) {
      if (isClosed(cause)) return
      this.#options.onTrouble("the clock's lease could not be given back; it runs out by itself", cause)
    }
  }

  /**
   * One round: everything that is due now, but for what somebody has locked or what cannot be decided, however much of
   * it there is. Returns how many executions it decided. Does not ask for the lease.
   */
  async tick(): Promise<number> {
    const passedOver = new Set<string>()
    const undecided = new Map<string, Outage>()
    let total = 0
    for (;;) {
      const due = await this.#due([...passedOver])
      const batch = await this.#options.decider.decideBatch(byExecution(due))
      const news = batch.failed.filter(({ executionId, cause }) => {
        const outage = this.#undecided.get(executionId) ?? new Outage()
        undecided.set(executionId, outage)
        return outage.isNews(cause)
      })
      tellOfFailed(news, this.#options.onTrouble)
      this.#options.waker.wakeFor(batch.decided)
      total += batch.decided.length
      if (due.length < batchSize) {
        this.#undecided = undecided
        return total
      }
      const moved = batch.decided.filter(({ moves }) => moves.length > 0)
      const settled = new Set(moved.map(({ executionId }) => executionId))
      for (const { executionId } of due) if (!settled.has(executionId)) passedOver.add(executionId)
    }
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      let sleepMs = longestSleepMs
      try {
        if (await this.#hold()) {
          await this.#makeMonths()
          const decided = await this.tick()
          const nextMs = await this.#untilNext()
          // What is due and was not decided is locked by somebody: it is not asked for without a pause.
          sleepMs = decided === 0 && nextMs <= 1 ? pauseMs : nextMs
        }
        this.#trouble = null
        this.#outage.over()
      } catch (cause) {
        this.#trouble = cause
        if (isClosed(cause)) {
          this.#options.onTrouble('the clock stops', cause)
          return
        }
        if (this.#outage.isNews(cause))
          this.#options.onTrouble('the clock could not do its round; it tries again', cause)
      }
      await this.#options.signal.waitForClock(sleepMs, this.#closing.signal)
    }
  }

  async #hold(): Promise<boolean> {
    const askedAt = performance.now()
    if (askedAt < this.#renewAt) return true
    const { rows } = await this.#database.query(holdClock, [this.#holder, leaseMs])
    const isHeld = rows.length > 0
    this.#renewAt = isHeld ? askedAt + leaseMs / 2 : -Infinity
    return isHeld
  }

  async #makeMonths(): Promise<void> {
    if (performance.now() - this.#monthsMadeAt < monthsAheadEveryMs) return
    await ensureMonthsAhead(this.#database.query)
    this.#monthsMadeAt = performance.now()
  }

  async #untilNext(): Promise<number> {
    const { rows } = await this.#database.query<{ wait_ms: number | null }>(selectNext, [this.#now()])
    const waitMs = rows[0]?.wait_ms ?? longestSleepMs
    return Math.min(longestSleepMs, Math.max(1, waitMs))
  }

  async #due(
    passedOver: readonly string[],
  ): Promise<readonly { readonly executionId: string; readonly report: Report }[]> {
    const { rows } = await this.#database.query<DueRow>(selectDue, [this.#now(), batchSize, passedOver])
    return rows.map((row) => ({ executionId: row.execution_id, report: reportOf(row) }))
  }

  #now(): string | null {
    const { clock } = this.#options
    return clock ? new Date(clock.now()).toISOString() : null
  }
}

const isClosed = (cause: unknown): boolean => cause instanceof TrailError && cause.code === 'database_closed'

function reportOf(row: DueRow): Report {
  return row.what === 'due'
    ? { kind: 'due', stepId: row.workflow_step_uuid }
    : {
        kind: 'silence',
        stepId: row.workflow_step_uuid,
        attemptToken: row.attempt_token ?? '',
        silence: silenceOf(row),
      }
}

function silenceOf(row: DueRow): Silence {
  if (row.what === 'timeout') {
    return {
      code: 'timeout',
      message: `The attempt took longer than ${row.timeout_ms} ms`,
      reason: 'timeout',
    }
  }
  const seen = row.last_seen_at === null ? 'never' : row.last_seen_at
  return {
    code: 'worker_lost',
    message: `Worker ${row.worker_uuid ?? 'unknown'} (${row.worker_name ?? 'not registered'}) fell silent; last heard of: ${seen}`,
    reason: 'worker lost',
  }
}

interface DueRow {
  readonly what: 'due' | 'timeout' | 'worker_lost'
  readonly execution_id: string
  readonly workflow_step_uuid: string
  readonly attempt_token: string | null
  readonly timeout_ms: number
  readonly worker_uuid: string | null
  readonly worker_name: string | null
  readonly last_seen_at: string | null
}

const holdClock = `
update workflow_clock
set holder = $1,
    fence = case when holder = $1 then fence else fence + 1 end,
    lease_until = clock_timestamp() + $2::bigint * interval '1 millisecond'
where holder = $1
   or holder is null
   or lease_until is null
   or lease_until < clock_timestamp()
returning fence`

const releaseClock = `
update workflow_clock
set holder = null,
    lease_until = null
where holder = $1`

/** What a step belongs to is looked up for those that are due: joined, it is read whole for each step by a planner without statistics. */
const selectDue = `
with instant as materialized (
  select coalesce($1::timestamptz, clock_timestamp()) as now
)
(
  select 'due' as what, step.execution_id, step.workflow_step_uuid, step.attempt_token, step.timeout_ms,
         step.worker_uuid, null as worker_name, null::timestamptz as last_seen_at
  from instant, workflow_steps as step
  where step.status = 'waiting_for_retry'
    and step.not_before <= instant.now
    and step.execution_id <> all($3::uuid[])
    and (
      select execution.engine = 'steptrail' and execution.status <> 'paused'
      from workflow_executions as execution
      where execution.execution_id = step.execution_id)
  order by step.not_before
  limit $2
)
union all
(
  select case when worker.lease_until > instant.now then 'timeout' else 'worker_lost' end as what,
         step.execution_id, step.workflow_step_uuid, step.attempt_token, step.timeout_ms, step.worker_uuid,
         worker.service_name || ' on ' || worker.host || ', process ' || worker.pid as worker_name,
         worker.last_seen_at
  from workflow_steps as step
  cross join instant
  left join workflow_workers as worker using (worker_uuid)
  where step.status = 'in_progress'
    and (step.timeout_at <= instant.now
         or worker.lease_until is null
         or worker.lease_until <= instant.now)
    and step.execution_id <> all($3::uuid[])
    and (
      select execution.engine
      from workflow_executions as execution
      where execution.execution_id = step.execution_id) = 'steptrail'
  limit $2
)`

const selectNext = `
with instant as materialized (
  select coalesce($1::timestamptz, clock_timestamp()) as now
), upcoming as (
  select min(step.not_before) as at
  from workflow_steps as step
  where step.status = 'waiting_for_retry'
    and (
      select execution.engine = 'steptrail' and execution.status <> 'paused'
      from workflow_executions as execution
      where execution.execution_id = step.execution_id)
  union all
  select min(least(step.timeout_at, worker.lease_until))
  from workflow_steps as step
  left join workflow_workers as worker using (worker_uuid)
  where step.status = 'in_progress'
    and (
      select execution.engine
      from workflow_executions as execution
      where execution.execution_id = step.execution_id) = 'steptrail'
)
select ceil(extract(epoch from min(upcoming.at) - (select now from instant)) * 1000)::bigint as wait_ms
from upcoming`
