import type { RetentionVitals } from '@steptrail/core'
import { Gauge, type Registry } from 'prom-client'

/** What the server tells Prometheus of retention: of every run on the database, whichever process it was in. */
export class RetentionMetrics {
  readonly #lastRun: Gauge<'job'>
  readonly #lastSuccess: Gauge<'job'>
  readonly #failures: Gauge<'job'>
  readonly #executions: Gauge
  readonly #rows: Gauge

  constructor(registry: Registry) {
    const ofJob = (name: string, help: string) =>
      new Gauge({
        name: `steptrail_background_job_${name}`,
        help,
        labelNames: ['job'],
        registers: [registry],
      })
    const counted = (name: string, help: string) =>
      new Gauge({ name: `steptrail_retention_${name}`, help, registers: [registry] })
    this.#lastRun = ofJob('last_run_timestamp_seconds', 'When a background job last ended, however it did.')
    this.#lastSuccess = ofJob('last_success_timestamp_seconds', 'When a background job last did its work.')
    this.#failures = ofJob('failures', 'Runs of a background job that failed, of all that are on record.')
    this.#executions = counted('executions', 'Executions that retention has let go of.')
    this.#rows = counted('rows', 'Rows that retention has let go of.')
  }

  /** What a scrape shows from now on. */
  set({ lastRunAt, lastSuccessAt, failedRuns, executions, rows }: RetentionVitals): void {
    const job = 'retention'
    this.#lastRun.set({ job }, lastRunAt ?? 0)
    this.#lastSuccess.set({ job }, lastSuccessAt ?? 0)
    this.#failures.set({ job }, failedRuns)
    this.#executions.set(executions)
    this.#rows.set(rows)
  }
}
