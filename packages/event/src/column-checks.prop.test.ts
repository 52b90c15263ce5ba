import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnValues } from '../test/event-inputs.ts'
import { leastEvent } from '../test/events.ts'
import { holdsWhatItMay } from './column-checks.ts'
import {
  actorTypes,
  type AuditEvent,
  auditEventSchema,
  entityTypes,
  eventStatuses,
  severities,
} from './record.ts'

const text = fc.oneof(
  fc.string({ maxLength: 5 }),
  fc.constantFrom(
    '',
    'x'.repeat(255),
    'x'.repeat(256),
    'x'.repeat(1000),
    'x'.repeat(1001),
    'é'.repeat(10_000),
  ),
  fc.constantFrom(
    'x'.repeat(10_001),
    'a\u0000',
    '\ud83d',
    `${'y'.repeat(60)}\udc00`,
    `${'y'.repeat(60)}\u0000`,
    '😀',
  ),
  fc.constantFrom(
    '0'.repeat(32),
    'a'.repeat(32),
    '0'.repeat(16),
    'b'.repeat(16),
    'B'.repeat(16),
    'b'.repeat(17),
  ),
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.uuid().map((id) => `${id} `),
)
const instant = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('2025-02-29T00:00:00.000Z', '2024-02-29T23:59:59.999Z', '2025-11-04T24:00:00.000Z'),
  fc.constantFrom(
    '2025-11-04T10:00:00Z',
    '2025-11-04T10:00:60.000Z',
    '2025-13-01T00:00:00.000Z',
    '+012025-11-04T10:00:00.000Z',
  ),
)
const number = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    0.5,
    2_147_483_647,
    2_147_483_648,
    Number.MAX_SAFE_INTEGER,
    2 ** 53,
    Infinity,
    Number.NaN,
  ),
  fc.integer(),
)
const word = fc.constantFrom(
  ...entityTypes,
  ...eventStatuses,
  ...severities,
  ...actorTypes,
  'DO',
  'UNDO',
  'do',
)
const anything = fc.oneof(
  text,
  instant,
  number,
  word,
  fc.anything(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
)

test('the columns are accepted exactly when the schema accepts them', () => {
  const keys = Object.keys(auditEventSchema.shape) as (keyof AuditEvent)[]
  const change = fc.constantFrom(...keys).chain((key) => {
    const usual = (columnValues as Partial<Record<string, fc.Arbitrary<unknown>>>)[key] ?? anything
    return fc.oneof(anything, usual).map((value) => ({ [key]: value }))
  })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const event = { ...leastEvent, ...Object.assign({}, ...changes) }
      expect(holdsWhatItMay(event)).toBe(auditEventSchema.safeParse(event).success)
    }),
    { numRuns: 10_000 },
  )
})
