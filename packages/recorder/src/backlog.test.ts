import { expect, test } from 'vitest'
import { Backlog } from './backlog.ts'
import type { PendingEvent } from './fate.ts'

const event = (seq: number, size = 1): PendingEvent => ({ seq, size }) as PendingEvent

function batchesOf(backlog: Backlog): readonly (readonly number[])[] {
  const batches: number[][] = []
  for (let batch = backlog.take(); batch; batch = backlog.take()) batches.push(batch.map(({ seq }) => seq))
  return batches
}

test('what comes back goes between what came before and what came after, in batches of the size they may have', () => {
  const backlog = new Backlog({ events: 2, bytes: 10 })
  for (const seq of [1, 7]) {
    backlog.add(event(seq))
    backlog.seal()
  }
  backlog.putBack([event(2), event(3), event(4, 9), event(5, 2), event(6, 20)])
  expect(batchesOf(backlog)).toEqual([[1], [2, 3], [4], [5], [6], [7]])
})
