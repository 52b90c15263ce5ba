import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openSpool } from '@steptrail/recorder/node'
import { type PostgresServer, releaseAfterTest, startPostgres } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrate/migrate.ts'
import { openTrail, type Trail } from './trail.ts'

const number = (name: string, fallback: number): number => Number(process.env[name] ?? fallback)
/** How many events, and how long the server is away in the middle of them. */
const events = number('STEPTRAIL_OUTAGE_EVENTS', 10_000)
const outageMs = number('STEPTRAIL_OUTAGE_MS', 500)
const burst = 200

const silent = { warn: () => undefined, error: () => undefined }

async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-outage-'))
  releaseAfterTest(() => rm(directory, { recursive: true, force: true }))
  return directory
}

async function openRecording(url: string, directory: string): Promise<Trail> {
  const spool = await openSpool({ directory, logger: silent })
  return await openTrail({
    url,
    recorder: { spool, logger: silent, retryMinMs: 20, retryMaxMs: 200, failuresBeforeSpool: 1 },
  })
}

/** Ends every connection to the database but its own, again and again. */
async function killBackends(url: string, signal: AbortSignal): Promise<number> {
  let killed = 0
  while (!signal.aborted) {
    try {
      await using database = await openDatabase({ url, maxConnections: 1, program: 'the killer' })
      const { rows } = await database.query<{ count: number }>(
        `select count(pg_terminate_backend(pid)) as count
         from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()`,
      )
      killed += rows[0]?.count ?? 0
    } catch {
      // The server is away, which is the other half of the test.
    }
    await pause(150)
  }
  return killed
}

/** Stops the server once half of the events are given, and starts it again. */
async function interrupt(server: PostgresServer, isHalfDone: Promise<void>): Promise<void> {
  await isHalfDone
  await server.kill()
  await pause(outageMs)
  await server.start()
}

it(
  'a server that is away for a while, and connections that are killed, cost no event',
  { timeout: 60_000 + 4 * outageMs + events },
  async () => {
    await using server = await startPostgres()
    const url = server.url()
    {
      await using database = await openDatabase({ url })
      await migrate(database)
    }
    const directory = await emptyDirectory()
    const trail = await openRecording(url, directory)
    const halfDone = Promise.withResolvers<void>()
    const interrupted = interrupt(server, halfDone.promise)
    const done = new AbortController()
    const killing = killBackends(url, done.signal)
    const promised: Promise<string>[] = []
    for (let given = 0; given < events; given += burst) {
      if (given >= events / 2) halfDone.resolve()
      for (let index = 0; index < burst - 1; index += 1)
        trail.record({ eventType: 'OPERATION', status: 'SUCCESS', action: 'plain' })
      const action = `durable-${given}`
      promised.push(
        trail.recordDurably({ eventType: 'OPERATION', status: 'SUCCESS', action }).then(() => action),
      )
      await pause(outageMs / (events / burst))
    }
    halfDone.resolve()
    await interrupted
    const durable = await Promise.all(promised)
    done.abort()
    expect(await killing).toBeGreaterThan(0)
    const flushed = await trail.flush()
    expect(flushed.written + flushed.spooled + flushed.dropped).toBe(events)
    expect(flushed.dropped).toBe(0)
    const { recorder } = trail
    await trail.close({ deadlineMs: 60_000 })
    // What is still in the spool is for whoever comes next.
    await (await openRecording(url, directory)).close({ deadlineMs: 60_000 })

    await using database = await openDatabase({ url })
    const { rows } = await database.query(
      `select count(*) as written, count(distinct recorder_seq) as numbers, min(recorder_seq) as first,
              max(recorder_seq) as last, count(distinct action) filter (where action <> 'plain') as durable
       from audit_event
       where recorder_id = $1`,
      [recorder.id],
    )
    expect(rows).toEqual([
      { written: events, numbers: events, first: 1, last: events, durable: durable.length },
    ])
  },
)
