import { expect, it } from 'vitest'
import { runWords } from './run-words.ts'

const months = [
  { table: 'audit_event', month: '2026-10', rowCount: 1_240, dropCount: 1_200, keepCount: 40 },
  { table: 'audit_event', month: '2026-11', rowCount: 9, dropCount: 0, keepCount: 9 },
]

it('says what a run of retention let go of, and that nothing was due', () => {
  expect(runWords({ executionCount: 1, months, files: [{}, {}] })).toBe(
    'Let go of 1 execution, 1,200 rows of audit_event 2026-10; 2 files archived.',
  )
  expect(runWords({ executionCount: 0, months: months.slice(1), files: [] })).toBe('Nothing was due.')
})

it('leaves what it does not know to be read as it is', () => {
  expect(runWords({ later: 'versions' })).toBe('What it did')
  expect(runWords(null)).toBe('What it did')
})
