import { readVitals, recentExecutionAudits, type Database } from '@steptrail/core'
import { Counter, Gauge, Registry } from 'prom-client'
import { RetentionMetrics } from './retention-metrics.ts'
import { WorkflowMetrics } from './workflow-metrics.ts'
import { Probe } from '../operation/probe.ts'

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
  readonly #named = new WorkflowMetrics({ workflows: 200, actions: 1_000 })
  readonly #unnamed = new WorkflowMetrics({ workflows: 0, actions: 0 })
  readonly #storage: Counter<'status'>
  readonly #partitions: Gauge<'table'>
  readonly #retention: RetentionMetrics
  readonly #isUp: Gauge
  readonly #startedAt = Date.now()
  #seen = new Map<string, number>()
  readonly #reading = new Probe('the database', () => this.#read())

  constructor(database: Database) {
    this.#database = database
    const registers = [this.#registry]
    const metric = (name: string, help: string) => ({ name: `steptrail_${name}`, help, registers })
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

  /** All of it as Prometheus reads it; without `names`, workflows and actions are told of as `other`, all in one. */
  async text({ names }: { readonly names: boolean }): Promise<string> {
    await this.#reading.ask().then(
      () => this.#isUp.set(1),
      () => this.#isUp.set(0),
    )
    const ofWorkflows = await (names ? this.#named : this.#unnamed).text()
    return `${await this.#registry.metrics()}\n${ofWorkflows}`
  }

  async #read(): Promise<void> {
    const database = this.#database
    const since = Math.max(this.#startedAt, Date.now() - overlapMs)
    for (const audit of await recentExecutionAudits(database, new Date(since).toISOString())) {
      if (!this.#seen.has(audit.id)) for (const each of [this.#named, this.#unnamed]) each.count(audit)
      this.#seen.set(audit.id, Date.parse(audit.createdAt))
    }
    this.#seen = new Map([...this.#seen].filter(([, at]) => at >= since))
    const vitals = await readVitals(database)
    for (const { table, months } of vitals.partitionsAhead) this.#partitions.set({ table }, months)
    this.#retention.set(vitals.retention)
  }
}
