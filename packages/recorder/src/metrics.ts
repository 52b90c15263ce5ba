import type { RecorderCounts } from './accounts.ts'

/** One value of a metric. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A metric as plain data, in the form that Prometheus knows. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** Of a histogram: a sample for each bucket, labelled `le`, and then `sum` and `count`, labelled `part`. */
  readonly samples: readonly MetricSample[]
}

/** Upper bounds of the buckets of `steptrail_recorder_flush_seconds`. */
const flushBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** How long writes to the sink took, and when the last one succeeded. */
export class FlushTimes {
  readonly #counts = Array.from(flushBuckets, () => 0)
  #count = 0
  #sumSeconds = 0
  #lastSuccessMs: number | null = null

  add(durationMs: number, nowMs: number): void {
    const seconds = durationMs / 1000
    this.#count += 1
    this.#sumSeconds += seconds
    this.#lastSuccessMs = nowMs
    flushBuckets.forEach((bound, index) => {
      if (seconds <= bound) this.#counts[index] = (this.#counts[index] ?? 0) + 1
    })
  }

  metrics(): readonly Metric[] {
    const bucket = (le: string, value: number): MetricSample => ({ labels: { le }, value })
    return [
      {
        name: 'steptrail_recorder_flush_seconds',
        type: 'histogram',
        help: 'How long writes of a batch took that the sink answered.',
        samples: [
          ...flushBuckets.map((bound, index) => bucket(String(bound), this.#counts[index] ?? 0)),
          bucket('+Inf', this.#count),
          { labels: { part: 'sum' }, value: this.#sumSeconds },
          { labels: { part: 'count' }, value: this.#count },
        ],
      },
      {
        name: 'steptrail_recorder_last_success_timestamp_seconds',
        type: 'gauge',
        help: 'When the sink last answered a write; no sample before it first has.',
        samples: this.#lastSuccessMs === null ? [] : [{ labels: {}, value: this.#lastSuccessMs / 1000 }],
      },
    ]
  }
}

/** The accounts as metrics. */
export function metricsOf(counts: RecorderCounts, spoolBytes: number): readonly Metric[] {
  const { emitted, written, spooled, dropped, pending, replayed } = counts
  const outcome = (name: string, value: number, reason = ''): MetricSample => ({
    labels: { outcome: name, reason },
    value,
  })
  const single = (value: number): readonly MetricSample[] => [{ labels: {}, value }]
  return [
    {
      name: 'steptrail_recorder_emitted_total',
      type: 'counter',
      help: 'Events given to the recorder.',
      samples: single(emitted),
    },
    {
      name: 'steptrail_recorder_events_total',
      type: 'counter',
      help: 'What became of them. With those in the queue they add up to those emitted.',
      samples: [
        outcome('written', written),
        outcome('spooled', spooled),
        ...Object.entries(dropped).map(([reason, value]) => outcome('dropped', value, reason)),
      ],
    },
    {
      name: 'steptrail_recorder_replayed_total',
      type: 'counter',
      help: 'What became of events that came out of the spool; those of earlier processes are among them.',
      samples: [outcome('written', replayed.written), outcome('buried', replayed.buried)],
    },
    {
      name: 'steptrail_recorder_queue_events',
      type: 'gauge',
      help: 'Events in memory.',
      samples: single(pending),
    },
    {
      name: 'steptrail_recorder_spool_bytes',
      type: 'gauge',
      help: 'Bytes in the spool that have not reached the sink.',
      samples: single(spoolBytes),
    },
  ]
}
