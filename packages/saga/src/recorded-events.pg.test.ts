import { randomUUID } from 'node:crypto'
import { columnFaults, createEventCatalogue, type EventRow, fromEventRow } from '@steptrail/event'
import { createSaga } from '@steptrail/saga'
import { describeOnBoth } from '@steptrail/testkit'
import { createWorker, defineWorkflow } from '@steptrail/workflow'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { provision, registered, report, scripted, single } from '../test/scripted-saga.ts'

/** One workflow that retries, skips an undo, undoes and fails to undo, so that all that ends an attempt occurs. */
const eventful = defineWorkflow({
  name: 'eventful',
  version: '1',
  input: z.object({}),
  recordInput: true,
  retry: { maxRetries: 1, backoff: { type: 'fixed', delayMs: 1 } },
  steps: {
    sticks: { service: 'eventful-service', output: z.object({}), after: [] },
    stays: { service: 'eventful-service', output: z.object({}), after: ['sticks'], undo: 'none' },
    breaks: { service: 'eventful-service', output: z.object({}), after: ['stays'] },
  },
})

describeOnBoth('events that the runtime records', (open) => {
  test('hold to the table of their types: columns set and null, statuses, details', async () => {
    const database = await open()
    const run = await scripted(database)
    const { clock, saga, worker, perform } = run
    await saga.start(provision, { tenant: 'acme' }, { actor: { type: 'user', id: 'alice' } })
    const claim = await perform(5)
    await report({ saga, worker }, claim)
    await perform(5)
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await perform(5, { message: 'taken', code: '23505' })
      clock.advance(5_010)
      await saga.tick()
    }
    await perform(5)
    await perform(5)
    await saga.start(single, {})
    await perform(5)
    await saga.start(single, {})
    const silent = await registered(saga, 1_000)
    await saga.dispatch.claim(silent, 1)
    clock.advance(1_000)
    await saga.tick()

    const live = await createSaga(database)
    onTestFinished(() => live.close())
    const breaking = () => {
      throw new Error(`broken ${randomUUID()}`)
    }
    const working = createWorker(live.dispatch, { service: 'eventful-service' }).implement(eventful, {
      stays: { do: () => ({}) },
      sticks: { do: () => ({}), undo: breaking },
      breaks: { do: breaking, undo: () => {} },
    })
    await working.start()
    onTestFinished(async () => void (await working.close()))
    const { executionId } = await live.start(eventful, {})
    expect((await live.waitForEnd(executionId)).status).toBe('rollback_failed')

    const { rows } = await database.query<EventRow>('select * from audit_event')
    const catalogue = createEventCatalogue()
    const seen = new Set<string>()
    for (const row of rows) {
      const event = fromEventRow(row)
      const type = catalogue.find(event.eventType)
      if (!type) throw new Error(`no event type ${event.eventType}`)
      expect({ event, faults: columnFaults(event, type) }).toEqual({ event, faults: [] })
      expect(type.details.safeParse(event.details).error).toBeUndefined()
      seen.add(event.eventType)
    }
    expect([...seen].toSorted()).toEqual([
      'ORCHESTRATION_COMPLETED',
      'ORCHESTRATION_FAILED',
      'ORCHESTRATION_STARTED',
      'ROLLBACK_COMPLETED',
      'ROLLBACK_FAILED',
      'ROLLBACK_STARTED',
      'ROLLBACK_TRIGGERED',
      'STEP_FAILED',
      'STEP_RESULT_REJECTED',
      'STEP_RETRY_TRIGGERED',
      'STEP_SKIPPED',
      'STEP_STARTED',
      'STEP_SUCCESS',
    ])
  })
})
