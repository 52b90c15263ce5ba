import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTrail, openDatabase } from '@steptrail/core'
import { createRecorder, type Sink } from '@steptrail/recorder'
import pino from 'pino'
import type { BenchFindings, BenchResult } from '../bench-document.ts'
import { createMigrated, startServer } from '../server.ts'
import { median, percentile, rounded } from '../statistics.ts'
import { downloadEvent } from './events.ts'
import { handlerTimes } from './handler-times.ts'

/** How much the bench measures. */
export interface RecordBenchOptions {
  /** Hundreds of samples of each, of 500 calls. */
  readonly rounds: number
  /** Requests to the HTTP handler, with and without a recorder, in each round. */
  readonly requests: number
}

const callsPerSample = 500

/**
 * What a call of `record` costs its caller, validation, redaction and snapshot included, against pino writing the
 * same object to a file without waiting for it; and what recording one event per request adds to a small HTTP handler.
 */
export async function recordBench({ rounds, requests }: RecordBenchOptions): Promise<BenchFindings> {
  const calls = await compareCalls(100 * rounds)
  const handler = await compareHandlers(rounds, requests)
  return { results: [...calls.results, ...handler.results], ratios: { ...calls.ratios, ...handler.ratios } }
}

/** A sink that takes everything at once, so that the call alone is measured. */
const readySink: Sink = { write: (batch) => Promise.resolve(batch.map(() => ({ outcome: 'created' }))) }

async function compareCalls(samples: number): Promise<BenchFindings> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-bench-'))
  const destination = pino.destination({ dest: join(directory, 'pino.log'), sync: false })
  const logger = pino(destination)
  const recorder = createRecorder({ sink: readySink, queueEvents: 10 * callsPerSample })
  const events = Array.from({ length: callsPerSample }, (_, index) => downloadEvent(index))
  const ours: number[] = []
  const theirs: number[] = []
  for (let sample = -Math.ceil(samples / 4); sample < samples; sample++) {
    const one = await sampleOf(() => events.forEach((event) => recorder.record(event)))
    const other = await sampleOf(() => events.forEach((event) => logger.info(event)))
    if (sample < 0) continue
    ours.push(one)
    theirs.push(other)
  }
  await recorder.close()
  destination.end()
  await rm(directory, { recursive: true })
  return {
    results: [callResult('record', ours), callResult('pino', theirs)],
    ratios: { 'record/pino': rounded(median(ours) / median(theirs), 2) },
  }
}

/** Nanoseconds a call; what the calls have set going ends before the next sample. */
async function sampleOf(calls: () => void): Promise<number> {
  const since = process.hrtime.bigint()
  calls()
  const elapsed = Number(process.hrtime.bigint() - since)
  await sleep(2)
  return elapsed / callsPerSample
}

const callResult = (what: string, samples: readonly number[]): BenchResult => ({
  what,
  samples: samples.length,
  callsPerSample,
  p10Ns: Math.round(percentile(samples, 0.1)),
  p50Ns: Math.round(percentile(samples, 0.5)),
  p90Ns: Math.round(percentile(samples, 0.9)),
})

async function compareHandlers(rounds: number, requests: number): Promise<BenchFindings> {
  await using server = await startServer()
  await using database = await openDatabase({ url: await createMigrated(server, 'handler') })
  await using trail = createTrail(database)
  const withRecorder: number[] = []
  const without: number[] = []
  const record = (number: number): void => trail.record(downloadEvent(number))
  for (let round = -1; round < rounds; round++) {
    const one = await handlerTimes(requests, record)
    const other = await handlerTimes(requests, () => undefined)
    if (round < 0) continue
    withRecorder.push(...one)
    without.push(...other)
  }
  const added = percentile(withRecorder, 0.99) - percentile(without, 0.99)
  return {
    results: [
      { ...handlerResult('handler that records', withRecorder), addedP99Ms: rounded(added, 3) },
      handlerResult('handler', without),
    ],
    ratios: { 'record/handler@p99': rounded(percentile(withRecorder, 0.99) / percentile(without, 0.99), 2) },
  }
}

const handlerResult = (what: string, timesMs: readonly number[]): BenchResult => ({
  what,
  requests: timesMs.length,
  p50Ms: rounded(percentile(timesMs, 0.5), 3),
  p99Ms: rounded(percentile(timesMs, 0.99), 3),
})
