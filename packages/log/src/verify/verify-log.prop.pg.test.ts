import type { Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import * as fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { operations, record, sealing } from '../../test/logs.ts'
import { tamper } from '../../test/tampering.ts'
import { verifyLogs } from './verify-log.ts'

/** What was done to the database, and the defect that is to be named for it. */
interface Tampering {
  readonly statements: readonly string[]
  readonly defect: object
}

class Undone extends Error {}

const runs = Number(process.env['STEPTRAIL_PROPERTY_RUNS'] ?? 25)
const sealer = sealing({ batchSize: 200 })
let database: Database
let entries: readonly string[] = []
let origin = ''

beforeAll(async () => {
  database = await openTestDatabase('postgres')
  // Checkpoints of the past end amid a tile and at the end of one.
  for (const count of [255, 256, 100, 157]) {
    await record(database, operations(count))
    ;({ origin } = await sealer.seal(database))
  }
  const { rows } = await database.query<{ event_id: string }>(
    'select event_id from log_entries order by log_index',
  )
  entries = rows.map((row) => row.event_id)
}, 120_000)

const index = fc.nat(768)
const bit = fc.nat(256 * 256 - 1)
const text = (column: string) => (at: number) => flipped(at, `${column} = coalesce(${column}, '') || 'x'`)

const flipped = (at: number, change: string): Tampering => ({
  statements: [`update audit_event set ${change} where id = '${entries[at]}'`],
  defect: { kind: 'event_altered', index: at },
})

/** With id and entry made to fit: the id begins with the time. */
const dated = fc.tuple(index, fc.integer({ min: 1, max: 100_000 })).map(([at, earlierMs]) => {
  const id = String(entries[at])
  const time = Number.parseInt(id.replace('-', '').slice(0, 12), 16) - earlierMs
  const digits = time.toString(16).padStart(12, '0')
  const anew = `${digits.slice(0, 8)}-${digits.slice(8)}${id.slice(13)}`
  const stamp = `'${new Date(time).toISOString()}'`
  return {
    statements: [
      `select ensure_partition('audit_event', ${stamp})`,
      `update audit_event set id = '${anew}', "timestamp" = ${stamp} where id = '${id}'`,
      `update log_entries set event_id = '${anew}', event_timestamp = ${stamp} where log_index = ${at}`,
    ],
    defect: { kind: 'event_altered', index: at, eventId: anew },
  }
})

/** A second row of the same key, like the first or not; or one under another date, beside the log. */
const repeated = fc
  .tuple(
    index,
    fc.constantFrom(`message = message`, `message = 'x'`, `"timestamp" = "timestamp" - interval '1 ms'`),
  )
  .map(([at, change]) => ({
    statements: [
      'alter table audit_event drop constraint an_event_is_known_by_its_id',
      'alter table audit_event drop constraint id_begins_with_timestamp_in_milliseconds',
      'create temporary table again on commit drop as select * from audit_event',
      'alter table again drop column waited_ms, drop column total_duration_ms',
      `insert into audit_event select * from again where id = '${entries[at]}'`,
      `update audit_event set ${change} where ctid = (select max(ctid) from audit_event where id = '${entries[at]}')`,
      'drop table again',
    ],
    defect: change.startsWith('message')
      ? { kind: 'event_duplicated', index: at, eventId: entries[at] }
      : { kind: 'event_not_in_log', eventId: entries[at] },
  }))

const tamperings: fc.Arbitrary<Tampering> = fc.oneof(
  dated,
  repeated,
  ...['message', 'reason', 'action', 'resource_id', 'step_name', 'correlation_id'].map((column) =>
    index.map(text(column)),
  ),
  fc
    .tuple(index, fc.nat(127))
    .map(([at, place]) =>
      flipped(
        at,
        `salt = encode(set_bit(uuid_send(salt), ${place}, 1 - get_bit(uuid_send(salt), ${place})), 'hex')::uuid`,
      ),
    ),
  fc
    .tuple(index, fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'b', 'Z', '9') }))
    .map(([at, key]) => flipped(at, `details = coalesce(details, '{}') || '{"${key}": [0]}'`)),
  index.map((at) => ({
    statements: [`delete from audit_event where id = '${entries[at]}'`],
    defect: { kind: 'event_missing', index: at },
  })),
  index.map((at) => ({
    statements: [`delete from log_entries where log_index = ${at}`],
    defect: { kind: 'entry_missing', index: at },
  })),
  fc
    .uniqueArray(index, { minLength: 2, maxLength: 2 })
    .map((both) => both.toSorted((one, other) => one - other))
    .map(([one = 0, other = 0]) => ({
      statements: [
        `update log_entries set log_index = 100000 where log_index = ${one}`,
        `update log_entries set log_index = ${one} where log_index = ${other}`,
        `update log_entries set log_index = ${other} where log_index = 100000`,
      ],
      defect: { kind: 'entry_moved', index: one, sealedAt: other },
    })),
  fc.tuple(fc.nat(2), bit).map(([tile, place]) => ({
    statements: [
      `update log_tiles set hashes = set_bit(hashes, ${place}, 1 - get_bit(hashes, ${place})) where level = 0 and tile_index = ${tile}`,
    ],
    defect: { kind: 'tile_altered', level: 0, tileIndex: tile },
  })),
  fc.tuple(fc.nat(2), fc.integer({ min: 0, max: 8191 })).map(([tile, length]) => ({
    statements: [
      'alter table log_tiles drop constraint a_stored_tile_has_256_hashes',
      `update log_tiles set hashes = substring(hashes from 1 for ${length}) where level = 0 and tile_index = ${tile}`,
    ],
    defect: { kind: 'tile_missing', level: 0, tileIndex: tile },
  })),
  fc.tuple(fc.constantFrom('log_trees', 'log_checkpoints'), fc.nat(30)).map(([table, place]) => ({
    statements: [
      // Within the last line: the signature, past the name and the dash before it.
      `update ${table} set checkpoint = regexp_replace(checkpoint, '(.{${place}})[A-Za-z0-9+/](={0,2}\\n)$', '\\1\\2')`,
    ],
    defect: { kind: expect.stringMatching(/^(?:checkpoint_unreadable|signature_invalid|key_unknown)$/) },
  })),
)

it('names whatever was done to any row, tile or checkpoint', async () => {
  await fc.assert(
    fc.asyncProperty(tamperings, async ({ statements, defect }) => {
      const attempt = database.transaction(async (tx) => {
        const inside = { ...database, query: tx, transaction: (work) => work(tx) } as Database
        await tamper(inside, statements)
        const known = { keys: [sealer.key.verifierKey(origin)], memory: sealer.memory }
        expect(await verifyLogs(inside, known)).toMatchObject({ outcome: 'defect', defect })
        throw new Undone()
      })
      await expect(attempt).rejects.toThrow(Undone)
    }),
    { numRuns: runs },
  )
})
