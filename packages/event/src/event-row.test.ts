import { expect, test } from 'vitest'
import { leastEvent } from '../test/events.ts'
import { thrownBy } from '../test/thrown-by.ts'
import { eventColumns } from './event-columns.ts'
import { fromEventRow, toEventRow } from './event-row.ts'

test('a row has the columns of the table, in its order', () => {
  const row = toEventRow({ ...leastEvent, executionSeq: 7 })
  expect(Object.keys(row)).toEqual(eventColumns.map(({ column }) => column))
  expect(row).toMatchObject({ event_type: 'OPERATION', execution_seq: 7, service_name: null })
})

test('an event survives the way to a row and back, whatever else the row has', () => {
  const events = [leastEvent, { ...leastEvent, recordedAt: leastEvent.timestamp, details: { a: [1] } }]
  for (const event of events)
    expect(fromEventRow({ ...toEventRow(event), tx: '77' } as never)).toStrictEqual(event)
})

test('each value keeps its own place', () => {
  const numbered = Object.fromEntries(eventColumns.map(({ key }, index) => [key, index]))
  expect(Object.values(toEventRow(numbered as never))).toEqual(eventColumns.map((_, index) => index))
  expect(fromEventRow(toEventRow(numbered as never))).toEqual(numbered)
})

test('a row without one of the columns is refused', () => {
  const { step_id: _, ...row } = toEventRow(leastEvent)
  expect(thrownBy(() => fromEventRow(row as never))).toMatchObject({
    code: 'invalid_event',
    message: 'the row has no column step_id: select every column that eventColumns names',
  })
})
