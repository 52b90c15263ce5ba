import { type Database, findOldestWrite } from '@steptrail/core'
import type { Metric, Recorder } from '@steptrail/recorder'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { Probe } from '../operation/probe.ts'

/** What became of a request. */
export interface AnsweredRequest {
  readonly method: string
  /** The path as the API describes it, so that ids make no labels. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

const outcomes = ['created', 'duplicate', 'rejected'] as const
type Outcome = (typeof outcomes)[number]

/** The server in numbers, for Prometheus. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #requests: Counter<'method' | 'route' | 'status'>
  readonly #durations: Histogram<'method' | 'route'>
  readonly #events: Counter<'outcome'>
  readonly #streams: Gauge
  readonly #recorder: Recorder

  constructor(database: Database, recorder: Recorder) {
    const registers = [this.#registry]
    this.#recorder = recorder
    this.#requests = new Counter({
      name: 'steptrail_http_requests_total',
      help: 'Requests answered.',
      labelNames: ['method', 'route', 'status'],
      registers,
    })
    this.#durations = new Histogram({
      name: 'steptrail_http_request_seconds',
      help: 'How long it took until an answer began.',
      labelNames: ['method', 'route'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    })
    this.#events = new Counter({
      name: 'steptrail_http_events_total',
      help: 'Events sent to be recorded, by what became of them.',
      labelNames: ['outcome'],
      registers,
    })
    this.#streams = new Gauge({
      name: 'steptrail_http_streams',
      help: 'Streams of events that are open.',
      registers,
    })
    for (const outcome of outcomes) this.#events.inc({ outcome }, 0)
    this.#registry.registerMetric(oldestWrite(database))
    collectDefaultMetrics({ register: this.#registry })
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE

  /** Counts a request. */
  answered({ method, route, status, seconds }: AnsweredRequest): void {
    this.#requests.inc({ method, route, status })
    this.#durations.observe({ method, route }, seconds)
  }

  /** Counts what became of events. */
  recorded(counts: Readonly<Record<Outcome, number>>): void {
    for (const outcome of outcomes) this.#events.inc({ outcome }, counts[outcome])
  }

  /** A stream begins, and ends when what is given is called. */
  streamBegins(): () => void {
    this.#streams.inc()
    return () => this.#streams.dec()
  }

  /** All of it, in the text format of Prometheus, with the metrics of the process's recorder. */
  async text(): Promise<string> {
    return `${await this.#registry.metrics()}\n${this.#recorder.metrics().map(textOf).join('\n')}`
  }
}

/** One long write holds up whatever waits for its rows, and standbys; so its age is worth an alarm. */
function oldestWrite(database: Database): Gauge {
  const found = new Probe('the database', () => findOldestWrite(database.query))
  return new Gauge({
    name: 'steptrail_database_oldest_write_seconds',
    help: 'Age of the oldest transaction that has written and not ended; 0 without one, no sample without a database.',
    registers: [],
    collect: async function collect() {
      const write = await found.ask().catch(() => null)
      if (write === null) this.remove()
      else this.set(write?.seconds ?? 0)
    },
  })
}

/** A metric of the recorder in the text format. */
function textOf({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ labels, value }) => {
    const { part, ...others } = labels
    const suffix = type === 'histogram' ? `_${part ?? 'bucket'}` : ''
    const given = Object.entries(others).map(([key, text]) => `${key}="${escaped(text)}"`)
    return `${name}${suffix}${given.length > 0 ? `{${given.join(',')}}` : ''} ${value}`
  })
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

const escaped = (text: string): string =>
  text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)
