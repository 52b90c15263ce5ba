import { openTestDatabase } from '@steptrail/testkit'
import type { WorkflowDefinition } from '@steptrail/workflow'
import { beforeAll, describe, expect, test } from 'vitest'
import { DrivenRuntime } from '../driven-runtime.ts'
import { checkStories, faultsOf } from './check-story.ts'
import { type EventRow, readStories, type Story, type TransitionRow } from './story.ts'

const step = (name: string, after: readonly string[]) =>
  ({
    name,
    action: name,
    service: 'service',
    after,
    timeoutMs: 15_000,
    retry: { maxRetries: 2, backoff: { type: 'fixed', delayMs: 1_000 } },
    onFailure: 'rollback',
    when: null,
    undo: 'handler',
    output: {},
  }) as const

const definition: WorkflowDefinition = {
  name: 'told',
  version: '1',
  input: {},
  recordInput: false,
  steps: [step('first', []), step('second', ['first']), step('third', ['second'])],
}

/** Told by the real runtime: two steps done (the first at its second attempt), the third fails, all is undone. */
let told: Story
let completed: Story
let cancelled: Story

beforeAll(async () => {
  const database = await openTestDatabase('embedded')
  const start = () => DrivenRuntime.start(database, definition, { flag: true, random: () => 0.5 })
  const failing = await start()
  await failing.claim(0)
  await failing.report(0, { message: 'Busy' })
  await failing.pass(2_000, 1)
  for (const attempt of [1, 2]) {
    await failing.claim(0)
    await failing.report(attempt)
  }
  await failing.claim(0)
  await failing.report(3, { message: 'No such tenant', fatal: true })
  await failing.finish()
  const succeeding = await start()
  await succeeding.finish()
  const stopped = await start()
  await stopped.order('cancel', 0)
  for (const runtime of [failing, succeeding, stopped]) await runtime.close()
  const stories = await readStories(database)
  const find = (runtime: DrivenRuntime): Story => {
    const story = stories.find(({ execution }) => execution.execution_id === runtime.executionId)
    if (!story) throw new Error('the story is not there')
    return story
  }
  told = find(failing)
  completed = find(succeeding)
  cancelled = find(stopped)
})

test('an execution that is not there, and one that hangs, are faults', async () => {
  const database = await openTestDatabase('embedded')
  const runtime = await DrivenRuntime.start(database, definition, { flag: true, random: () => 0.5 })
  const unknown = '00000000-0000-7000-8000-000000000000'
  const executionIds = [unknown, runtime.executionId]
  expect(await checkStories(database, { executionIds, mustHaveEnded: true })).toEqual([
    `execution ${unknown}: it is not there`,
    `execution ${runtime.executionId}: it hangs in running, with DO first enqueued, DO second pending, DO third pending`,
  ])
  expect(await checkStories(database)).toEqual([])
  await runtime.close()
})

test('the stories of the runtime are without fault', () => {
  expect([told, completed, cancelled].map(({ execution }) => execution.status)).toEqual([
    'failed',
    'completed',
    'cancelled',
  ])
  expect([told, completed, cancelled].flatMap(faultsOf)).toEqual([])
})

const events = (change: (all: readonly EventRow[]) => readonly EventRow[]) => (story: Story) => ({
  ...story,
  events: change(story.events),
})

const changed =
  (type: string, change: object) =>
  (story: Story): Story => ({
    ...story,
    events: story.events.map((event) => (event.event_type === type ? { ...event, ...change } : event)),
  })

const transitions =
  (change: (all: readonly TransitionRow[]) => readonly TransitionRow[]) => (story: Story) => ({
    ...story,
    transitions: change(story.transitions),
  })

/** The transitions with those to one state changed. */
const moves = (to: string, change: object) =>
  transitions((all) => all.map((one) => (one.to_state === to ? { ...one, ...change } : one)))

const renumbered = (all: readonly EventRow[]): readonly EventRow[] =>
  all.map((event, index) => ({ ...event, execution_seq: index + 1 }))

describe('the checker finds', () => {
  test.each<[string, (story: Story) => Story, RegExp]>([
    ['an event that is lost', events((all) => all.toSpliced(4, 1)), /is number 5 of its events/],
    [
      'an event that is lost and the rest renumbered',
      events((all) => renumbered(all.toSpliced(4, 1))),
      /its next number is/,
    ],
    ['the last event lost', events((all) => all.slice(0, -1)), /its last ORCHESTRATION event is/],
    ['an event twice', events((all) => [...all, ...all.slice(-1)]), /is not later than the event before/],
    ['a start that is missing', events((all) => renumbered(all.slice(1))), /it begins with STEP_STARTED/],
    [
      'an event after the end',
      (story) => ({ ...story, events: [...story.events, ...story.events.slice(1, 2)] }),
      /STEP_STARTED comes after its end/,
    ],
    [
      'time that stands still',
      changed('ROLLBACK_STARTED', { timestamp: '2020-01-01T00:00:00.000Z' }),
      /not later than/,
    ],
    ['a transition lost', transitions((all) => all.toSpliced(2, 1)), /follows one that led to/],
    ['a move that is not allowed', moves('complete', { to_state: 'waiting_for_retry' }), /is not allowed/],
    ['a sort key that skips', moves('complete', { sort_key: 99 }), /99 .* is number/],
    [
      'a step that is not where it was led',
      (story) => ({ ...story, steps: story.steps.map((row) => ({ ...row, status: 'pending' as const })) }),
      /is pending, and its last transition led to/,
    ],
    [
      'attempts that were not made',
      (story) => ({ ...story, steps: story.steps.map((row) => ({ ...row, attempt: row.attempt + 1 })) }),
      /was claimed/,
    ],
    [
      'a result without its audit',
      (story) => ({ ...story, audits: story.audits.slice(1) }),
      /audited 0 times/,
    ],
    [
      'a result audited twice',
      (story) => ({ ...story, audits: [...story.audits, ...story.audits] }),
      /audited 2 times/,
    ],
    [
      'an audit of what was no result',
      transitions((all) => all.filter((one) => one.to_state !== 'enqueued_for_orchestration')),
      /which reports nothing/,
    ],
    [
      'an audit of another outcome',
      (story) => ({ ...story, audits: story.audits.map((row) => ({ ...row, success: !row.success })) }),
      /is audited as another/,
    ],
    [
      'an outcome without its transition',
      transitions((all) => all.filter((one) => one.to_state !== 'complete')),
      /its transitions make/,
    ],
    [
      'a transition without its outcome',
      events((all) => all.filter((event) => event.event_type !== 'STEP_FAILED')),
      /its events are/,
    ],
    [
      'an attempt with two outcomes',
      changed('STEP_FAILED', { details: { attempt: 2 }, retry_count: 1 }),
      /outcomes are of the attempts 2, 2/,
    ],
    ['retries miscounted', changed('STEP_SUCCESS', { retry_count: 7 }), /counts 7 retries/],
    [
      'an event of a step that is not there',
      changed('STEP_STARTED', { step_id: '00000000-0000-7000-8000-000000000000' }),
      /is of no step of it/,
    ],
    ['an event under another name', changed('STEP_SUCCESS', { step_name: 'other' }), /calls it/],
    [
      'a step that was not undone',
      (story) => ({
        ...story,
        steps: story.steps.filter((row) => row.operation_type === 'DO' || row.name !== 'first'),
      }),
      /its UNDO steps are \["second"\]/,
    ],
    [
      'a rollback in the wrong order',
      changed('ROLLBACK_STARTED', { details: { stepsToRollback: ['first', 'second'] } }),
      /its rollback planned \["first","second"\]/,
    ],
    [
      'a rollback that claims too much',
      changed('ROLLBACK_COMPLETED', { details: { rolledBackSteps: ['second', 'first', 'third'] } }),
      /ROLLBACK_COMPLETED names/,
    ],
    [
      'an unknown outcome that was not undone',
      moves('error', { metadata: { outcome_unknown: true } }),
      /should be \["third","second","first"\]/,
    ],
    [
      'a rollback that failed without saying what is left',
      (story) => ({ ...story, execution: { ...story.execution, status: 'rollback_failed' } }),
      /no UNDO did/,
    ],
    [
      'an outcome after the plan of the rollback',
      events((all) => [
        ...all,
        ...all.slice(2, 3).map((event) => ({ ...event, execution_seq: all.length + 1 })),
      ]),
      /came to an outcome after its rollback was planned/,
    ],
    [
      'an end that is not recorded as one',
      (story) => ({ ...story, execution: { ...story.execution, completed_at: null } }),
      /completed at null/,
    ],
    [
      'a state that the last event denies',
      (story) => ({ ...story, execution: { ...story.execution, status: 'running', completed_at: null } }),
      /it is running, but its last ORCHESTRATION event is/,
    ],
    [
      'a pause by nobody',
      (story) => ({ ...story, execution: { ...story.execution, status: 'paused' } }),
      /does not say by whom and why/,
    ],
    [
      'a block without a reason',
      (story) => ({ ...story, execution: { ...story.execution, status: 'blocked' } }),
      /nothing says why/,
    ],
  ])('%s', (_, corrupt, fault) => {
    expect(faultsOf(corrupt(told)).join('\n')).toMatch(fault)
  })

  test('a completed execution with a step that is not satisfied', () => {
    const steps = completed.steps.map((row) => ({ ...row, status: 'cancelled' as const }))
    expect(faultsOf({ ...completed, steps }).join('\n')).toMatch(/it is completed, but first is cancelled/)
  })

  test('a completed execution without one of its steps', () => {
    const steps = completed.steps.slice(1)
    expect(faultsOf({ ...completed, steps }).join('\n')).toMatch(/it is completed without first/)
  })

  test('a cancelled execution without a reason, and one with a step that goes on', () => {
    const anonymous = changed('ORCHESTRATION_CANCELLED', { reason: null })(cancelled)
    expect(faultsOf(anonymous).join('\n')).toMatch(/ORCHESTRATION_CANCELLED does not say by whom and why/)
    const steps = cancelled.steps.map((row) => ({ ...row, status: 'enqueued' as const }))
    expect(faultsOf({ ...cancelled, steps }).join('\n')).toMatch(/it is cancelled, but DO first is enqueued/)
  })
})
