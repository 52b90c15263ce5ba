import { type Database, insertEvents, placeHold, runRetention } from '@steptrail/core'
import { openTestDatabase, simulateHistory, writeHistory } from '@steptrail/testkit'
import { commitmentsOf, entryOf, parseCheckpoint, parseTlogProof, verifyInclusion } from '@steptrail/verify'
import { beforeAll, describe, expect, it } from 'vitest'
import { operations, record, sealing } from '../../test/logs.ts'
import { tamper } from '../../test/tampering.ts'
import { nodeSha256, nodeTreeHash } from '../key/node-sha256.ts'
import { leafColumns, type LeafRow, recordOf } from '../read/leaf-row.ts'
import { proveInclusion } from '../read/read-log.ts'
import { requireSealed } from '../seal/require-sealed.ts'
import { verifyLogs } from './verify-log.ts'

const by = { type: 'user', id: 'olga' } as const
const untilMs = Date.UTC(2026, 2, 20)

/** Rolls back whatever a test does to the database. */
class Undone extends Error {}

describe('a log of which retention has pruned entries', () => {
  const sealer = sealing({ batchSize: 200 })
  let database: Database
  let droppedCount = 0
  let origin = ''
  let heldEvents: readonly { readonly id: string; readonly index: number }[] = []
  let firstGone = ''

  const run = () => runRetention(database, { by, archive: null, ensureSealed: requireSealed(database) })

  const verify = (of: Database = database) =>
    verifyLogs(of, { keys: [sealer.key.verifierKey(origin)], memory: sealer.memory, batchSize: 100 })

  /** Whether the leaf made from what is stored of an event has a proof in the signed tree. */
  async function isProven(id: string): Promise<boolean> {
    const { rows } = await database.query<LeafRow>(`select ${leafColumns} from audit_event where id = $1`, [
      id,
    ])
    const proof = parseTlogProof((await proveInclusion(database, id)).proof)
    const tree = parseCheckpoint(proof?.checkpoint ?? '')?.checkpoint
    if (!rows[0] || !proof || !tree) return false
    const leafHash = nodeTreeHash.leaf(entryOf(commitmentsOf(recordOf(rows[0]), nodeSha256)))
    return verifyInclusion({ ...tree, index: proof.index, leafHash, proof: proof.hashes }, nodeTreeHash)
  }

  /** What verifying says of what the statements make of the database, which is afterwards as it was. */
  async function verdictOn(statements: Parameters<typeof tamper>[1]): Promise<unknown> {
    let verdict: unknown
    const attempt = database.transaction(async (tx) => {
      const inside = { ...database, query: tx, transaction: (work) => work(tx) } as Database
      await tamper(inside, statements)
      verdict = await verify(inside)
      throw new Undone()
    })
    await expect(attempt).rejects.toThrow(Undone)
    return verdict
  }

  beforeAll(async () => {
    database = await openTestDatabase('postgres')
    const fromMs = untilMs - 40 * 86_400_000
    await writeHistory(database, simulateHistory({ seed: 11, executions: 40, fromMs, untilMs }))
    await placeHold(database, { workflow: 'nightly-report' }, { actor: by, reason: 'the audit of spring' })
    await record(database, operations(10))
    ;({ origin } = await sealer.seal(database))
    const { rows } = await database.query<{ id: string }>('select id from audit_event order by id limit 1')
    firstGone = rows[0]?.id ?? ''
  })

  it('lets go of nothing while something of that time is not sealed', async () => {
    const { rows } = await database.query<{ count: number }>('select count(*) from audit_event')
    const late = {
      id: '019bb000-0000-7000-8000-000000000001',
      timestamp: new Date(0x019b_b000_0000).toISOString(),
    }
    await database.transaction((tx) =>
      insertEvents(
        (text, values) => tx(text, values),
        [{ ...late, eventType: 'OPERATION', entityType: 'OPERATION' }],
      ),
    )
    await expect(run()).rejects.toMatchObject({ code: 'event_not_sealed', details: { eventId: late.id } })
    const after = await database.query<{ count: number }>(
      `select count(*) from audit_event where event_type <> 'TRAIL_RETENTION_ENDED'`,
    )
    expect(after.rows[0]?.count).toBe((rows[0]?.count ?? 0) + 1)
    await sealer.seal(database)
  })

  it('verifies, says from which entry on it is whole, and proves every event that remains', async () => {
    const { months, executionCount } = await run()
    expect(executionCount).toBeGreaterThan(5)
    droppedCount = months
      .filter(({ table }) => table === 'audit_event')
      .reduce((sum, { dropCount }) => sum + dropCount, 0)
    await sealer.seal(database)
    const kept = await database.query<{ id: string; index: number }>(
      `select event.id, entry.log_index as index
      from audit_event as event
      join log_entries as entry on entry.event_id = event.id
      where event.workflow_name = 'nightly-report'
      order by entry.log_index`,
    )
    heldEvents = kept.rows
    expect(heldEvents.length).toBeGreaterThan(20)
    const verdict = await verify()
    const gone = await database.query<{ index: number }>(
      `select max(log_index) + 1 as index
      from log_entries as entry
      where not exists (select from audit_event as event where event.id = entry.event_id)`,
    )
    expect(verdict).toMatchObject({
      outcome: 'verified',
      logs: [{ dropped: droppedCount, wholeFrom: gone.rows[0]?.index }],
    })
    for (const { id } of heldEvents) expect(await isProven(id), id).toBe(true)
    await expect(proveInclusion(database, firstGone)).resolves.toMatchObject({ index: 0 })
  })

  it('misses an event that is gone beside those that retention let go of', async () => {
    const { id, index } = heldEvents[3]!
    expect(await verdictOn([['delete from audit_event where id = $1', [id]]])).toMatchObject({
      outcome: 'defect',
      defect: { kind: 'event_missing', index, eventId: id },
    })
  })

  it('does not believe ranges that no sealed event attests', async () => {
    const { id, index } = heldEvents[3]!
    const widened = `update log_pruned_ranges set to_index = $1 where to_index = (
      select max(to_index) from log_pruned_ranges where to_index < $1
    )`
    expect(
      await verdictOn([
        [widened, [index]],
        ['delete from audit_event where id = $1', [id]],
      ]),
    ).toMatchObject({ outcome: 'defect', defect: { kind: 'event_missing' } })
    expect(await verdictOn([['delete from log_pruned_ranges', []]])).toMatchObject({
      outcome: 'defect',
      defect: { kind: 'event_missing', eventId: firstGone },
    })
  })
})
