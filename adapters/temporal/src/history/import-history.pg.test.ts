import { randomUUID } from 'node:crypto'
import { type Database, getExecution, getExecutionEvents, reconstructExecution } from '@steptrail/core'
import type { AuditEvent } from '@steptrail/event'
import { isEnded } from '@steptrail/workflow'
import { openTestDatabase } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { HistoryMaker, type HistoryJson, payloadOf } from '../../test/history-maker.ts'
import { importHistory, type ImportOptions } from './import-history.ts'
import { readHistory } from './read-history.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase('embedded')
})

const made = (started: object = {}) => new HistoryMaker(`order-${randomUUID()}`, randomUUID(), started)
const read = (json: HistoryJson) => readHistory(json, { name: 'made' })

const story = async (json: HistoryJson, options: ImportOptions = {}) => {
  const imported = await importHistory(database, read(json), options)
  const { executionId } = imported
  const view = await getExecution(database, executionId)
  const events = await getExecutionEvents(database, executionId)
  const rebuilt = await reconstructExecution(database, executionId)
  expect(events.map(({ executionSeq }) => executionSeq)).toEqual(events.map((_, index) => index + 1))
  if (!isEnded(view.status)) return { view, events, imported }
  expect(rebuilt?.status).toBe(view.status)
  expect(rebuilt?.steps.map(({ name, operation, status }) => `${operation} ${name} ${status}`)).toEqual(
    view.steps.map(({ name, operationType, status }) => `${operationType} ${name} ${status}`),
  )
  return { view, events, imported }
}
const typesOf = (events: readonly AuditEvent[]) =>
  events.map(({ eventType, stepName, retryCount, operationType }) =>
    [eventType, stepName, retryCount, operationType === 'UNDO' ? 'UNDO' : null]
      .filter((part) => part !== null)
      .join(' '),
  )

describe('a history of Temporal on record', () => {
  it('is an execution with its activities in order, once, however often it is imported', async () => {
    const maker = made().activity('reserve').activity('charge').completed()
    const { view, events, imported } = await story(maker.json(), { isBackfilled: true })
    expect(typesOf(events)).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED reserve',
      'STEP_SUCCESS reserve 0',
      'STEP_STARTED charge',
      'STEP_SUCCESS charge 0',
      'ORCHESTRATION_COMPLETED',
    ])
    expect(view).toMatchObject({ engine: 'temporal', status: 'completed', workflowName: 'order' })
    expect(view.engineExecutionId).toBe(`${imported.workflowId}/${imported.runId}`)
    expect(view.correlationId).toBe(imported.workflowId)
    expect(imported.recorded).toBeGreaterThan(0)
    const again = await story(maker.json())
    expect(again.imported.recorded).toBe(0)
    expect(again.events).toEqual(events)
  })

  it('has three attempts of an activity that failed twice, and says what of them is not observable', async () => {
    const { view, events } = await story(made().activity('charge', { attempts: 3 }).completed().json())
    expect(typesOf(events).slice(1, -1)).toEqual([
      'STEP_STARTED charge',
      'STEP_FAILED charge 0',
      'STEP_RETRY_TRIGGERED charge 1',
      'STEP_FAILED charge 1',
      'STEP_RETRY_TRIGGERED charge 2',
      'STEP_SUCCESS charge 2',
    ])
    const failures = events.filter(({ eventType }) => eventType === 'STEP_FAILED')
    expect(failures.map(({ details }) => details?.['notObservable'])).toEqual([
      ['timestamp', 'durationMs', 'errorMessage'],
      ['timestamp', 'durationMs'],
    ])
    expect(failures[1]?.details).toMatchObject({
      errorMessage: 'charge failed in attempt 2',
      errorCode: 'CardError',
    })
    expect(view.steps).toMatchObject([{ name: 'charge', attempt: 3, status: 'complete', maxRetries: 2 }])
  })

  it('goes on where it ended when it has grown, and takes an older copy for what it is', async () => {
    const maker = made().activity('reserve')
    const early = await story(maker.json())
    expect(early.view.status).toBe('running')
    maker.event('workflowExecutionSignaled', { signalName: 'hurry', identity: '5@web' })
    const later = await story(maker.activity('charge', { attempts: 2 }).completed().json())
    expect(later.events.slice(0, early.events.length)).toEqual(early.events)
    expect(later.view.status).toBe('completed')
    const old = await story(maker.json(early.imported.historyEvents))
    const whole = await story(maker.json())
    expect([old.imported.recorded, whole.imported.recorded]).toEqual([0, 0])
    expect(whole.events).toEqual(later.events)
  })

  it('waits in an activity that nobody has taken up yet', async () => {
    const { view } = await story(made().activity('reserve', { ends: 'open' }).json())
    expect(view).toMatchObject({
      status: 'running',
      steps: [{ name: 'reserve', status: 'enqueued', attempt: 0 }],
    })
  })

  it('tells of retries that were exhausted, and of what was undone, by its name', async () => {
    const maker = made()
      .activity('reserve')
      .activity('charge', { attempts: 2, maximumAttempts: 2, ends: 'failed' })
      .activity('release')
      .failed('charge failed in attempt 2')
    const { view, events } = await story(maker.json(), { undoes: { release: 'reserve' } })
    expect(view).toMatchObject({ status: 'failed', rolledBackSteps: 1 })
    expect(events.find(({ severity }) => severity === 'error')).toMatchObject({
      stepName: 'charge',
      reason: 'Retry exhausted after 1 attempts',
    })
    expect(typesOf(events).slice(-6)).toEqual([
      'ORCHESTRATION_FAILED',
      'ROLLBACK_TRIGGERED',
      'ROLLBACK_STARTED',
      'STEP_STARTED reserve UNDO',
      'STEP_SUCCESS reserve 0 UNDO',
      'ROLLBACK_COMPLETED',
    ])
  })

  it('does not know what an activity did that Temporal waited for no longer', async () => {
    const maker = made()
      .activity('charge', { attempts: 2, ends: 'timedOut' })
      .failed('activity StartToClose timeout')
    const { view, events } = await story(maker.json())
    expect(view.status).toBe('failed')
    const last = events.filter(({ eventType }) => eventType === 'STEP_FAILED').at(-1)
    expect(last).toMatchObject({
      reason: 'activity StartToClose timeout',
      severity: 'error',
      details: { outcomeUnknown: true, errorCode: 'timeout' },
    })
  })

  it('has who cancelled it as far as Temporal tells, and rolls back for that', async () => {
    const maker = made()
      .activity('reserve')
      .cancelRequested()
      .activity('release')
      .event('workflowExecutionCanceled', {})
    const { view, events } = await story(maker.json(), { undoes: { release: 'reserve' } })
    expect(view).toMatchObject({ status: 'cancelled', rolledBackSteps: 1 })
    const cancel = events.find(({ eventType }) => eventType === 'ORCHESTRATION_CANCELLED')
    expect(cancel).toMatchObject({ actorType: 'service', actorId: '99@shop-cli' })
    expect(events.find(({ eventType }) => eventType === 'ORCHESTRATION_SIGNALLED')).toMatchObject({
      actorId: '99@shop-cli',
      details: { signal: 'cancel' },
    })
  })

  it('gives up what was under way when it is terminated, with who and why', async () => {
    const asked = { 'steptrail-asked': { actor: { type: 'user', id: 'anna' }, reason: 'ticket 7' } }
    const maker = made().activity('reserve', { ends: 'open' })
    maker.event('workflowExecutionTerminated', {
      reason: 'stuck',
      details: { payloads: [payloadOf(asked)] },
      identity: '1@cli',
    })
    const { view, events } = await story(maker.json())
    expect(view).toMatchObject({ status: 'cancelled', steps: [{ status: 'cancelled' }] })
    expect(events.at(-1)).toMatchObject({
      eventType: 'ORCHESTRATION_CANCELLED',
      actorType: 'user',
      actorId: 'anna',
      reason: 'ticket 7',
      details: { engineOutcome: 'terminated' },
    })
  })

  it('has who started it and who signalled it, by the headers of the interceptor', async () => {
    const header = {
      fields: { 'steptrail-asked': payloadOf({ actor: { type: 'user', id: 'anna' }, reason: 'vip' }) },
    }
    const maker = made({ header }).event('workflowExecutionSignaled', {
      signalName: 'approve',
      identity: '5@web',
      header,
    })
    const { view, events } = await story(maker.task().completed().json())
    expect(events[0]).toMatchObject({ actorType: 'user', actorId: 'anna' })
    expect(events[1]).toMatchObject({
      eventType: 'ORCHESTRATION_SIGNALLED',
      actorId: 'anna',
      reason: 'vip',
      details: { signal: 'signal', name: 'approve' },
    })
    expect(view.status).toBe('completed')
  })

  it('has who asked for an update, that it was accepted, and what became of it', async () => {
    const header = {
      fields: { 'steptrail-asked': payloadOf({ actor: { type: 'user', id: 'anna' }, reason: 'vip' }) },
    }
    const maker = made()
    const accepted = (id: string) => {
      const meta = { updateId: id, identity: '5@web' }
      maker.event('workflowExecutionUpdateAccepted', {
        protocolInstanceId: id,
        acceptedRequest: { meta, input: { name: 'approve', header } },
      })
      return { meta, acceptedEventId: `${maker.last}` }
    }
    const [one, other] = [accepted('u1'), accepted('u2')]
    const success = { payloads: [payloadOf('yes')] }
    maker.event('workflowExecutionUpdateCompleted', { ...one, outcome: { success } })
    const failure = { message: 'no card', applicationFailureInfo: { type: 'CardError' } }
    maker.event('workflowExecutionUpdateCompleted', { ...other, outcome: { failure } })
    const { events } = await story(maker.completed().json())
    expect(events.slice(1, -1).map(({ actorId, message }) => [actorId, message])).toEqual([
      ['anna', 'Update accepted: approve'],
      ['anna', 'Update accepted: approve'],
      ['anna', 'Update completed: approve'],
      ['anna', 'Update failed: approve'],
    ])
    expect(events[3]?.details).toMatchObject({ updateId: 'u1', outcome: 'completed' })
    expect(events[3]?.details?.['resultDigest']).toMatch(/^[0-9a-f]{64}$/)
    expect(events[4]?.details).toMatchObject({
      updateId: 'u2',
      outcome: 'failed',
      errorMessage: 'no card',
      errorCode: 'CardError',
    })
  })

  it('has timers, child workflows and Nexus operations as steps, and a cancelled timer as one that ended early', async () => {
    const maker = made()
    const of = (id: number) => ({ startedEventId: `${id}` })
    maker
      .event('timerStarted', { timerId: '1', startToFireTimeout: '5s' })
      .event('timerFired', { timerId: '1', ...of(maker.last) })
    maker
      .event('timerStarted', { timerId: '2', startToFireTimeout: '5s' })
      .event('timerCanceled', { timerId: '2', ...of(maker.last) })
    maker.event('startChildWorkflowExecutionInitiated', { workflowId: 'c', workflowType: { name: 'ship' } })
    maker.event('childWorkflowExecutionFailed', {
      initiatedEventId: `${maker.last}`,
      failure: { message: 'no van' },
    })
    maker.event('nexusOperationScheduled', { service: 'bank', operation: 'transfer' })
    maker.event('nexusOperationCompleted', { scheduledEventId: `${maker.last}` })
    const { view } = await story(maker.task().completed().json())
    expect(view.steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'timer complete',
      'timer#2 complete',
      'ship error',
      'bank.transfer complete',
    ])
  })

  it('has a local activity by its marker, with its attempts', async () => {
    const details = {
      data: { payloads: [payloadOf({ seq: 1, attempt: 2, activity_id: '1', activity_type: 'price' })] },
      result: { payloads: [payloadOf(3)] },
    }
    const maker = made().event('markerRecorded', { markerName: 'core_local_activity', details })
    const { view } = await story(maker.completed().json())
    expect(view.steps).toMatchObject([{ name: 'price', attempt: 2, status: 'complete' }])
  })

  it('says of a local activity, whose marker has its end alone, that its beginning is not observable', async () => {
    const details = (attempt: number) => ({
      data: { payloads: [payloadOf({ seq: 1, attempt, activity_id: '1', activity_type: 'price' })] },
    })
    const maker = made()
      .event('markerRecorded', { markerName: 'core_local_activity', details: details(1) })
      .event('markerRecorded', {
        markerName: 'core_local_activity',
        details: details(2),
        failure: { message: 'no price' },
      })
    const { events } = await story(maker.completed().json())
    const seen = events
      .filter(({ eventType }) => eventType.startsWith('STEP_'))
      .map(({ eventType, details: told }) => [eventType, told?.['notObservable']])
    expect(seen).toEqual([
      ['STEP_STARTED', ['input', 'timestamp']],
      ['STEP_SUCCESS', ['durationMs']],
      ['STEP_STARTED', ['input', 'timestamp']],
      ['STEP_FAILED', ['timestamp', 'durationMs', 'errorMessage']],
      ['STEP_RETRY_TRIGGERED', ['timestamp', 'backoffMs', 'nextAttemptAt']],
      ['STEP_FAILED', ['durationMs']],
    ])
  })

  it('has the words of a failure that a converter has encoded, or says that they are not observable', async () => {
    const plain = { message: 'Encoded failure', encodedAttributes: payloadOf({ message: 'no card' }) }
    const secret = {
      message: 'Encoded failure',
      encodedAttributes: { metadata: { encoding: 'YmluYXJ5L2VuY3J5cHRlZA==' }, data: 'qqqq' },
      applicationFailureInfo: { type: 'CardError' },
    }
    const maker = made()
    const fail = (failure: object, lastFailure: object) => {
      const ids = { scheduledEventId: `${maker.schedule('charge')}` }
      maker.event('activityTaskStarted', { ...ids, attempt: 2, lastFailure })
      maker.event('activityTaskFailed', { ...ids, startedEventId: `${maker.last}`, failure }).task()
    }
    fail(plain, secret)
    fail({ ...secret, cause: secret }, plain)
    maker.event('workflowExecutionFailed', { failure: { message: 'Activity task failed', cause: secret } })
    const { events } = await story(maker.json())
    const unseen = 'Not observable: a converter of the application has encoded it'
    const failures = events
      .filter(({ eventType }) => eventType === 'STEP_FAILED' || eventType === 'ORCHESTRATION_FAILED')
      .map(({ details }) => [details?.['errorMessage'], details?.['notObservable']])
    expect(failures).toEqual([
      [unseen, ['timestamp', 'durationMs', 'errorMessage']],
      ['no card', undefined],
      ['no card', ['timestamp', 'durationMs']],
      [unseen, ['errorMessage']],
      [unseen, undefined],
    ])
  })

  it('says why a child workflow could not be started, in the words of Temporal, however a tool writes them', async () => {
    const maker = made()
    const causes = [
      1,
      'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS',
      'WorkflowAlreadyExists',
    ]
    for (const cause of causes) {
      maker.event('startChildWorkflowExecutionInitiated', { workflowId: 'c', workflowType: { name: 'ship' } })
      maker.event('startChildWorkflowExecutionFailed', { initiatedEventId: `${maker.last}`, cause })
    }
    const { view } = await story(maker.completed().json())
    expect(view.steps.map(({ lastError }) => lastError)).toEqual(
      causes.map(() => 'The child workflow could not be started: WORKFLOW_ALREADY_EXISTS'),
    )
  })

  it('has local activities of the SDKs for Go and Java by their names, and what came of them', async () => {
    const maker = made()
      .event('markerRecorded', {
        markerName: 'LocalActivity',
        details: {
          data: { payloads: [payloadOf({ ActivityID: '1', ActivityType: 'inGo', Attempt: 2 })] },
          result: { payloads: [payloadOf(3)] },
        },
      })
      .event('markerRecorded', {
        markerName: 'LocalActivity',
        details: { type: { payloads: [payloadOf('inJava')] }, data: { payloads: [payloadOf(3)] } },
      })
    const { view } = await story(maker.completed().json())
    expect(view.steps).toMatchObject([
      { name: 'inGo', attempt: 2, status: 'complete' },
      { name: 'inJava', attempt: 1, status: 'complete' },
    ])
    expect(view.steps.map(({ output }) => output)).toEqual([
      expect.objectContaining({ bytes: 1 }),
      expect.objectContaining({ bytes: 1 }),
    ])
  })

  it('ends when it continues as another run, which is an execution of its own with the same correlation', async () => {
    const id = `order-${randomUUID()}`
    const next = randomUUID()
    const first = new HistoryMaker(id, randomUUID()).event('workflowExecutionContinuedAsNew', {
      newExecutionRunId: next,
    })
    const second = new HistoryMaker(id, next, { continuedExecutionRunId: 'before' }).completed()
    const one = await story(first.json())
    const other = await story(second.json())
    expect(one.events.at(-1)?.details).toMatchObject({ engineOutcome: 'continued as new' })
    expect(one.view.executionId).not.toBe(other.view.executionId)
    expect([one.view.correlationId, other.view.correlationId]).toEqual([id, id])
  })

  it('puts nothing of inputs and outputs on record but their SHA-256', async () => {
    const { events, view } = await story(made().activity('charge').completed().json())
    const everything = JSON.stringify({ events, view })
    expect(everything).not.toContain('xyzzy')
    expect(everything).not.toContain('charge is done')
    expect(events[0]?.details?.['inputDigest']).toMatch(/^[0-9a-f]{64}$/)
  })
})
