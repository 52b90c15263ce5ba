import { expect, it } from 'vitest'
import { KnownWorkers } from './known-workers.ts'

const steps = (count: number) =>
  Array.from({ length: count }, (_, number) => ({
    workflowName: 'order',
    workflowVersion: '1',
    stepName: `step ${number}`,
  }))

it('keeps so many implementations, of the workers that were asked for last', () => {
  const known = new KnownWorkers(12)
  known.set('a', steps(4))
  known.set('b', steps(4))
  expect(known.get('a')).toHaveLength(4)
  known.set('c', steps(4))
  expect(['a', 'b', 'c'].map((worker) => known.get(worker)?.length)).toEqual([4, undefined, 4])
})

it('counts a worker that comes again, or goes, once', () => {
  const known = new KnownWorkers(12)
  for (let round = 0; round < 5; round++) known.set('a', steps(6))
  known.set('b', steps(4))
  expect(['a', 'b'].map((worker) => known.get(worker)?.length)).toEqual([6, 4])
  known.delete('a')
  known.delete('a')
  known.set('c', steps(6))
  expect(['b', 'c'].map((worker) => known.get(worker)?.length)).toEqual([4, 6])
})

it('knows nobody who implements more than is kept', () => {
  const known = new KnownWorkers(10)
  known.set('a', steps(10))
  expect(known.get('a')).toBeUndefined()
})

it('keeps no more workers than that, though they implement nothing', () => {
  const known = new KnownWorkers(10)
  const workers = Array.from({ length: 11 }, (_, number) => `worker ${number}`)
  for (const worker of workers) known.set(worker, [])
  expect(workers.filter((worker) => !known.get(worker))).toEqual(['worker 0'])
})
