import { createHash } from 'node:crypto'
import {
  canonicalJson,
  checkRun,
  type RunEvent,
  type RunRecord,
  type RunTransition,
  sha256,
  stepMoves,
} from '@steptrail/verify'
import { openTestDatabase } from '@steptrail/testkit'
import { stepMayMove, stepStates } from '@steptrail/workflow'
import { beforeAll, describe, expect, it } from 'vitest'
import { greet } from '../../test/greeting.ts'
import { readRuns } from './read-runs.ts'

let completed: RunRecord
let retried: RunRecord
let rolledBack: RunRecord

beforeAll(async () => {
  const database = await openTestDatabase('postgres')
  const ids = await greet(database, ['friend', 'shy', 'stranger'])
  const runs = await readRuns(database.query, ids)
  ;[completed, retried, rolledBack] = ids.map((id) =>
    runs.find(({ execution }) => execution.execution_id === id)!,
  ) as [RunRecord, RunRecord, RunRecord]
})

const problemOf = (run: RunRecord): string => {
  const verdict = checkRun(run, sha256)
  return verdict.ok ? 'none' : `${verdict.defect.kind}: ${verdict.defect.problem}`
}

/** A run without an event, numbered anew so that no gap shows. */
const withoutEvent = (run: RunRecord, type: string): RunRecord => {
  const at = run.events.findIndex((event) => event.event_type === type)
  const events = run.events.toSpliced(at, 1).map((event, place) => ({ ...event, execution_seq: place + 1 }))
  return { ...run, events, execution: { ...run.execution, next_seq: events.length + 1 } }
}

const withEvents = (run: RunRecord, change: (event: RunEvent) => RunEvent): RunRecord => ({
  ...run,
  events: run.events.map(change),
})

const withTransitions = (run: RunRecord, change: (one: RunTransition) => RunTransition): RunRecord => ({
  ...run,
  transitions: run.transitions.map(change),
})

describe('the record of an execution', () => {
  it('is complete and conforms', () => {
    for (const run of [completed, retried, rolledBack])
      expect(checkRun(run, sha256)).toEqual({ ok: true, hasEnded: true })
  })

  it('is compared with the state table of the runtime', () => {
    for (const to of stepStates)
      for (const from of [null, ...stepStates])
        expect(stepMoves[to]?.includes(from), `${from} to ${to}`).toBe(stepMayMove(from, to))
  })

  it('is incomplete without any one of its events, numbered anew or not', () => {
    for (const run of [completed, retried, rolledBack])
      for (const [place, event] of run.events.entries()) {
        const gap = { ...run, events: run.events.toSpliced(place, 1) }
        expect(problemOf(gap), event.event_type).toMatch(
          place === run.events.length - 1 ? /were numbered|its last event/ : /is missing|its first event/,
        )
        const closed = gap.events.map((other, index) => ({ ...other, execution_seq: index + 1 }))
        const renumbered = { ...run.execution, next_seq: closed.length + 1 }
        expect(problemOf({ ...run, events: closed, execution: renumbered }), event.event_type).not.toBe(
          'none',
        )
      }
  })

  it('is incomplete without any one of its transitions or audits', () => {
    for (const run of [completed, retried, rolledBack]) {
      for (const place of run.transitions.keys())
        expect(problemOf({ ...run, transitions: run.transitions.toSpliced(place, 1) })).toMatch(
          /^run_incomplete/,
        )
      for (const place of run.audits.keys())
        expect(problemOf({ ...run, audits: run.audits.toSpliced(place, 1) })).toMatch(/has no audit/)
    }
  })

  it('tells results, inputs and outputs that were edited', () => {
    const edited = withTransitions(retried, (one) =>
      one.to_state === 'enqueued_as_error_for_orchestration'
        ? { ...one, metadata: { ...one.metadata, event: 'fine' } }
        : one,
    )
    expect(problemOf(edited)).toMatch(/its result is not the one that event \d+ has the digest of/)
    expect(
      problemOf({ ...completed, execution: { ...completed.execution, input: { guest: 'foe' } } }),
    ).toMatch(/its input is not the one/)
    expect(
      problemOf({ ...completed, execution: { ...completed.execution, output: { shakeHands: null } } }),
    ).toMatch(/its output is not the one/)
    const [first, ...others] = completed.steps
    expect(problemOf({ ...completed, steps: [{ ...first!, output: { left: true } }, ...others] })).toMatch(
      /its output is not the one that its worker reported/,
    )
  })

  it('tells a definition that was edited', () => {
    const steps = completed.definition!.steps.map((step) => ({
      ...step,
      retry: { ...step.retry, maxRetries: 9 },
    }))
    const definition = { ...completed.definition!, steps }
    expect(problemOf({ ...completed, definition })).toMatch(/^definition_altered/)
  })

  it('tells audits of another worker or outcome, twice, or of nothing', () => {
    const [audit, ...others] = completed.audits
    for (const altered of [
      [{ ...audit!, worker_uuid: null }, ...others],
      [{ ...audit!, success: false }, ...others],
      [audit!, ...completed.audits],
      [{ ...audit!, workflow_step_transition_uuid: completed.execution.execution_id }, ...others],
    ])
      expect(problemOf({ ...completed, audits: altered })).toMatch(
        /^run_incomplete: .*(audit|tells of another)/,
      )
  })
})

describe('conformance', () => {
  it('refuses a step that started before the one it waits for was done', () => {
    const definition = rolledBack.definition!
    const turned = {
      ...definition,
      steps: definition.steps.map((step) => ({
        ...step,
        after: step.after.length > 0 ? [] : ['shakeHands'],
      })),
    }
    const pinned = hashOf(turned)
    const run = withEvents(
      { ...rolledBack, definition: turned, execution: { ...rolledBack.execution, definition_hash: pinned } },
      (event) =>
        event.event_type === 'ORCHESTRATION_STARTED'
          ? { ...event, details: { ...event.details, definitionHash: pinned } }
          : event,
    )
    expect(problemOf(run)).toMatch(/^run_not_conforming: openDoor started before shakeHands was done/)
  })

  it('refuses more retries than there were allowed', () => {
    const definition = retried.definition!
    const fewer = {
      ...definition,
      steps: definition.steps.map((step) => ({ ...step, retry: { ...step.retry, maxRetries: 1 } })),
    }
    const pinned = hashOf(fewer)
    const run = withEvents(
      { ...retried, definition: fewer, execution: { ...retried.execution, definition_hash: pinned } },
      (event) => ({
        ...event,
        details: {
          ...event.details,
          ...(event.event_type === 'ORCHESTRATION_STARTED' && { definitionHash: pinned }),
          ...(event.event_type === 'STEP_RETRY_TRIGGERED' && { maxRetries: 1 }),
        },
      }),
    )
    expect(problemOf(run)).toMatch(
      /^run_not_conforming: DO shakeHands was tried again for the 2. time, and 1 retries/,
    )
  })

  it('refuses a rollback that left a completed step as it was', () => {
    const run = withEvents(rolledBack, (event) =>
      event.event_type === 'ROLLBACK_STARTED' ? { ...event, details: { stepsToRollback: [] } } : event,
    )
    expect(problemOf(run)).toMatch(
      /^run_not_conforming: its rollback planned \[\], and \["openDoor"\] had to be undone/,
    )
    expect(problemOf(withoutEvent(rolledBack, 'ROLLBACK_STARTED'))).toMatch(/rolled back without a plan/)
  })
})

function hashOf(definition: RunRecord['definition']): string {
  return createHash('sha256').update(canonicalJson(definition)).digest('hex')
}
