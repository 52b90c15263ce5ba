import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTrail, openDatabase } from '@steptrail/core'
import { createRecorder, type Sink } from '@steptrail/recorder'
import pino from 'pino'
import type { BenchFindings, BenchResult } from '../bench-document.ts'
import { createMigrated, startServer } from '../server.ts'
import { differenceOfPercentiles, median, percentile, rounded } from '../statistics.ts'
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
const blocksPerRound = 10

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
  await using log = await openLog()
  const recorder = createRecorder({ sink: readySink, queueEvents: 10 * callsPerSample })
  const events = Array.from({ length: callsPerSample }, (_, index) => downloadEvent(index))
  const ours: number[] = []
  const theirs: number[] = []
  for (let sample = -Math.ceil(samples / 4); sample < samples; sample++) {
    const one = await sampleOf(() => events.forEach((event) => recorder.record(event)))
    const other = await sampleOf(() => events.forEach((event) => log.logger.info(event)))
    if (sample < 0) continue
    ours.push(one)
    theirs.push(other)
  }
  await recorder.close()
  return {
    results: [callResult('record', ours), callResult('pino', theirs)],
    ratios: { 'record/pino': rounded(median(ours) / median(theirs), 2) },
  }
}

/** A log of pino, in a file that is written without waiting for it. */
async function openLog(): Promise<AsyncDisposable & { readonly logger: pino.Logger }> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-bench-'))
  const destination = pino.destination({ dest: join(directory, 'pino.log'), sync: false })
  return {
    logger: pino(destination),
    async [Symbol.asyncDispose]() {
      destination.end()
      await rm(directory, { recursive: true })
    },
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

/**
 * Short blocks alternate, in turned order, so that what the machine does meanwhile meets all alike; what a block has
 * recorded is written before the next begins.
 */
async function compareHandlers(rounds: number, requests: number): Promise<BenchFindings> {
  await using server = await startServer()
  await using database = await openDatabase({ url: await createMigrated(server, 'handler') })
  await using trail = createTrail(database)
  await using log = await openLog()
  const handlers: readonly Handler[] = [
    { what: 'handler', timesMs: [], called: () => undefined, ended: () => Promise.resolve() },
    {
      what: 'handler that records',
      timesMs: [],
      called: (number) => trail.record(downloadEvent(number)),
      ended: () => trail.flush(),
    },
    {
      what: 'handler that logs',
      timesMs: [],
      called: (number) => log.logger.info(downloadEvent(number)),
      ended: () => sleep(2),
    },
  ]
  const blocks = rounds * blocksPerRound
  for (let block = -blocksPerRound; block < blocks; block++) {
    for (const { called, ended, timesMs } of block % 2 ? handlers : handlers.toReversed()) {
      timesMs.push(await handlerTimes(Math.ceil(requests / blocksPerRound), called))
      await ended()
      if (block < 0) timesMs.length = 0
    }
  }
  return compared(handlers)
}

interface Handler {
  readonly what: string
  /** What the requests took in milliseconds, block by block. */
  readonly timesMs: (readonly number[])[]
  readonly called: (number: number) => void
  readonly ended: () => Promise<unknown>
}

function compared([plain, recording, logging]: readonly Handler[]): BenchFindings {
  const [without, ours, theirs] = [plain, recording, logging].map((handler) => handler?.timesMs ?? [])
  const p99 = (timesMs: Handler['timesMs'] = []): number => percentile(timesMs.flat(), 0.99)
  return {
    results: [
      handlerResult('handler', without, without),
      handlerResult('handler that records', ours, without),
      handlerResult('handler that logs', theirs, without),
    ],
    ratios: {
      'record/handler@p99': rounded(p99(ours) / p99(without), 2),
      'record/pino@p99': rounded(p99(ours) / p99(theirs), 2),
    },
  }
}

function handlerResult(
  what: string,
  timesMs: Handler['timesMs'] = [],
  without: Handler['timesMs'] = [],
): BenchResult {
  const all = timesMs.flat()
  const added = differenceOfPercentiles(timesMs, without, 0.99)
  return {
    what,
    requests: all.length,
    p50Ms: rounded(percentile(all, 0.5), 3),
    p99Ms: rounded(percentile(all, 0.99), 3),
    addedP99Ms: rounded(added.value, 3),
    fromMs: rounded(added.from, 3),
    toMs: rounded(added.to, 3),
  }
}
