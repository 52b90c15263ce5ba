import { uuidV7 } from '@steptrail/event'
import { describeOnBoth } from '@steptrail/testkit'
import * as fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import type { Database } from '../database/database.ts'
import { readSet, wholeEvents } from './feed-set.ts'

/** Transactions on both sides of where their ids gain a digit. */
const firstTx = 990
const lastTx = 1010
const now = Date.parse('2025-11-04T10:00:00.000Z')

/** Events of each transaction, at times that have nothing to do with its id. */
const events = Array.from({ length: 120 }, (_, index) => {
  const ms = now + ((index * 37) % 60)
  return {
    id: uuidV7(ms),
    timestamp: new Date(ms).toISOString(),
    tx: firstTx + (index % (lastTx - firstTx + 1)),
    event_type: index % 3 === 0 ? 'OPERATION' : 'shop.order.shipped',
  }
})

/** Two snapshots, the second taken when more had ended. */
const snapshots = fc
  .record({
    from: fc.integer({ min: firstTx, max: lastTx + 2 }),
    to: fc.integer({ min: firstTx, max: lastTx + 2 }),
    running: fc.uniqueArray(fc.integer({ min: firstTx, max: lastTx + 1 }), { maxLength: 8 }),
    runningStill: fc.uniqueArray(fc.integer({ min: firstTx, max: lastTx + 1 }), { maxLength: 8 }),
  })
  .map(({ from, to, running, runningStill }) => {
    const [earlier, later] = [Math.min(from, to), Math.max(from, to)]
    const then = running.filter((tx) => tx < earlier)
    return [
      textOf(earlier, then),
      textOf(
        later,
        runningStill.filter((tx) => tx < later && (tx >= earlier || then.includes(tx))),
      ),
    ] as const
  })

function textOf(xmax: number, inProgress: readonly number[]): string {
  const sorted = inProgress.toSorted((a, b) => a - b)
  return `${sorted[0] ?? xmax}:${xmax}:${sorted.join(',')}`
}

describeOnBoth('the events between two snapshots', (open) => {
  let database: Database

  beforeAll(async () => {
    database = await open()
    await database.query(`select ensure_partition('audit_event', $1)`, [new Date(now).toISOString()])
    await database.query(
      `insert into audit_event (id, timestamp, tx, event_type, entity_type)
       select id, timestamp, tx, event_type, 'OPERATION'
       from json_to_recordset($1::text::json) as event(id uuid, timestamp timestamptz, tx bigint, event_type text)`,
      [JSON.stringify(events)],
    )
  })

  /** As PostgreSQL itself sees it. */
  async function visibleBetween(from: string, to: string, eventType: string | undefined): Promise<string[]> {
    const { rows } = await database.query<{ id: string }>(
      `select id from audit_event
       where pg_visible_in_snapshot(tx::text::xid8, $2::text::pg_snapshot)
         and not pg_visible_in_snapshot(tx::text::xid8, $1::text::pg_snapshot)
         and ($3::text is null or event_type = $3)
         and timestamp < '2025-12-01'
       order by id`,
      [from, to, eventType ?? null],
    )
    return rows.map((row) => row.id)
  }

  it.each([
    ['sorted', 1000],
    ['walked through', 0],
    ['walked through as long as the next ids are of it', 10],
  ])('are read page by page as PostgreSQL sees them, when the set is %s', async (_, smallSet) => {
    const filters = fc.record({ eventType: fc.constantFrom('OPERATION', 'shop.order.shipped', undefined) })
    await fc.assert(
      fc.asyncProperty(
        snapshots,
        filters,
        fc.integer({ min: 1, max: 50 }),
        async ([from, to], filter, batchSize) => {
          const ids: string[] = []
          for (
            let after: string | null = null, size = batchSize;
            size === batchSize && ids.length <= events.length;
            after = ids.at(-1) ?? null
          ) {
            const set = { from, to, after, filter }
            const page = await database.transaction((tx) =>
              readSet(tx, set, { batchSize, smallSet, projection: wholeEvents }),
            )
            ids.push(...page.map((event) => event.id))
            size = page.length
          }
          expect(ids).toEqual(await visibleBetween(from, to, filter.eventType))
        },
      ),
      { numRuns: 30 },
    )
  })
})
