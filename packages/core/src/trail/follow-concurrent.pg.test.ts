import { randomUUID } from 'node:crypto'
import { type PostgresServer, startPostgres } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newExecution } from '../../test/executions.ts'
import { everything, followUntil, recordLast, sequencesIn } from '../../test/following.ts'
import { operation, record } from '../../test/recording.ts'
import type { Database, Query } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrate/migrate.ts'
import { feedCursor, type FeedTrouble } from './follow.ts'
import { recordIn } from './record-in.ts'

type LastTest = Awaited<ReturnType<typeof recordLast>>

/** Counts what has been committed, and lets others wait until it is so many. */
class Progress {
  readonly #waiting = new Set<{ readonly count: number; readonly resolve: () => void }>()
  #count = 0

  advance(): void {
    this.#count += 1
    for (const each of this.#waiting) if (each.count <= this.#count) each.resolve()
  }

  /** Resolves when `more` have been committed after now, or `atMost` in all. */
  async after(more: number, atMost: number): Promise<void> {
    const count = Math.min(this.#count + more, atMost)
    if (this.#count >= count) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add({ count, resolve })
    await promise
  }
}

const numbersUpTo = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1)

describe('follow on PostgreSQL', () => {
  let server: PostgresServer
  let writers: Database
  let followers: Database
  let executionIds: readonly string[]
  const event = (index: number, more = {}) =>
    operation({ executionId: executionIds[index % executionIds.length] ?? '', ...more })

  beforeAll(async () => {
    server = await startPostgres()
    writers = await openDatabase({ url: server.url(), maxConnections: 60 })
    followers = await openDatabase({ url: server.url(), program: 'follower' })
    await migrate(writers)
    executionIds = await Promise.all(Array.from({ length: 8 }, () => newExecution(writers)))
  })

  afterAll(async () => {
    await followers.close()
    await writers.close()
    await server.stop()
  })

  const idsOnRecord = async (): Promise<ReadonlySet<string>> =>
    new Set((await everything(writers)).map(({ id }) => id))

  /** Whether these are the events that are on record now and were not before, each once. */
  async function expectAllSince(
    before: ReadonlySet<string>,
    events: readonly { readonly id: string }[],
  ): Promise<void> {
    const stored = [...(await idsOnRecord())].filter((id) => !before.has(id))
    expect(events.map(({ id }) => id).toSorted()).toEqual(stored.toSorted())
  }

  it('gives 50 writers’ events exactly once and in sequence, however they commit', async () => {
    const before = await idsOnRecord()
    const from = await feedCursor(followers, 'now')
    const progress = new Progress()
    const fast = 25
    const rounds = 6
    const wait = (): Promise<void> => progress.after(12, fast * rounds)

    const fastRounds: readonly ((tx: Query, index: number) => Promise<void>)[] = [
      async (tx, index) => void (await recordIn(tx, [event(index)])),
      async (tx, index) =>
        void (await recordIn(tx, [event(index), event(index + 1), operation(), event(index)])),
      async (tx, index) => {
        await recordIn(tx, [event(index)])
        await tx('savepoint one')
        await recordIn(tx, [event(index), event(index)])
        await tx('rollback to savepoint one')
        await recordIn(tx, [event(index)])
      },
    ]
    const runFast = async (_: unknown, writer: number): Promise<void> => {
      for (let round = 0; round < rounds; round++) {
        const work = fastRounds[(writer + round) % fastRounds.length]
        await writers.transaction(async (tx) => work?.(tx, writer + round))
        const undone = writers.transaction(async (tx) => {
          await recordIn(tx, [event(writer)])
          throw new Error('rolled back')
        })
        await expect(undone).rejects.toThrow('rolled back')
        progress.advance()
      }
    }
    const runSlow = async (_: unknown, writer: number): Promise<void> => {
      const executionId = await newExecution(writers)
      const own = operation({ executionId })
      // Commits late what it recorded early.
      await writers.transaction(async (tx) => {
        await recordIn(tx, [own, operation()])
        await wait()
        await recordIn(tx, [own])
      })
      // Has an early transaction id, and records in an execution that others went on with meanwhile.
      await writers.transaction(async (tx) => {
        await tx('select pg_current_xact_id()')
        await wait()
        await recordIn(tx, [event(writer)])
      })
      if (writer % 3 === 0) await prepareAndCommitLater(own)
    }
    const prepareAndCommitLater = async (own: Parameters<typeof operation>[0]): Promise<void> => {
      const client = await writers.pool.connect()
      const name = randomUUID()
      await client.query('begin')
      await recordIn((text, values) => client.query(text, values), [operation(own)])
      await client.query(`prepare transaction '${name}'`)
      client.release()
      await wait()
      await writers.query(`commit prepared '${name}'`)
    }

    const done = Promise.all([
      ...Array.from({ length: fast }, runFast),
      ...Array.from({ length: 25 }, runSlow),
    ]).then(() => recordLast(writers))
    let isLast: LastTest = () => false
    void done.then((test) => (isLast = test))

    const straight = followUntil(followers, { from, batchSize: 7, pollIntervalMs: 1 }, (batch) =>
      isLast(batch),
    )
    const resumed = async () => {
      const events: (typeof all.events)[number][] = []
      for (let cursor = from, stop = 1; ; stop = (stop % 4) + 1) {
        let left = stop
        const options = { from: cursor, batchSize: stop * 3, pollIntervalMs: 1 }
        const piece = await followUntil(followers, options, (batch) => isLast(batch) || --left === 0)
        // Every third time it dies before it has stored what it got.
        if (stop === 3 && !isLast(piece.events)) continue
        events.push(...piece.events)
        if (isLast(piece.events)) return events
        cursor = piece.cursor
      }
    }
    const pieces = resumed()
    await done
    const all = await straight

    for (const events of [all.events, await pieces]) {
      await expectAllSince(before, events)
      for (const [executionId, sequence] of sequencesIn(events)) {
        const { rows } = await writers.query<{ last: number }>(
          'select next_seq - 1 as last from workflow_executions where execution_id = $1',
          [executionId],
        )
        expect(sequence).toEqual(numbersUpTo(rows[0]?.last ?? -1))
      }
    }
    expect(sequencesIn(all.events).size).toBe(8 + 25)
  })

  it('does not wait for transactions that have nothing to do with it', async () => {
    const from = await feedCursor(followers, 'now')
    const foreign = await writers.pool.connect()
    await foreign.query('begin')
    await foreign.query('create table foreign_work (id int)')
    await foreign.query('insert into foreign_work values (1)')
    const write = async (_: unknown, index: number): Promise<void> => {
      for (let round = 0; round < 10; round++) await record(writers, [event(index)])
    }
    await Promise.all(Array.from({ length: 10 }, write))
    const { events } = await followUntil(followers, { from }, await recordLast(writers))
    expect(events).toHaveLength(101)
    const { rows } = await foreign.query(
      'select pg_current_xact_id_if_assigned()::text as tx, count(*) from foreign_work',
    )
    expect(rows).toMatchObject([{ tx: expect.stringMatching(/^\d+$/) as string, count: 1 }])
    await foreign.query('rollback')
    foreign.release()
  })

  it('counts transaction ids as numbers while one gains a digit and another stays open', async () => {
    const { rows } = await writers.query<{ next: string }>(
      'select pg_snapshot_xmax(pg_current_snapshot())::text as next',
    )
    const border = 10n ** BigInt(rows[0]?.next.length ?? 0)
    await writers.query(
      `do $$ begin
         while pg_snapshot_xmax(pg_current_snapshot())::text::bigint < ${border - 6n} loop
           perform pg_current_xact_id(); commit;
         end loop;
       end $$`,
    )
    const before = await idsOnRecord()
    const from = await feedCursor(followers, 'now')
    const executionId = await newExecution(writers)
    const { promise: noted, resolve: note } = Promise.withResolvers<void>()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const early = writers.transaction(async (tx) => {
      await recordIn(tx, [operation({ message: 'early' })])
      note()
      await released
    })
    await noted
    let cursor = from
    const events: { readonly id: string; readonly message: string | null }[] = []
    for (const number of numbersUpTo(12)) {
      await record(writers, [operation({ executionId })])
      if (number === 9) {
        release()
        await early
      }
      const isLate = number === 9
      const piece = await followUntil(
        followers,
        { from: cursor },
        (_, all) => all.length === (isLate ? 2 : 1),
      )
      events.push(...piece.events)
      cursor = piece.cursor
    }
    expect(events.findIndex(({ message }) => message === 'early')).toBeGreaterThanOrEqual(8)
    await expectAllSince(before, events)
    const { rows: written } = await writers.query<{ lengths: number }>(
      `select count(distinct length(tx::text)) as lengths from audit_event
       where execution_id = $1 or message = 'early'`,
      [executionId],
    )
    expect(written[0]?.lengths).toBe(2)
  })

  it('goes on without loss or repetition when its connections are cut and the server crashes', async () => {
    const before = await idsOnRecord()
    const from = await feedCursor(followers, 'now')
    const troubles: FeedTrouble[] = []
    const executionId = await newExecution(writers)
    let isLast: LastTest = () => false
    let { promise: seen, resolve: see } = Promise.withResolvers<void>()
    const feed = followUntil(
      followers,
      { from, batchSize: 2, pollIntervalMs: 1, onTrouble: (trouble) => void troubles.push(trouble) },
      (batch) => (see(), isLast(batch)),
    )
    const writeAndAwait = async (): Promise<void> => {
      ;({ promise: seen, resolve: see } = Promise.withResolvers<void>())
      await record(writers, [
        operation({ executionId }),
        operation({ executionId }),
        operation({ executionId }),
      ])
      await seen
    }
    for (let round = 0; round < 5; round++) {
      await writers.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'steptrail follower'`,
      )
      await writeAndAwait()
    }
    await server.kill()
    await server.start()
    await writeAndAwait()
    isLast = await recordLast(writers)
    const { events } = await feed
    await expectAllSince(before, events)
    expect(sequencesIn(events).get(executionId)).toEqual(numbersUpTo(18))
    expect(troubles.length).toBeGreaterThan(0)
    expect(troubles[0]).toMatchObject({ attempt: 1, retryInMs: 100 })
  })
})
