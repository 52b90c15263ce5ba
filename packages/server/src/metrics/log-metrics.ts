import type { Database } from '@steptrail/core'
import { readGrowingLog } from '@steptrail/log'
import { Gauge, Registry } from 'prom-client'
import { Probe } from '../operation/probe.ts'

/** What the server tells Prometheus of the log that grows. Before one has begun, or without a database, there are no samples. */
export class LogMetrics {
  readonly #registry = new Registry()
  readonly #growing: Probe<Awaited<ReturnType<typeof readGrowingLog>>>
  readonly #oldest: Gauge
  readonly #size: Gauge
  readonly #signedAt: Gauge

  constructor(database: Database) {
    this.#growing = new Probe('the database', () => readGrowingLog(database))
    const gauge = (name: string, help: string): Gauge =>
      new Gauge({ name: `steptrail_log_${name}`, help, registers: [this.#registry] })
    this.#oldest = gauge(
      'oldest_unsealed_seconds',
      'Age of the oldest event that has no place in the log yet; 0 when none waits.',
    )
    this.#size = gauge('signed_entries', 'Events that the last signed checkpoint covers.')
    this.#signedAt = gauge('last_checkpoint_timestamp_seconds', 'When the log was signed last.')
  }

  /** All of it as Prometheus reads it. */
  async text(): Promise<string> {
    const standing = await this.#growing.ask().catch(() => null)
    const { signedAt = null, signedSize = null, oldestUnsealedAt = null } = standing ?? {}
    const ageMs = oldestUnsealedAt === null ? 0 : Date.now() - Date.parse(oldestUnsealedAt)
    tell(this.#oldest, standing && Math.max(0, ageMs) / 1_000)
    tell(this.#size, signedSize)
    tell(this.#signedAt, signedAt === null ? null : Date.parse(signedAt) / 1_000)
    return await this.#registry.metrics()
  }
}

function tell(gauge: Gauge, value: number | null): void {
  if (value === null) gauge.remove()
  else gauge.set(value)
}
