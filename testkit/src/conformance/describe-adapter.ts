import { randomUUID } from 'node:crypto'
import { getExecution, getExecutionEvents, reconstructExecution } from '@steptrail/core'
import type { AuditEvent } from '@steptrail/event'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AdapterUnderTest, Script } from './adapter-under-test.ts'

/**
 * The conformance suite of adapters: what each engine's executions have to look like on record, whichever engine it is.
 * What an engine does not show has to be said to be not observable. The adapter is opened once, and driven by scripts.
 */
export function describeAdapter(engine: string, open: () => Promise<AdapterUnderTest>): void {
  describe(`the adapter of ${engine}`, () => {
    let adapter: AdapterUnderTest
    beforeAll(async () => {
      adapter = await open()
    }, 120_000)

    const run = async (script: Script): Promise<Story> => {
      const id = randomUUID()
      const executionId = await adapter.start(id, script)
      await adapter.ended(id)
      return await storyOf(adapter, executionId)
    }

    it('has an execution that succeeds, with its steps in order', async () => {
      const { events, view } = await run({ steps: [{ name: 'reserve' }, { name: 'charge' }] })
      expect(typesOf(events)).toEqual([
        'ORCHESTRATION_STARTED',
        'STEP_STARTED reserve',
        'STEP_SUCCESS reserve 0',
        'STEP_STARTED charge',
        'STEP_SUCCESS charge 0',
        'ORCHESTRATION_COMPLETED',
      ])
      expect(view).toMatchObject({ engine, engineCapabilities: adapter.capabilities, status: 'completed' })
      expect(events[0]?.details).toMatchObject({
        engine: { name: engine, capabilities: adapter.capabilities },
      })
    })

    it('shows three attempts of a step that fails twice and then succeeds, or says that it cannot', async () => {
      const { events, view } = await run({ steps: [{ name: 'charge', failures: 2, retries: 2 }] })
      expect(view.status).toBe('completed')
      if (!adapter.capabilities.perAttempt)
        return expect(unseenOf(events, 'STEP_SUCCESS')).toContain('attempts')
      expect(typesOf(events)).toEqual([
        'ORCHESTRATION_STARTED',
        'STEP_STARTED charge',
        'STEP_FAILED charge 0',
        'STEP_RETRY_TRIGGERED charge 1',
        'STEP_FAILED charge 1',
        'STEP_RETRY_TRIGGERED charge 2',
        'STEP_SUCCESS charge 2',
        'ORCHESTRATION_COMPLETED',
      ])
      expect(view.steps).toMatchObject([{ name: 'charge', attempt: 3, status: 'complete' }])
    })

    it('tells that retries were exhausted, with the error of each attempt', async () => {
      const { events, view } = await run({ steps: [{ name: 'charge', failures: 9, retries: 1 }] })
      expect(view).toMatchObject({ status: 'failed', steps: [{ name: 'charge', status: 'error' }] })
      const failures = events.filter(({ eventType }) => eventType === 'STEP_FAILED')
      expect(failures.at(-1)?.severity).toBe('error')
      if (adapter.capabilities.perAttempt)
        expect(failures.map(({ details }) => details?.['errorMessage'])).toEqual([
          expect.stringContaining('charge failed in attempt 1'),
          expect.stringContaining('charge failed in attempt 2'),
        ])
      expect(events.map(({ eventType }) => eventType)).toContain('ORCHESTRATION_FAILED')
      expect(events.at(-1)?.eventType).toBe('ROLLBACK_COMPLETED')
    })

    it('has what was undone as undone, in its order', async () => {
      const { events, view } = await run({
        steps: [{ name: 'reserve' }, { name: 'pack' }, { name: 'charge', failures: 1 }],
        undoes: true,
      })
      expect(view).toMatchObject({ status: 'failed', rolledBackSteps: 2 })
      expect(typesOf(events).slice(-9)).toEqual([
        'STEP_FAILED charge 0',
        'ORCHESTRATION_FAILED',
        'ROLLBACK_TRIGGERED',
        'ROLLBACK_STARTED',
        'STEP_STARTED pack UNDO',
        'STEP_SUCCESS pack 0 UNDO',
        'STEP_STARTED reserve UNDO',
        'STEP_SUCCESS reserve 0 UNDO',
        'ROLLBACK_COMPLETED',
      ])
      expect(events.at(-1)?.details?.['rolledBackSteps']).toEqual(['pack', 'reserve'])
    })

    it('has a cancel, and who and why, or that these are not observable', async () => {
      const id = randomUUID()
      const executionId = await adapter.start(id, {
        steps: [{ name: 'reserve' }, { name: 'wait', isHeld: true }],
      })
      await adapter.begun(id, 'wait')
      await adapter.cancel(id)
      const { events, view } = await storyOf(adapter, executionId)
      expect(view.status).toBe('cancelled')
      const cancel = events.find(({ eventType }) => eventType === 'ORCHESTRATION_CANCELLED')
      if (adapter.capabilities.actor) expect(cancel?.actorId).not.toBeNull()
      else expect(cancel?.details?.['notObservable']).toEqual(['actor', 'reason'])
    })

    it('loses nothing of an execution whose process is killed, and says whose outcome nobody knows', async () => {
      const id = randomUUID()
      const executionId = await adapter.start(id, {
        steps: [{ name: 'reserve' }, { name: 'charge', isHeld: true }],
      })
      await adapter.begun(id, 'charge')
      await adapter.crash()
      await adapter.ended(id)
      const { events, view } = await storyOf(adapter, executionId)
      expect(view.status).toBe('completed')
      expect(typesOf(events).filter((type) => type.includes('reserve'))).toHaveLength(2)
      if (!adapter.capabilities.perAttempt) return
      expect(typesOf(events).filter((type) => type.includes('charge'))).toEqual([
        'STEP_STARTED charge',
        'STEP_FAILED charge 0',
        'STEP_RETRY_TRIGGERED charge 1',
        'STEP_SUCCESS charge 1',
      ])
      const lost = events.find(({ eventType }) => eventType === 'STEP_FAILED')
      expect(lost?.details).toMatchObject({ outcomeUnknown: true })
    })

    it.each([
      ['succeeded', 1],
      ['failed', 2],
    ])('has nothing twice of what it is told twice, of one that has %s', async (_, failures) => {
      const script = { steps: [{ name: 'charge', failures, retries: 1 }] }
      const { events, executionId } = await run(script)
      await adapter.redeliver()
      expect((await storyOf(adapter, executionId)).events).toEqual(events)
    })

    it('has nothing twice of what the engine replays', async () => {
      const id = randomUUID()
      const script = { steps: [{ name: 'reserve' }, { name: 'charge', failures: 1, retries: 1 }] }
      const executionId = await adapter.start(id, script)
      await adapter.ended(id)
      const { events } = await storyOf(adapter, executionId)
      await adapter.replay(id, script)
      expect((await storyOf(adapter, executionId)).events).toEqual(events)
    })
  })
}

type Story = Awaited<ReturnType<typeof storyOf>>

/** What is on record of an execution, once it is whole: numbered without a gap, in the order of time, and told by itself. */
async function storyOf(adapter: AdapterUnderTest, executionId: string) {
  const { database } = adapter
  await adapter.settle()
  const events = await getExecutionEvents(database, executionId)
  const view = await getExecution(database, executionId)
  expect(events.map(({ executionSeq }) => executionSeq)).toEqual(events.map((_, index) => index + 1))
  const times = events.map(({ timestamp }) => timestamp)
  expect(times).toEqual([...new Set(times)].toSorted())
  const rebuilt = await reconstructExecution(database, executionId)
  expect(rebuilt?.status).toBe(view.status)
  expect(rebuilt?.steps.map(({ name, operation, status }) => `${operation} ${name} ${status}`)).toEqual(
    view.steps.map(({ name, operationType, status }) => `${operationType} ${name} ${status}`),
  )
  return { executionId, events, view }
}

const typesOf = (events: readonly AuditEvent[]): readonly string[] =>
  events.map(({ eventType, stepName, retryCount, operationType }) =>
    [eventType, stepName, retryCount, operationType === 'UNDO' ? 'UNDO' : null]
      .filter((part) => part !== null)
      .join(' '),
  )

const unseenOf = (events: readonly AuditEvent[], type: string): unknown =>
  events.find(({ eventType }) => eventType === type)?.details?.['notObservable']
