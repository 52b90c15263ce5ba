import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, openDatabase } from '@steptrail/core'
import { createNatsRecorder, Ingester } from '@steptrail/nats'
import { type NatsCluster, openNats } from '@steptrail/testkit'
import type { BenchFindings, BenchResult } from '../bench-document.ts'
import { recorderWay } from '../ingest/ingest-ways.ts'
import { downloadEvent } from '../record/events.ts'
import { createMigrated, startServer } from '../server.ts'
import { median, rounded } from '../statistics.ts'

/** How much the bench measures. */
export interface FleetBenchOptions {
  readonly rounds: number
  /** Events of each bulk in a round. */
  readonly events: number
}

/**
 * From JetStream to committed: a stream is filled, then an ingester takes it into the database, from its start to the
 * last commit; against the same events through a recorder straight into the same database. Beside it what publishing
 * takes. The stream is on one node with its files on disk, on the machine of everything else.
 */
export async function fleetBench({ rounds, events }: FleetBenchOptions): Promise<BenchFindings> {
  await using nats = await openNats()
  await using server = await startServer()
  await using database = await openDatabase({ url: await createMigrated(server, 'fleet'), maxConnections: 2 })
  await makeStream(nats, database)
  const direct = recorderWay(database)
  const rates = { publish: [] as number[], fleet: [] as number[], ingest: [] as number[] }
  for (let round = -1; round < rounds; round += 1) {
    const ingest = await direct.eventsPerSecond(events)
    const publish = await publishedPerSecond(nats, events)
    const fleet = await takenPerSecond(nats, database, events)
    if (round < 0) continue
    rates.publish.push(publish)
    rates.fleet.push(fleet)
    rates.ingest.push(ingest)
  }
  const quotients = rates.fleet.map((rate, round) => rate / (rates.ingest[round] ?? Number.NaN))
  return {
    results: [
      resultOf('recorder to database', events, rates.ingest),
      resultOf('recorder to stream', events, rates.publish),
      resultOf('stream to database', events, rates.fleet),
    ],
    ratios: { 'fleet/ingest': rounded(median(quotients), 2) },
  }
}

async function makeStream({ servers }: NatsCluster, database: Database): Promise<void> {
  await using ingester = new Ingester(database, { servers })
  for (;;) {
    const waiting = await ingester.waiting().catch(() => null)
    if (waiting !== null) return
    await sleep(20)
  }
}

async function publishedPerSecond({ servers }: NatsCluster, events: number): Promise<number> {
  await using trail = createNatsRecorder({ servers, spool: false, recorder: { overflow: 'block' } })
  const { recorder } = trail
  const sinceMs = performance.now()
  for (let each = 0; each < events; each += 1) {
    await recorder.room()
    recorder.record(downloadEvent(each))
  }
  const { written } = await recorder.flush()
  const rate = rateOf(events, sinceMs)
  if (written !== events) throw new Error(`${events - written} events were not published`)
  return rate
}

async function takenPerSecond({ servers }: NatsCluster, database: Database, events: number): Promise<number> {
  const sinceMs = performance.now()
  await using ingester = new Ingester(database, { servers })
  // Looking costs time of the processors, too.
  while (ingester.counts.created < events) await sleep(5)
  return rateOf(events, sinceMs)
}

const rateOf = (events: number, sinceMs: number): number => (events * 1000) / (performance.now() - sinceMs)

const resultOf = (way: string, events: number, rates: readonly number[]): BenchResult => ({
  way,
  events,
  eventsPerSecond: Math.round(median(rates)),
  rounds: rates.map((rate) => Math.round(rate)),
})
