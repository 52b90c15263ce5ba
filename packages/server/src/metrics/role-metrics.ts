import { Counter, Gauge, Registry } from 'prom-client'
import type { PartBeside } from '../operation/parts-beside.ts'
import { type RunningIngester, type ServerRole, serverRoles } from '../operation/roles.ts'

const outcomes = ['created', 'duplicate', 'conflict', 'rejected'] as const

/** What the server tells Prometheus of its roles, and of its ingester, if it has one. */
export class RoleMetrics {
  readonly #registry = new Registry()
  readonly #ingester: RunningIngester | undefined
  readonly #events: Counter<'outcome'>
  readonly #waiting: Gauge
  readonly #answers: Gauge
  readonly #trouble: Gauge<'role'>

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
    this.#trouble = new Gauge({
      name: 'steptrail_server_role_trouble',
      help: 'Whether what does the work of a role in this process is in trouble, or may not do it; /readyz says which.',
      labelNames: ['role'],
      registers,
    })
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
    this.#answers = new Gauge({
      name: 'steptrail_ingest_stream_answers',
      help: 'Whether the stream said within a second how many messages wait; no sample without an ingester.',
      registers,
    })
  }

  /** All of it as Prometheus reads it, with how the parts are that work by themselves. */
  async text(parts: readonly PartBeside[]): Promise<string> {
    this.#trouble.reset()
    for (const { role, trouble } of parts) this.#trouble.set({ role }, trouble === null ? 0 : 1)
    const ingester = this.#ingester
    this.#events.reset()
    if (ingester) for (const outcome of outcomes) this.#events.inc({ outcome }, ingester.counts[outcome])
    const waiting = ingester ? await waitingOf(ingester) : null
    if (waiting === null) this.#waiting.remove()
    else this.#waiting.set(waiting)
    if (ingester) this.#answers.set(waiting === null ? 0 : 1)
    else this.#answers.remove()
    return await this.#registry.metrics()
  }
}

/** Far below the ten seconds that a scrape may take: the other metrics are wanted most when the stream is away. */
const answerWithinMs = 1_000

/** How many messages wait; null where the stream does not say so in time. */
async function waitingOf(ingester: RunningIngester): Promise<number | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), answerWithinMs)
  try {
    return await Promise.race([ingester.waiting().catch(() => null), late])
  } finally {
    clearTimeout(timer)
  }
}
