import { Counter, Gauge, Registry } from 'prom-client'
import { type RunningIngester, type ServerRole, serverRoles } from '../operation/roles.ts'

const outcomes = ['created', 'duplicate', 'conflict', 'rejected'] as const

/** What the server tells Prometheus of its roles, and of its ingester, if it has one. */
export class RoleMetrics {
  readonly #registry = new Registry()
  readonly #ingester: RunningIngester | undefined
  readonly #events: Counter<'outcome'>
  readonly #waiting: Gauge

  constructor(roles: readonly ServerRole[], ingester: RunningIngester | undefined) {
    this.#ingester = ingester
    const registers = [this.#registry]
    const role = new Gauge({
      name: 'steptrail_server_role',
      help: 'Whether this process has a role.',
      labelNames: ['role'],
      registers,
    })
    for (const each of serverRoles) role.set({ role: each }, roles.includes(each) ? 1 : 0)
    this.#events = new Counter({
      name: 'steptrail_ingest_events_total',
      help: 'Messages of the stream that this process has settled, by what became of them.',
      labelNames: ['outcome'],
      registers,
    })
    this.#waiting = new Gauge({
      name: 'steptrail_ingest_waiting_messages',
      help: 'Messages in the stream that are in no database yet; no sample without an ingester or without a node.',
      registers,
    })
  }

  /** All of it as Prometheus reads it. */
  async text(): Promise<string> {
    const ingester = this.#ingester
    this.#events.reset()
    if (ingester) for (const outcome of outcomes) this.#events.inc({ outcome }, ingester.counts[outcome])
    const waiting = (await ingester?.waiting().catch(() => null)) ?? null
    if (waiting === null) this.#waiting.remove()
    else this.#waiting.set(waiting)
    return await this.#registry.metrics()
  }
}
