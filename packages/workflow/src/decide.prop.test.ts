import { TrailError } from '@steptrail/event'
import { failed, SimulatedExecution, succeeded } from '@steptrail/testkit'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StepDefinition, WorkflowDefinition } from './definition.ts'
import type { Order } from './operator.ts'
import type { StepSnapshot } from './snapshot.ts'
import { statusOf } from './timeline/model.ts'
import { isEnded, isSatisfied, stepMayMove } from './states.ts'

const definitions: fc.Arbitrary<WorkflowDefinition> = fc
  .array(
    fc.record({
      before: fc.array(fc.nat(10), { maxLength: 3 }),
      maxRetries: fc.nat(2),
      undo: fc.constantFrom('handler', 'handler', 'none'),
      onFailure: fc.constantFrom('rollback' as const, 'rollback' as const, 'skip' as const, 'block' as const),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((shapes) => ({
    name: 'random',
    version: '1',
    input: {},
    recordInput: false,
    steps: shapes.map((shape, index): StepDefinition => {
      const earlier = index === 0 ? [] : shape.before.map((position) => `step-${position % index}`)
      return {
        name: `step-${index}`,
        action: `step-${index}`,
        service: 'service',
        after: [...new Set(earlier)],
        timeoutMs: 1_000,
        retry: {
          maxRetries: shape.maxRetries,
          backoff: { type: 'exponential', initialMs: 10, factor: 2, maxMs: 100, jitter: 0.5 },
        },
        onFailure: shape.onFailure,
        when: null,
        undo: shape.undo === 'none' ? 'none' : 'handler',
        output: {},
      }
    }),
  }))

const befalls = ['succeed', 'succeed', 'fail', 'lose', 'claim', 'repeat', 'release', 'clock back'] as const
const orders = [
  'retry',
  'skip',
  'resolve',
  'pause',
  'resume',
  'cancel',
  'retry-rollback',
] as const satisfies readonly Order['action'][]

const actions = fc.array(
  fc.record({
    kind: fc.constantFrom(...befalls, ...befalls, ...orders),
    which: fc.nat(20),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  { maxLength: 60 },
)

interface Action {
  readonly kind: (typeof befalls)[number] | (typeof orders)[number]
  readonly which: number
  readonly random: number
}

const pick = <T>(values: readonly T[], which: number): T | undefined => values[which % values.length]

const withStatus = (execution: SimulatedExecution, status: StepSnapshot['status']): StepSnapshot[] =>
  execution.snapshot.steps.filter((step) => step.status === status)

/** Every token ever handed out, so that old results can be sent again. */
type Tokens = { readonly stepId: string; readonly attemptToken: string }[]

function act(execution: SimulatedExecution, action: Action, tokens: Tokens): void {
  execution.random = action.random
  execution.now += action.kind === 'clock back' ? -500 : 7
  const ordered = orders.find((order) => order === action.kind)
  if (ordered) give(execution, orderOf(execution, ordered, action.which))
  for (const step of withStatus(execution, 'waiting_for_retry')) execution.wake(step.name, step.operation)
  if (execution.snapshot.status === 'paused') return
  const due = pick(withStatus(execution, 'enqueued'), action.which)
  if (due) tokens.push({ stepId: due.stepId, attemptToken: execution.claim(due.stepId) })
  const held = pick(withStatus(execution, 'in_progress'), action.which)
  const attemptToken = held?.attemptToken
  const old = pick(tokens, action.which)
  if (action.kind === 'repeat' && old) execution.reportResult(old.stepId, old.attemptToken, succeeded())
  if (!held || !attemptToken) return
  const { stepId } = held
  const silence = { code: 'worker_lost', message: 'silent', reason: 'worker lost' } as const
  if (action.kind === 'succeed') execution.reportResult(stepId, attemptToken, succeeded())
  if (action.kind === 'fail') execution.reportResult(stepId, attemptToken, failed())
  if (action.kind === 'lose') execution.report({ kind: 'silence', stepId, attemptToken, silence })
  if (action.kind === 'release') {
    const hasBegun = action.which % 2 === 0
    execution.report({ kind: 'release', stepId, attemptToken, workerUuid: 'worker-1', hasBegun })
  }
}

function orderOf(execution: SimulatedExecution, action: Order['action'], which: number): Order {
  const stepId = pick(execution.snapshot.steps, which)?.stepId ?? ''
  switch (action) {
    case 'resolve':
      return { action, stepId, output: { by: 'hand' } }
    case 'retry':
    case 'skip':
      return { action, stepId }
    case 'cancel':
      return { action, rollback: which % 3 !== 0 }
    default:
      return { action }
  }
}

/** Gives an order. One that is refused must leave nothing behind. */
function give(execution: SimulatedExecution, order: Order): void {
  const { snapshot } = execution
  try {
    const actor = { type: 'user', id: 'olga' } as const
    execution.report({ kind: 'operator', order, actor, reason: 'because', approvedBy: null })
  } catch (error) {
    if (!(error instanceof TrailError) || error.code !== 'order_refused') throw error
    expect(execution.snapshot).toBe(snapshot)
    return
  }
  const said = execution.events.filter((event) => event.executionSeq >= snapshot.nextSeq)
  expect(said.some((event) => event.actor?.id === 'olga' && event.reason === 'because')).toBe(true)
}

/** What waits for an operator is resumed or resolved. */
function attend(execution: SimulatedExecution): void {
  const { status } = execution.snapshot
  if (status === 'paused') give(execution, { action: 'resume' })
  if (status !== 'blocked') return
  for (const { stepId } of withStatus(execution, 'error')) {
    give(execution, { action: 'resolve', stepId, output: {} })
  }
}

/** Whatever happened, from here on everything succeeds: the execution must then come to its end. */
function finish(execution: SimulatedExecution): void {
  const tokens: Tokens = []
  for (let round = 0; round < 200; round += 1) {
    attend(execution)
    if (execution.snapshot.status !== null && isEnded(execution.snapshot.status)) return
    act(execution, { kind: 'succeed', which: 0, random: 0 }, tokens)
  }
}

test('whatever happens, an execution ends completed, or with every step undone or skipped in reverse order, or says what is left', () => {
  fc.assert(
    fc.property(definitions, actions, (definition, script) => {
      const execution = new SimulatedExecution(definition)
      execution.start()
      const tokens: Tokens = []
      for (const action of script) act(execution, action, tokens)
      finish(execution)

      const { status, steps } = execution.snapshot
      const done = steps.filter((step) => step.operation === 'DO')
      const undone = steps.filter((step) => step.operation === 'UNDO')
      expect(status !== null && isEnded(status)).toBe(true)
      if (status === 'completed') {
        expect(done.every((step) => step.status !== null && isSatisfied(step.status))).toBe(true)
        expect(undone).toEqual([])
        return
      }
      const last = execution.events.findLast((event) => event.entityType === 'ORCHESTRATION')
      if (last?.eventType === 'ORCHESTRATION_CANCELLED') {
        expect(undone).toEqual([])
        expect(done.some((step) => step.status === 'in_progress' || step.status === 'enqueued')).toBe(false)
        return
      }
      const mustUndo = done
        .filter(
          ({ status: at, outcomeUnknown }) =>
            at === 'complete' || at === 'resolved_manually' || outcomeUnknown,
        )
        .toSorted((first, second) => (second.endedSeq ?? 1e9) - (first.endedSeq ?? 1e9))
      expect(undone.map((step) => step.name)).toEqual(mustUndo.map((step) => step.name))
      if (status !== 'rollback_failed') {
        expect(undone.every((step) => step.status !== null && isSatisfied(step.status))).toBe(true)
        expect(last?.eventType).toBe('ROLLBACK_COMPLETED')
      } else {
        expect(last?.eventType).toBe('ROLLBACK_FAILED')
        expect(last?.details['leftUndone']).toEqual(
          undone.filter((step) => step.status !== null && !isSatisfied(step.status)).map((step) => step.name),
        )
      }
    }),
    { numRuns: 500 },
  )
})

test('sequences are dense, timestamps strictly increase, every transition is allowed and follows the one before', () => {
  fc.assert(
    fc.property(definitions, actions, (definition, script) => {
      const execution = new SimulatedExecution(definition)
      execution.start()
      const tokens: Tokens = []
      for (const action of script) act(execution, action, tokens)

      execution.events.forEach((event, position) => {
        expect(event.executionSeq).toBe(position + 1)
        expect(event.timestamp).toBeGreaterThan(execution.events[position - 1]?.timestamp ?? 0)
      })
      for (const { from, to } of execution.transitions) expect(stepMayMove(from, to)).toBe(true)
      for (const step of execution.snapshot.steps) {
        const own = execution.transitions.filter((transition) => transition.stepId === step.stepId)
        expect(own[0]?.from).toBeNull()
        expect(own.at(-1)?.to === step.status || step.status === 'in_progress').toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})

test('how an execution stands can be told from its events alone, at any time', () => {
  fc.assert(
    fc.property(definitions, actions, (definition, script) => {
      const execution = new SimulatedExecution(definition)
      execution.start()
      const tokens: Tokens = []
      for (const action of script) {
        act(execution, action, tokens)
        expect(statusOf(execution.events)).toBe(execution.snapshot.status)
      }
    }),
    { numRuns: 3000 },
  )
})

test('each attempt that ended is one fact, and on a clock that only goes forward every retry waits what is on record', () => {
  fc.assert(
    fc.property(definitions, actions, (definition, script) => {
      const execution = new SimulatedExecution(definition)
      execution.start()
      const tokens: Tokens = []
      // An operator may have what waits for its retry tried at once.
      const steady = script.filter(({ kind }) => kind !== 'clock back' && kind !== 'retry')
      for (const action of steady) act(execution, action, tokens)

      for (const step of execution.snapshot.steps) {
        const own = execution.events.filter((event) => event.stepId === step.stepId)
        const outcomes = own.filter(
          (event) => event.eventType === 'STEP_FAILED' || event.eventType === 'STEP_SUCCESS',
        )
        const attempts = outcomes.map((event) => event.details['attempt'])
        expect(attempts).toEqual(attempts.map((_, position) => position + 1))
        for (const retry of own.filter((event) => event.eventType === 'STEP_RETRY_TRIGGERED')) {
          const next = outcomes.find((event) => event.details['attempt'] === (retry.retryCount ?? 0) + 1)
          if (!next) continue
          const startedAt = Date.parse(next.details['attemptStartedAt'] as string)
          expect(startedAt - retry.timestamp).toBeGreaterThanOrEqual(Number(retry.details['backoffMs']))
        }
      }
    }),
    { numRuns: 300 },
  )
})
