import {
  canonicalJson,
  commitmentsOf,
  entryOf,
  type SealedRecord,
  sha256,
  storedDetails,
  treeHash,
} from '@steptrail/verify'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { describeOnBoth } from '@steptrail/testkit'
import { leafColumns, type StoredRow, storedRecordOf } from '../read/leaf-row.ts'
import { LeafHasher } from './leaf-hasher.ts'
import { leafValues } from './leaf-members.ts'
import { PlainDetails } from './plain-details.ts'

/** The same by the code that browsers run, from objects. */
const slowly = (record: SealedRecord): string =>
  Buffer.from(treeHash(sha256).leaf(entryOf(commitmentsOf(record, sha256)))).toString('hex')

const text = fc
  .string({ unit: 'binary', maxLength: 40 })
  .filter((drawn) => drawn.isWellFormed() && !drawn.includes('\0'))
const name = text.filter((drawn) => drawn.length > 0)
const maybe = <T>(drawn: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(drawn, { freq: 3 })
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom('1e400', '0.1000', '123456789012345678', '-0', '1.50', '0.0000001', '-12.5e-3'),
)
const details = fc.letrec<{ readonly value: string; readonly object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    number.map(String),
    text.map((drawn) => JSON.stringify(drawn)),
    fc.constantFrom('true', 'false', 'null'),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => `[${values.join(', ')}]`),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(text, tie('value')), { maxLength: 6 })
    .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(', ')}}`),
})).object

const event = fc.record({
  step_id: maybe(fc.uuid()),
  duration_ms: maybe(
    fc.constantFrom('0', '17', '123456789012345', '9007199254740993', '9223372036854775807'),
  ),
  message: maybe(text),
  actor_id: maybe(name),
  reason: maybe(text),
  step_name: maybe(name),
  details: maybe(details),
})

describeOnBoth('the leaf that is made from bytes', (open) => {
  it('is that of the events as objects, whole and erased', async () => {
    const database = await open()
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 20, maxLength: 20 }), async (events) => {
        await database.query(insertEvents, [JSON.stringify(events)])
        const hasher = new LeafHasher()
        const { rows: texts } = await database.query<readonly string[]>({
          text: `select ${leafValues} from audit_event order by id`,
          take: (row) =>
            [hasher.leafHash(row), hasher.leafHash(row, 'a'.repeat(64))].map((one) => one.toString('hex')),
        })
        const { rows } = await database.query<StoredRow>(
          `select ${leafColumns}, null as body_hash from audit_event order by id`,
        )
        expect(texts).toEqual(
          rows.map((row) => [
            slowly(storedRecordOf(row)),
            slowly(storedRecordOf({ ...row, body_hash: 'a'.repeat(64) })),
          ]),
        )
      }),
      { numRuns: 10 },
    )
  })
})

const insertEvents = `
insert into audit_event (
  event_type, entity_type, step_id, duration_ms, message, actor_id, actor_type, reason, step_name, details
)
select 'OPERATION', 'OPERATION', step_id, duration_ms, message, actor_id, case when actor_id is not null then 'user' end,
       reason, step_name, details::jsonb
from json_to_recordset($1::text::json) as event(
  step_id uuid, duration_ms bigint, message text, actor_id text, reason text, step_name text, details text
)`

/** What is written of a text that lies among others; null where it is not plain. */
function plainly(json: string): string | null {
  const [before, from] = [Buffer.from('{"x": ['), Buffer.from(json)]
  const to = Buffer.alloc(from.length)
  const around = { from: Buffer.concat([before, from, Buffer.from(', "')]), start: before.length }
  const end = new PlainDetails().write({ ...around, end: before.length + from.length }, to, 0)
  return end < 0 ? null : to.toString('utf8', 0, end)
}

it.each([
  '{"b": 1, "aa": {"z": [1.50, -2, null], "y": {}}, "Z": "é"}',
  '{"a ": 1, "a!": 2, "a": 3, "aa": true, "A": [[], [{"c": 0.25, "b": "x, y}"}]]}',
  '{"b": {"d": {"f": 1, "e": 2}, "c": "\u2028"}, "aa": {"y": 1, "xx": {"w": []}}, "a": false}',
  '[]',
  '"text"',
  '{}',
])('puts plain details in order: %s', (one) => {
  expect(plainly(one)).toBe(canonicalJson(storedDetails(one)))
})

it.each([
  '{"\\n": 1}',
  '{"a": "\\""}',
  '{"é": 1, "a": 2}',
  '{"n": 12345678901234567890}',
  `{"deep": ${'['.repeat(40)}${']'.repeat(40)}}`,
  `{${Array.from({ length: 40 }, (_, key) => `"k${key}": ${key}`).join(', ')}}`,
])('leaves details that are not plain to be parsed: %s', (one) => {
  expect(plainly(one)).toBeNull()
})
