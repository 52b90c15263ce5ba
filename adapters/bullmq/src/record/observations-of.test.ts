import type { Observation } from '@steptrail/core'
import { expect, it } from 'vitest'
import { meaningOf } from './observations-of.ts'
import type { OpenAttempt } from './open-attempt.ts'
import type { LeftBody, Note, OutboxEntry } from './outbox.ts'

const job = { queue: 'orders', jobId: '17', addedAt: 1_000 }
const knowledge = { serviceName: 'bullmq', installedAt: 500 }
const processing = { service: 'shop', workerUuid: '01890000-0000-8000-8000-000000000000', maxRetries: 2 }

const left = (body: Partial<LeftBody>): OutboxEntry => ({
  ...job,
  id: '1',
  at: 9_000,
  kind: 'left',
  body: {
    name: 'order',
    attempts: 3,
    made: 1,
    to: 'completed',
    hasFailed: false,
    isStalled: false,
    isDeferred: false,
    startedAt: 2_000,
    endedAt: null,
    worker: null,
    delay: 0,
    retryAt: null,
    error: null,
    sha256: null,
    bytes: null,
    ...body,
  },
})

const noted = (...notes: readonly Note[]): OutboxEntry => ({
  ...job,
  id: '2',
  at: 3_000,
  kind: 'noted',
  body: { ...processing, notes },
})

const chargeFailed: Note = {
  kind: 'attempt_failed',
  name: 'charge',
  undoes: null,
  startedAt: 2_100,
  at: 2_200,
  error: { message: 'no answer' },
}

const mailed = {
  kind: 'attempt_succeeded',
  name: 'mail',
  undoes: null,
  startedAt: 2_100,
  at: 2_300,
  result: null,
} as const

/** What entries mean one after the other, in short, and what is known in the end. */
function told(...entries: readonly OutboxEntry[]): {
  readonly told: readonly string[]
  readonly open: OpenAttempt | null
} {
  let open: OpenAttempt | null = null
  const observations: Observation[] = []
  for (const entry of entries) {
    const meaning = meaningOf(entry, open, knowledge)
    observations.push(...meaning.observations)
    open = meaning.open
  }
  return { told: observations.map(inShort), open }
}

const inShort = (observation: Observation): string =>
  [
    observation.kind,
    'step' in observation ? observation.step.name : null,
    'retryInMs' in observation ? observation.retryInMs : null,
    'reason' in observation && observation.kind === 'cancelled' ? observation.reason : null,
  ]
    .filter((part) => part !== null)
    .join(' ')

it.each<[string, readonly OutboxEntry[], readonly string[]]>([
  ['a processor that is done', [left({})], ['step_succeeded order', 'completed']],
  [
    'one that is tried again at once',
    [left({ to: 'waiting', hasFailed: true, error: 'no' })],
    ['attempt_failed order 0'],
  ],
  [
    'one that is tried again later',
    [left({ to: 'delayed', hasFailed: true, delay: 70, retryAt: 4_070 })],
    ['attempt_failed order 70'],
  ],
  ['one that is given up', [left({ to: 'failed', hasFailed: true })], ['attempt_failed order', 'failed']],
  ['one that put its job back', [left({ to: 'delayed', delay: 70, retryAt: 4_070 })], []],
  ['one that waits for its children', [left({ to: 'waiting-children' })], []],
  [
    'one whose worker is gone',
    [left({ to: 'waiting', isStalled: true })],
    ['attempt_started order', 'interrupted'],
  ],
  [
    'one that failed before it began',
    [left({ to: 'failed', hasFailed: true, isDeferred: true })],
    ['failed'],
  ],
  [
    'a step that failed and is tried again with its job',
    [noted(chargeFailed), left({ to: 'delayed', hasFailed: true, delay: 70 })],
    ['attempt_started charge', 'attempt_failed charge 70'],
  ],
  [
    'a step that failed, whose worker is gone before BullMQ has decided',
    [noted(chargeFailed), left({ to: 'waiting', isStalled: true })],
    ['attempt_started charge', 'attempt_failed charge 0', 'interrupted'],
  ],
  [
    'a step that failed, in a processor that put its job back',
    [noted(chargeFailed), left({ to: 'delayed', delay: 30 })],
    ['attempt_started charge', 'attempt_failed charge 30'],
  ],
  [
    'a step that failed without its processor failing',
    [noted(chargeFailed), left({})],
    ['attempt_started charge', 'attempt_failed charge', 'completed'],
  ],
  [
    'a step that fails of being cancelled',
    [
      noted({ kind: 'cancel_asked', at: 2_150, reason: 'too dear' }, chargeFailed),
      left({ to: 'failed', hasFailed: true }),
    ],
    ['attempt_started charge', 'attempt_failed charge', 'cancelled too dear'],
  ],
  [
    'a processor without steps that is done although it was asked to stop',
    [noted({ kind: 'cancel_asked', at: 2_150, reason: null }), left({})],
    ['step_succeeded order', 'completed'],
  ],
  [
    'a cancelled attempt of a job that is tried again all the same',
    [
      noted({ kind: 'cancel_asked', at: 2_150, reason: null }, chargeFailed),
      left({ to: 'waiting', hasFailed: true }),
    ],
    ['attempt_started charge', 'attempt_failed charge 0'],
  ],
  [
    'a job that is removed while it works',
    [noted(chargeFailed), { ...job, id: '3', at: 9_000, kind: 'removed', body: { from: 'active' } }],
    ['attempt_started charge', 'attempt_failed charge', 'cancelled'],
  ],
  [
    'a step that failed beside one that succeeded, which is tried again with its job',
    [noted(chargeFailed, mailed), left({ to: 'delayed', hasFailed: true, delay: 70 })],
    ['attempt_started charge', 'step_succeeded mail', 'attempt_failed charge 70'],
  ],
  [
    'steps that failed beside each other, of which the processor tries one again',
    [
      noted(chargeFailed, { ...chargeFailed, place: 2 }),
      noted({ ...mailed, name: 'charge', place: 2 }),
      left({ to: 'waiting', hasFailed: true }),
    ],
    [
      'attempt_started charge',
      'attempt_started charge',
      'attempt_failed charge 0',
      'step_succeeded charge',
      'attempt_failed charge 0',
    ],
  ],
  [
    'a step that is given up when the processor undoes another',
    [
      noted(chargeFailed, { ...mailed, name: 'release', undoes: 'reserve' }),
      left({ to: 'waiting', hasFailed: true }),
    ],
    ['attempt_started charge', 'attempt_failed charge', 'step_succeeded release'],
  ],
  [
    'an undo that failed beside another, which is tried again with its job',
    [
      noted({ ...chargeFailed, undoes: 'reserve' }, { ...mailed, name: 'release', undoes: 'order' }),
      left({ to: 'waiting', hasFailed: true }),
    ],
    ['attempt_started charge', 'step_succeeded release', 'attempt_failed charge 0'],
  ],
])('tells of %s', (_, entries, expected) => {
  expect(told(...entries)).toEqual({ told: expected, open: null })
})

it('says of an attempt that it was seen alone where BullMQ counts no others from before it was watched', () => {
  const seen = (entry: OutboxEntry) =>
    meaningOf(entry, null, knowledge).observations.map((each) =>
      'step' in each ? each.step.attemptsSeen : null,
    )[0]
  expect(seen(left({ made: 2 }))).toBe(true)
  expect(seen({ ...left({ made: 2 }), addedAt: 400 })).toBe(false)
  expect(seen({ ...left({ made: 1 }), addedAt: 400 })).toBe(true)
  expect(seen(left({ isBackfilled: true }))).toBe(false)
})
