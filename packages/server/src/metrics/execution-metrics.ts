import { readVitals, recentExecutionAudits, type Database, type StoredExecutionAudit } from '@steptrail/core'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { LabelBound } from './label-bound.ts'
import { RetentionMetrics } from './retention-metrics.ts'

/** A row that commits later than this after its time is not counted. */
const overlapMs = 300_000

/**
 * What the server tells Prometheus of executions, partitions and retention. Executions are counted as their audits are
 * found in the database, whichever process they ended in, from the time on at which this one started; so scrape one
 * server, or take the greatest of several.
 */
export class ExecutionMetrics {
  readonly #registry = new Registry()
  readonly #database: Database
  readonly #workflows = new LabelBound(200)
  readonly #actions = new LabelBound(1_000)
  readonly #duration: Histogram<'workflow_name' | 'outcome'>
  readonly #steps: Counter<'workflow_name' | 'action' | 'status'>
  readonly #effectiveness: Gauge<'workflow_name'>
  readonly #storage: Counter<'status'>
  readonly #partitions: Gauge<'table'>
  readonly #retention: RetentionMetrics
  readonly #isUp: Gauge
  readonly #startedAt = Date.now()
  #seen = new Map<string, number>()
  #reading: Promise<void> | undefined

  constructor(database: Database) {
    this.#database = database
    const registers = [this.#registry]
    const metric = (name: string, help: string) => ({ name: `steptrail_${name}`, help, registers })
    this.#duration = new Histogram({
      ...metric('workflow_execution_duration_seconds', 'How long executions took, from creation to end.'),
      labelNames: ['workflow_name', 'outcome'],
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800],
    })
    this.#steps = new Counter({
      ...metric('workflow_step_executions_total', 'Steps of executions that ended, by how they stood then.'),
      labelNames: ['workflow_name', 'action', 'status'],
    })
    this.#effectiveness = new Gauge({
      ...metric(
        'workflow_effectiveness_score',
        'Effectiveness of the last execution that ended, from 0 to 1.',
      ),
      labelNames: ['workflow_name'],
    })
    this.#storage = new Counter({
      ...metric('workflow_audit_storage_operations_total', 'Execution audits that this server was to store.'),
      labelNames: ['status'],
    })
    for (const status of ['success', 'error']) this.#storage.inc({ status }, 0)
    this.#partitions = new Gauge({
      ...metric('partitions_ahead_months', 'Months after this one that have their partition.'),
      labelNames: ['table'],
    })
    this.#retention = new RetentionMetrics(this.#registry)
    this.#isUp = new Gauge(
      metric(
        'database_up',
        '1 when the numbers that come from the database are new, 0 when it could not be asked.',
      ),
    )
  }

  /** Counts whether an audit could be stored. */
  async countStorage<T>(store: () => Promise<T>): Promise<T> {
    try {
      const stored = await store()
      this.#storage.inc({ status: 'success' })
      return stored
    } catch (error) {
      this.#storage.inc({ status: 'error' })
      throw error
    }
  }

  /** All of it as Prometheus reads it. */
  async text(): Promise<string> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
    await this.#reading.then(
      () => this.#isUp.set(1),
      () => this.#isUp.set(0),
    )
    return await this.#registry.metrics()
  }

  async #read(): Promise<void> {
    const database = this.#database
    const since = Math.max(this.#startedAt, Date.now() - overlapMs)
    for (const audit of await recentExecutionAudits(database, new Date(since).toISOString())) {
      if (!this.#seen.has(audit.id)) this.#count(audit)
      this.#seen.set(audit.id, Date.parse(audit.createdAt))
    }
    this.#seen = new Map([...this.#seen].filter(([, at]) => at >= since))
    const vitals = await readVitals(database)
    for (const { table, months } of vitals.partitionsAhead) this.#partitions.set({ table }, months)
    this.#retention.set(vitals.retention)
  }

  #count(audit: StoredExecutionAudit): void {
    const workflow_name = this.#workflows.of(audit.workflowName)
    if (audit.totalDurationMs !== null)
      this.#duration.observe({ workflow_name, outcome: audit.outcome }, audit.totalDurationMs / 1_000)
    if (audit.effectivenessScore !== null)
      this.#effectiveness.set({ workflow_name }, audit.effectivenessScore)
    for (const { action, status } of audit.stepExecutions) {
      const isKnown =
        status === 'completed' || status === 'failed' || status === 'skipped' || status === 'cancelled'
      this.#steps.inc({ workflow_name, action: this.#actions.of(action), status: isKnown ? status : 'other' })
    }
  }
}
