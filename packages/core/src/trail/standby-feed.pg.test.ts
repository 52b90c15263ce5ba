import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { openTestDatabase, releaseAfterTest, startPostgres } from '@steptrail/testkit'
import { newExecution } from '../../test/executions.ts'
import { followUntil, recordLast, sequencesIn } from '../../test/following.ts'
import { operation, record } from '../../test/recording.ts'
import type { Database, Query } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrate/migrate.ts'
import { feedCursor } from './follow.ts'
import { recordIn } from './record-in.ts'
import { orderedEnd } from './standby-feed.ts'

describe('the end of a standby’s set', () => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase('embedded')
  })

  /** An end, by the definition: the largest at or before `xmin` that parts no execution. */
  function expectedEnd(sequences: readonly (readonly number[])[], from: number, xmin: number): number {
    let end = xmin
    const partedAt = (): number | undefined =>
      sequences
        .flatMap((txs) =>
          txs.filter((tx, seq) => tx < end && tx >= from && txs.slice(0, seq).some((e) => e >= end)),
        )
        .toSorted((a, b) => a - b)[0]
    for (let first = partedAt(); first !== undefined; first = partedAt()) end = first
    return end
  }

  it('parts no execution between what is in the set and what is not', async () => {
    const transactions = fc.array(fc.array(fc.integer({ min: 590, max: 610 }), { maxLength: 5 }), {
      maxLength: 5,
    })
    const bounds = fc.tuple(fc.integer({ min: 585, max: 600 }), fc.integer({ min: 0, max: 15 }))
    await fc.assert(
      fc.asyncProperty(transactions, bounds, async (sequences, [from, more]) => {
        const xmin = from + more
        const undone = database.transaction(async (tx) => {
          await insert(tx, sequences)
          const head = { generation: 'x', snapshot: `${xmin}:${xmin}:`, isStandby: true }
          const position = { generation: 'x', from: `${from}:${from}:`, to: null, after: null }
          const end = expectedEnd(sequences, from, xmin)
          expect(await orderedEnd(tx, head, position)).toBe(`${end}:${end}:`)
          throw new Error('undo it')
        })
        await expect(undone).rejects.toThrow('undo it')
      }),
      { numRuns: 60 },
    )
  })

  /**
   * For each execution the transactions of its events, in the order of their numbers: of the past, since none is later than
   * that which writes the row.
   */
  async function insert(tx: Query, sequences: readonly (readonly number[])[]): Promise<void> {
    const rows = sequences.flatMap((txs, execution) =>
      txs.map((written, index) => ({
        execution_id: String(execution),
        execution_seq: index + 1,
        tx: written,
      })),
    )
    await tx(
      `insert into audit_event (event_type, entity_type, execution_id, execution_seq, tx)
       select 'OPERATION', 'OPERATION', execution_id, execution_seq, tx
       from json_to_recordset($1::text::json) as event(execution_id text, execution_seq bigint, tx bigint)`,
      [JSON.stringify(rows)],
    )
  }

  it('waits with a cursor from elsewhere rather than part an execution', async () => {
    const undone = database.transaction(async (tx) => {
      await insert(tx, [[605, 595]])
      const head = { generation: 'x', snapshot: '601:601:', isStandby: true }
      const position = { generation: 'x', from: '595:600:595', to: null, after: null }
      expect(await orderedEnd(tx, head, position)).toBe(position.from)
      throw new Error('undo it')
    })
    await expect(undone).rejects.toThrow('undo it')
  })

  it('does not wait for transactions of another database, which came with a dump', async () => {
    const undone = database.transaction(async (tx) => {
      const { rows } = await tx<{ now: number }>('select pg_current_xact_id()::text::bigint as now')
      const now = rows[0]?.now ?? 0
      await insert(tx, [[now + 1_000_000, now - 1]])
      const head = { generation: 'x', snapshot: `${now}:${now}:`, isStandby: true }
      const position = { generation: 'x', from: `${now - 2}:${now - 2}:`, to: null, after: null }
      expect(await orderedEnd(tx, head, position)).toBe(`${now}:${now}:`)
      throw new Error('undo it')
    })
    await expect(undone).rejects.toThrow('undo it')
  })
})

describe('follow on a standby', () => {
  it('gives every event once and in sequence, and goes on from a cursor of the primary and back', async () => {
    const server = await startPostgres()
    releaseAfterTest(() => server.stop())
    const setUp = await openDatabase({ url: server.url() })
    await migrate(setUp)
    await setUp.close()
    const standby = await server.startStandby()
    releaseAfterTest(() => standby.stop())
    const primary = await openDatabase({ url: server.url(), maxConnections: 20 })
    const replica = await openDatabase({ url: standby.url() })
    releaseAfterTest(async () => void (await Promise.all([primary.close(), replica.close()])))

    const executionId = await newExecution(primary)
    const event = operation({ executionId })
    const from = await feedCursor(primary, 'now')
    const release = Promise.withResolvers<void>()
    const open = Promise.withResolvers<void>()
    // Begins to write before others, and records after them in the same execution.
    const late = primary.transaction(async (tx) => {
      await tx('select pg_current_xact_id()')
      open.resolve()
      await release.promise
      await recordIn(tx, [event])
    })
    await open.promise
    const write = async (): Promise<void> => {
      for (let round = 0; round < 5; round++) await record(primary, [event, operation()])
    }
    await Promise.all(Array.from({ length: 5 }, write))
    const before = await followUntil(primary, { from }, (_, all) => all.length === 50)
    release.resolve()
    await late
    const isLast = await recordLast(primary)

    const { events } = await followUntil(replica, { from, batchSize: 7 }, isLast)
    expect(sequencesIn(events).get(executionId)).toEqual(Array.from({ length: 26 }, (_, index) => index + 1))
    expect(new Set(events.map(({ id }) => id)).size).toBe(52)
    const after = await followUntil(replica, { from: before.cursor }, isLast)
    expect(after.events).toHaveLength(2)
    await record(primary, [event])
    const back = await followUntil(primary, { from: after.cursor }, () => true)
    expect(back.events.map(({ executionSeq }) => executionSeq)).toEqual([27])
  })
})
