import { createTrail, type Database, openDatabase } from '@steptrail/core'
import {
  createMigratedDatabase,
  describeOnBoth,
  type Fault,
  faultyDatabase,
  openTestDatabase,
  releaseAfterTest,
} from '@steptrail/testkit'
import pg from 'pg'
import { describe, expect, it, vi } from 'vitest'
import { inconsistentWith, watchingMemory } from '../../test/consistency.ts'
import { memoryForTest, operations, record, sealing } from '../../test/logs.ts'
import { verifyLogs } from '../verify/verify-log.ts'
import { restartLog } from './restart-log.ts'
import { Sealer } from './running-sealer.ts'

const actor = { type: 'user', id: 'olga' } as const

/** Every event is in the log once, and all is as it was signed. */
async function expectWhole(database: Database, memory: ReturnType<typeof watchingMemory>): Promise<void> {
  const { rows } = await database.query<{ events: number; entries: number }>(
    'select (select count(*) from audit_event) as events, (select count(*) from log_entries) as entries',
  )
  expect(rows[0]!.entries).toBe(rows[0]!.events)
  expect(await inconsistentWith(database, memory.signed)).toEqual([])
  expect(await verifyLogs(database, { memory })).toMatchObject({ outcome: 'verified' })
}

describeOnBoth('sealing that fails', (open, kind) => {
  it('at any statement, before the commit, or after it with the reply lost, goes on where it was', async () => {
    const database = await open()
    const memory = watchingMemory()
    const sealer = sealing({ memory })
    const faulty = faultyDatabase(database)
    const faults: readonly Fault[] = [
      ...Array.from({ length: 10 }, (_, place): Fault => ({ at: 'statement', number: place + 1 })),
      { at: 'commit' },
      { at: 'reply' },
    ]
    let struck = 0
    for (const fault of faults)
      for (let after = 0; after < 5; after++) {
        await record(database, operations(1))
        faulty.fail(fault, after)
        const outcome = await sealer.seal(faulty).catch((error: unknown) => error)
        if (faulty.hasFailed) struck += 1
        expect(outcome instanceof Error, `${JSON.stringify(fault)} after ${after}`).toBe(faulty.hasFailed)
      }
    expect(struck).toBeGreaterThan(20)
    await sealer.seal(database)
    await expectWhole(database, memory)
  })

  it('because the clock was set back waits a moment, or says why it does not sign', async () => {
    const database = await open()
    const memory = watchingMemory()
    let nowMs = Date.parse('2026-11-04T10:00:00Z')
    const clock = { now: () => nowMs }
    const sealer = sealing({ memory, clock })
    const first = await sealer.seal(database)
    nowMs -= 30_000
    await record(database, operations(1))
    expect(await sealer.seal(database)).toMatchObject({ signedAt: first.signedAt })
    nowMs -= 3_600_000
    await record(database, operations(1))
    await expect(sealer.seal(database)).rejects.toMatchObject({ code: 'log_clock_behind' })
    nowMs += 3_700_000
    expect(Date.parse((await sealer.seal(database)).signedAt)).toBeGreaterThan(Date.parse(first.signedAt))
    await expectWhole(database, memory)
  })

  it('because the database was set back refuses, until another log names the old one', async () => {
    const { database, memory, sealer, known } = await setBack(open, kind)
    await expect(sealer.seal(database)).rejects.toMatchObject({
      code: 'log_inconsistent',
      message: expect.stringContaining('steptrail log restart') as string,
    })
    await expect(restartLog(database, { ...sealer, actor, reason: ' ' })).rejects.toMatchObject({
      code: 'reason_required',
    })
    const before = memory.signed.length
    const restarted = await restartLog(database, { ...sealer, actor, reason: 'restored from Monday' })
    expect(restarted).toMatchObject({ predecessor: known, origin: `${restarted.endedOrigin}/2` })
    await record(database, operations(2))
    await sealer.seal(database)
    expect(await inconsistentWith(database, memory.signed.slice(before))).toEqual([])
    const verdict = await verifyLogs(database, { memory })
    expect(verdict).toMatchObject({
      outcome: 'verified',
      logs: [
        { origin: restarted.endedOrigin, endedAt: expect.any(String) as string },
        { origin: restarted.origin, endedAt: null },
      ],
    })
    const { items } = await createTrail(database).listEvents({ eventType: 'TRAIL_LOG_RESTARTED' })
    expect(items).toMatchObject([
      { actorId: 'olga', reason: 'restored from Monday', details: { predecessor: known } },
    ])
    await database.query(`alter table audit_event disable trigger trg_refuse_change`)
    await database.query(`update log_trees set fence = fence + 1 where ended_at is null`)
    await database.query(`alter table log_trees disable trigger all`)
    await database.query(`update log_trees set predecessor = replace(predecessor, 'a', 'b') where log_id = 2`)
    expect(await verifyLogs(database, { memory })).toMatchObject({
      outcome: 'defect',
      origin: restarted.endedOrigin,
    })
  })
})

it('a log that is begun anew has a name that no other has or had, also of those that a second restore undid', async () => {
  const database = await openTestDatabase('postgres')
  const memory = memoryForTest()
  const sealer = sealing({ memory })
  await record(database, operations(2))
  const { origin } = await sealer.seal(database)
  memory.kept.set(`${origin}/2`, 'the last checkpoint of the log that the second restore undid')
  const again = { ...sealer, actor, reason: 'restored from Monday, for the second time' }
  expect((await restartLog(database, again)).origin).toBe(`${origin}/3`)
  expect((await restartLog(database, again)).origin).toBe(`${origin}/4`)
})

/** A database as it was before its last checkpoint: on the server restored from a copy, embedded cut back by hand. */
async function setBack(open: () => Promise<Database>, kind: 'embedded' | 'postgres') {
  const memory = watchingMemory()
  const sealer = sealing({ memory })
  if (kind === 'embedded') {
    const database = await open()
    await record(database, operations(5))
    const old = await sealer.seal(database)
    await record(database, operations(5))
    const { checkpoint } = await sealer.seal(database)
    for (const table of ['audit_event', 'log_entries', 'log_trees', 'log_checkpoints'])
      await database.query(`alter table ${table} disable trigger user`)
    await database.query('delete from log_entries where log_index >= $1', [old.size])
    await database.query('delete from audit_event where id not in (select event_id from log_entries)')
    const edge = await edgeOf(database, old.size)
    await database.query(
      `update log_trees set tree_size = $1, checkpoint_size = $1, checkpoint = $2, partial_tiles = $3::text::jsonb`,
      [old.size, old.checkpoint, edge],
    )
    for (const table of ['audit_event', 'log_entries', 'log_trees', 'log_checkpoints'])
      await database.query(`alter table ${table} enable trigger user`)
    return { database, memory, sealer, known: checkpoint }
  }
  const url = await createMigratedDatabase()
  const first = await openDatabase({ url })
  await record(first, operations(5))
  await sealer.seal(first)
  await first.close()
  const copy = await copyOf(url)
  const second = await openDatabase({ url })
  await record(second, operations(5))
  const { checkpoint } = await sealer.seal(second)
  await second.close()
  const database = await openDatabase({ url: copy })
  releaseAfterTest(() => database.close())
  return { database, memory, sealer, known: checkpoint }
}

/** The leaf hashes of a log of fewer leaves, as its row has them. */
async function edgeOf(database: Database, size: number): Promise<string> {
  const { rows } = await database.query<{ tile: string }>(`select partial_tiles ->> 0 as tile from log_trees`)
  return JSON.stringify([
    Buffer.from(rows[0]!.tile, 'base64')
      .subarray(0, 32 * size)
      .toString('base64'),
  ])
}

async function copyOf(url: string): Promise<string> {
  const copy = new URL(url)
  copy.pathname = `${copy.pathname}_copy`
  const server = new URL(url)
  server.pathname = '/postgres'
  const client = new pg.Client({ connectionString: server.href })
  await client.connect()
  await client.query(`create database ${copy.pathname.slice(1)} template ${new URL(url).pathname.slice(1)}`)
  await client.end()
  releaseAfterTest(async () => {
    const again = new pg.Client({ connectionString: server.href })
    await again.connect()
    await again.query(`drop database if exists ${copy.pathname.slice(1)} with (force)`)
    await again.end()
  })
  return copy.href
}

describe('a sealer whose owner throws at what it is told', () => {
  it('goes on sealing', async () => {
    const database = await openTestDatabase('postgres')
    const memory = watchingMemory()
    await record(database, operations(3))
    const faulty = faultyDatabase(database)
    faulty.fail({ at: 'statement', number: 1 })
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    const told: string[] = []
    const tell = (what: string) => (): never => {
      told.push(what)
      throw new Error('whoever is told is in trouble')
    }
    const hearing = { onTrouble: tell('trouble'), onCheckpoint: tell('checkpoint') }
    await using sealer = new Sealer(faulty, { ...sealing({ memory }), pollIntervalMs: 5, ...hearing })
    await vi.waitFor(() => expect(told).toEqual(['trouble', 'checkpoint']), { timeout: 20_000 })
    await vi.waitFor(() => expect(sealer.state).toBe('sealing'))
    expect(sealer.trouble).toBeNull()
    expect(said).toHaveBeenCalledTimes(2)
    await sealer.close()
    await expectWhole(database, memory)
  })
})

describe('sealers of one database', () => {
  it('give each event one index, however many they are and however late it commits', async () => {
    const database = await openTestDatabase('postgres')
    const memory = watchingMemory()
    const options = { ...sealing({ memory }), pollIntervalMs: 5, batchSize: 20 }
    const troubles: unknown[] = []
    const sealers = Array.from(
      { length: 4 },
      () => new Sealer(database, { ...options, onTrouble: ({ error }) => troubles.push(error) }),
    )
    let release = (): void => undefined
    const late = database.transaction(async (tx) => {
      await tx(
        `insert into audit_event (event_type, entity_type, message) values ('OPERATION', 'OPERATION', 'late')`,
      )
      await new Promise<void>((resolve) => (release = resolve))
    })
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let round = 0; round < 10; round++) await record(database, operations(5))
      }),
    )
    const sealedNow = await sealing(options).seal(database)
    expect(sealedNow.size).toBeGreaterThanOrEqual(400)
    release()
    await late
    for (const sealer of sealers) await sealer.close()
    expect(sealers.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed', 'closed'])
    await sealing(options).seal(database)
    await expectWhole(database, memory)
    expect(troubles).toEqual([])
  })

  it('publish nothing when they were stopped while they signed, and another went on', async () => {
    const database = await openTestDatabase('postgres')
    const memory = watchingMemory()
    const other = sealing({ memory })
    await record(database, operations(3))
    let isFirst = true
    const stopped = {
      ...memory,
      write: async (origin: string, checkpoint: string) => {
        await memory.write(origin, checkpoint, async () => [])
        if (!isFirst) return checkpoint
        isFirst = false
        await database.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and state like 'idle in transaction%'`,
        )
        await record(database, operations(3))
        await other.seal(database)
        return checkpoint
      },
    }
    await expect(sealing({ ...other, memory: stopped }).seal(database)).rejects.toThrow(
      /terminat|connection/i,
    )
    await other.seal(database)
    await expectWhole(database, memory)
  })

  it('seal alike what triggers, COPY, other SQL and odd values have written', async () => {
    const database = await openTestDatabase('postgres')
    const memory = watchingMemory()
    await database.query(`
      insert into audit_event (event_type, entity_type, details, duration_ms) values
      ('OPERATION', 'OPERATION', '{"n": 12345678901234567890.10, "m": 1e400}', 9223372036854775807),
      ('OPERATION', 'OPERATION', ('{"deep": ' || repeat('[', 1200) || repeat(']', 1200) || '}')::jsonb, 0),
      ('OPERATION', 'OPERATION', '{"text": "\\u007f\\u0001\\u20ac 😀 \\"quoted\\""}', null)`)
    await record(database, operations(2))
    await sealing({ memory }).seal(database)
    await expectWhole(database, memory)
    for (const details of [
      `jsonb_set(details, '{n}', '12345678901234567891.10')`,
      `jsonb_set(details, '{m}', '2e400')`,
    ]) {
      const undone = new Error('undone')
      const attempt = database.transaction(async (tx) => {
        await tx('alter table audit_event disable trigger all')
        await tx(`update audit_event set details = ${details} where details ? 'n'`)
        const inside = {
          ...database,
          query: tx,
          transaction: (work: (one: typeof tx) => unknown) => work(tx),
        }
        expect(await verifyLogs(inside as unknown as Database, { memory })).toMatchObject({
          outcome: 'defect',
        })
        throw undone
      })
      await expect(attempt).rejects.toBe(undone)
    }
  })
})
