import { createEventCatalogue, defaultRedaction, prepareRow, systemClock, uuidV7 } from '@steptrail/event'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { BinaryCells } from '../database/binary-cells.ts'
import { BinaryRow } from '../database/binary-row.ts'
import type { CopiedRow } from './copied-row.ts'
import { CopiedRows } from './copied-rows.ts'
import { copiedColumns, writeCopy } from './event-cells.ts'

const environment = {
  clock: systemClock,
  catalogue: createEventCatalogue(),
  redaction: defaultRedaction,
}
const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0') && each.isWellFormed())
const name = text.filter((each) => each.length > 0)
const inputs = fc.record(
  {
    eventType: fc.constant('OPERATION'),
    action: name,
    timestamp: fc
      .date({ min: new Date(0), max: new Date(), noInvalidDate: true })
      .map((at) => at.toISOString()),
    message: text,
    reason: text,
    resourceId: name,
    correlationId: name,
    durationMs: fc.maxSafeNat(),
    traceId: fc.constantFrom('0af7651916cd43dd8448eb211c80319c'),
    parentEventId: fc.constant(uuidV7(0)),
    details: fc.dictionary(name, fc.oneof(text, fc.maxSafeInteger(), fc.constant(null), fc.array(text))),
  },
  { requiredKeys: ['eventType', 'action'] },
)
const recorders = fc.option(fc.record({ id: fc.constant(uuidV7(1)), seq: fc.integer({ min: 1 }) }))

it('what is a row of COPY still says all that the event did', () => {
  const rows = new CopiedRows()
  fc.assert(
    fc.property(inputs, recorders, (input, recorder) => {
      const event = prepareRow(input, environment, { recorder: recorder ?? undefined })
      const copied = rows.add(event) as CopiedRow
      expect(copied.cells()).toEqual(event.cells())
      const { id, timestampMs } = event
      expect({ id: copied.id, timestampMs: copied.timestampMs }).toEqual({ id, timestampMs })
      expect(JSON.parse(copied.json)).toEqual(JSON.parse(event.json))
    }),
    { numRuns: 500 },
  )
})

it('rows are copied as they came, each with a salt of its own, however many lie together', async () => {
  const rows = new CopiedRows()
  const batch = Array.from({ length: 2_000 }, (_, index) =>
    rows.add(prepareRow({ eventType: 'OPERATION', action: `act_${index}` }, environment, {})),
  )
  const cells = new BinaryCells(1_024)
  await writeCopy(batch, cells)
  const salts = new Set<string | null>()
  const actions: (string | null)[] = []
  const row = new BinaryRow()
  for (let at = signatureBytes; at > 0;) {
    at = row.become(cells.bytes, at)
    if (at < 0) break
    salts.add(row.uuid(copiedColumns.indexOf('salt')))
    actions.push(row.text(copiedColumns.indexOf('action')))
  }
  expect(actions).toEqual(batch.map((_, index) => `act_${index}`))
  expect(salts.size).toBe(batch.length)
})

const signatureBytes = 19

it('a row that some column does not take leaves those around it as they are', () => {
  const rows = new CopiedRows()
  const event = prepareRow({ eventType: 'OPERATION', action: 'good' }, environment, {})
  const bad = prepareRow({ eventType: 'OPERATION', action: 'bad' }, environment, {
    recorder: { id: 'no id', seq: 1 },
  })
  const before = rows.add(event) as CopiedRow
  expect(() => rows.add(bad)).toThrow(expect.objectContaining({ code: 'batch_refused' }))
  const after = rows.add(event) as CopiedRow
  expect([before.cells(), after.cells()]).toEqual([event.cells(), event.cells()])
})
