import { setTimeout } from 'node:timers/promises'
import { type Database, openDatabase } from '@steptrail/core'
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
 * the oldest event without a checkpoint gets while events are written at a steady rate, a tenth of a second's at a time.
 */
export async function sealBench({ events }: SealBenchOptions): Promise<BenchFindings> {
  await using server = await startServer()
  await using database = await openDatabase({ url: await createMigrated(server, 'seal') })
  const sealing = sealingForBench()
  await insertStepEvents(database, 5000)
  await seal(database, sealing)
  await insertStepEvents(database, events)
  const { seconds, ownCpu, databaseCpu } = await costOf(database, () => seal(database, sealing))
  const underLoad = []
  for (const perSecond of ratesPerSecond)
    underLoad.push(await sealingAtRate(database, { sealing, perSecond, events }))
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
      ...underLoad,
    ],
    ratios: { 'seal/budget@cpu': rounded(((ownCpu + databaseCpu) * million) / 20, 2) },
  }
}

const ratesPerSecond = [5000, 20_000]
const batchesPerSecond = 10

interface Rate {
  readonly sealing: ReturnType<typeof sealingForBench>
  readonly perSecond: number
  readonly events: number
}

/** Milliseconds from the commit of a batch until a checkpoint covers it, and how many were written a second after all. */
async function sealingAtRate(database: Database, { sealing, perSecond, events }: Rate) {
  const batch = perSecond / batchesPerSecond
  const batches = Math.max(1, Math.round(events / batch))
  const began = performance.now()
  const lags = await lagsUnderLoad(database, { sealing, batch, batches })
  const seconds = (performance.now() - began) / 1000
  return {
    what: `seal while ${perSecond} a second are written`,
    events: batches * batch,
    eventsPerSecond: Math.round((batches * batch) / seconds),
    p50Ms: rounded(percentile(lags, 0.5)),
    p99Ms: rounded(percentile(lags, 0.99)),
  }
}

async function lagsUnderLoad(
  database: Database,
  { sealing, batch, batches }: Pick<Rate, 'sealing'> & { readonly batch: number; readonly batches: number },
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
    const next = performance.now() + 1000 / batchesPerSecond
    await insertStepEvents(database, batch)
    committed.push({ upTo: size + written * batch, at: performance.now() })
    await setTimeout(Math.max(0, next - performance.now()))
  }
  while (lags.length < batches) await setTimeout(5)
  await sealer.close()
  return lags
}
