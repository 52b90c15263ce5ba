import { setTimeout } from 'node:timers/promises'
import { openDatabase } from '@steptrail/core'
import { seal, Sealer } from '@steptrail/log'
import type { BenchFindings } from '../bench-document.ts'
import { createMigrated, startServer } from '../server.ts'
import { percentile, rounded } from '../statistics.ts'
import { costOf, insertStepEvents, sealingForBench } from './sealed-database.ts'

/** How much the bench measures. */
export interface SealBenchOptions {
  readonly events: number
}

/**
 * What it costs to seal a history, in CPU seconds of the sealer and of the database for a million events; and how old
 * the oldest event without a checkpoint gets while events are written at a steady rate, a thousand at a time.
 */
export async function sealBench({ events }: SealBenchOptions): Promise<BenchFindings> {
  await using server = await startServer()
  await using database = await openDatabase({ url: await createMigrated(server, 'seal') })
  const sealing = sealingForBench()
  await insertStepEvents(database, 5000)
  await seal(database, sealing)
  await insertStepEvents(database, events)
  const { seconds, ownCpu, databaseCpu } = await costOf(database, () => seal(database, sealing))
  const lags = await lagsUnderLoad(database, sealing)
  const million = 1e6 / events
  return {
    results: [
      {
        what: 'seal a history',
        events,
        eventsPerSecond: Math.round(events / seconds),
        ownCpuSecondsPerMillion: rounded(ownCpu * million, 1),
        databaseCpuSecondsPerMillion: rounded(databaseCpu * million, 1),
      },
      {
        what: `seal while ${ratePerSecond} a second are written`,
        events: lags.length * batch,
        p50Ms: rounded(percentile(lags, 0.5)),
        p99Ms: rounded(percentile(lags, 0.99)),
      },
    ],
    ratios: { 'seal/budget@cpu': rounded(((ownCpu + databaseCpu) * million) / 20, 2) },
  }
}

const ratePerSecond = 5000
const batch = 500
const batches = 60

/** Milliseconds from the commit of a batch until a checkpoint covers it. */
async function lagsUnderLoad(
  database: Parameters<typeof seal>[0],
  sealing: ReturnType<typeof sealingForBench>,
): Promise<readonly number[]> {
  const { size } = await seal(database, sealing)
  const committed: { readonly upTo: number; readonly at: number }[] = []
  const lags: number[] = []
  await using sealer = new Sealer(database, {
    ...sealing,
    pollIntervalMs: 50,
    onCheckpoint: (published) => {
      for (
        let next = committed[lags.length];
        next && next.upTo <= published.size;
        next = committed[lags.length]
      )
        lags.push(performance.now() - next.at)
    },
  })
  for (let written = 1; written <= batches; written++) {
    const next = performance.now() + (batch / ratePerSecond) * 1000
    await insertStepEvents(database, batch)
    committed.push({ upTo: size + written * batch, at: performance.now() })
    await setTimeout(Math.max(0, next - performance.now()))
  }
  while (lags.length < batches) await setTimeout(5)
  await sealer.close()
  return lags
}
