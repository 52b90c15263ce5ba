import { expect, it } from 'vitest'
import { newObserved } from './load-observed.ts'
import { observe } from './observe.ts'
import type { Observation, ObservedEngine } from './observation.ts'
import { ObservedExecution } from './observed-execution.ts'

const engine: ObservedEngine = {
  name: 'other',
  sourceId: '5a0c6d5e-9d0c-8f5e-8a1b-0c1d2e3f4a5c',
  capabilities: { perAttempt: true, actor: true, transactional: false, replaySafe: true, backfill: true },
}

const started: Extract<Observation, { kind: 'started' }> = {
  execution: 'order',
  at: 1_000,
  kind: 'started',
  workflowName: 'order',
  workflowVersion: '1.0',
  correlationId: null,
  actor: null,
  inputDigest: null,
  isBackfilled: false,
}

/** What a history of six events for each activity tells, as Temporal writes it: the same activity, again and again. */
const storyOf = (activities: number): readonly Observation[] => [
  started,
  ...Array.from({ length: activities }, (_, index): readonly Observation[] => {
    const base = { execution: 'order', at: 2_000 + index * 10 }
    const told = {
      ...base,
      workerUuid: '5a0c6d5e-9d0c-8f5e-8a1b-0c1d2e3f4a5d',
      counted: { number: 1 },
      step: {
        key: String(index),
        name: 'charge',
        service: 'shop',
        operation: 'DO',
        undoes: null,
        maxRetries: 2,
        attemptsSeen: true,
      },
    } as const
    return [
      { ...base, kind: 'step_enqueued', step: told.step },
      { ...told, kind: 'attempt_started' },
      { ...told, kind: 'step_succeeded', startedAt: base.at, result: null },
    ]
  }).flat(),
  { execution: 'order', at: 9_000_000, kind: 'completed', result: null },
]

const walking = ['find', 'findLast', 'findIndex', 'filter', 'map', 'flatMap', 'some', 'forEach'] as const

/** Counts the elements of arrays and maps that are walked over while something is done. */
function elementsWalked(work: () => void): number {
  let walked = 0
  const undo: (() => void)[] = []
  const count = (prototype: object, name: PropertyKey, sizeOf: (self: never) => number) => {
    const original = Reflect.get(prototype, name) as (...args: unknown[]) => unknown
    Reflect.set(prototype, name, function (this: never, ...args: unknown[]) {
      walked += sizeOf(this)
      return Reflect.apply(original, this, args)
    })
    undo.push(() => Reflect.set(prototype, name, original))
  }
  for (const name of walking) count(Array.prototype, name, (self: readonly unknown[]) => self.length)
  count(Array.prototype, Symbol.iterator, (self: readonly unknown[]) => self.length)
  count(Map.prototype, Symbol.iterator, (self: ReadonlyMap<unknown, unknown>) => self.size)
  try {
    work()
  } finally {
    for (const restore of undo) restore()
  }
  return walked
}

function recordStory(observations: readonly Observation[]): ObservedExecution {
  const loaded = newObserved(started, engine, { definitionHash: '00', tenant: 'default' })
  const execution = new ObservedExecution(loaded, {
    random: () => 0,
    digest: () => '00',
    redact: (value) => value,
    fits: () => true,
    serviceName: 'adapter',
  })
  for (const observation of observations) observe(execution, observation, engine)
  return execution
}

it('takes no more steps for each activity of a history of 20,000 events than of one of 2,000', () => {
  const [short, long] = [333, 3_333].map((activities) => {
    const observations = storyOf(activities)
    return elementsWalked(() => void recordStory(observations)) / activities
  })
  expect(long).toBeLessThan((short ?? 0) * 1.1)
})

it('has each step once under a name of its own, and the end of all', () => {
  const { snapshot } = recordStory(storyOf(3))
  expect(snapshot.status).toBe('completed')
  expect(snapshot.steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'charge complete',
    'charge#2 complete',
    'charge#3 complete',
  ])
})
