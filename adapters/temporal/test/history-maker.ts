/** What is in a history, as `temporal workflow show --output json` writes it. */
export interface HistoryJson {
  readonly events: readonly Readonly<Record<string, unknown>>[]
}

/** How an activity of a made history went. */
export interface MadeActivity {
  /** Attempts that were made; 1 unless given. */
  readonly attempts?: number
  readonly maximumAttempts?: number
  /** As the application gives it; a number from 1 on unless given. */
  readonly activityId?: string
  /** Names the outcome; it succeeds unless given. */
  readonly ends?: 'failed' | 'timedOut' | 'canceled' | 'open'
}

const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

/** A value as the SDK's default converter stores it. */
export const payloadOf = (value: unknown) => ({
  metadata: { encoding: utf8('json/plain') },
  data: utf8(JSON.stringify(value)),
})
const payloadsOf = (...values: readonly unknown[]) => ({ payloads: values.map(payloadOf) })
const failureOf = (message: string, more: object = {}) => ({
  message,
  source: 'TypeScriptSDK',
  applicationFailureInfo: { type: 'CardError' },
  ...more,
})

/** Makes a history, event by event, as a server would write it: dense numbers, a millisecond or more between them. */
export class HistoryMaker {
  readonly #events: Record<string, unknown>[] = []
  readonly #runId: string
  readonly #workflowId: string
  #activities = 0
  #now = Date.parse('2026-11-20T10:00:00.000Z')

  constructor(workflowId: string, runId: string, started: object = {}) {
    this.#workflowId = workflowId
    this.#runId = runId
    this.#add('workflowExecutionStarted', {
      workflowType: { name: 'order' },
      taskQueue: { name: 'shop', kind: 'TASK_QUEUE_KIND_NORMAL' },
      input: payloadsOf({ order: workflowId }),
      workflowExecutionTimeout: '0s',
      workflowRunTimeout: '0s',
      workflowTaskTimeout: '10s',
      originalExecutionRunId: this.#runId,
      firstExecutionRunId: this.#runId,
      identity: '17@shop-web',
      attempt: 1,
      firstWorkflowTaskBackoff: '0s',
      header: { fields: {} },
      workflowId: this.#workflowId,
      ...started,
    })
    this.task()
  }

  /** A workflow task, scheduled, started and completed. */
  task(): this {
    const scheduledEventId = this.#add('workflowTaskScheduled', {
      taskQueue: { name: 'shop', kind: 'TASK_QUEUE_KIND_NORMAL' },
      startToCloseTimeout: '10s',
      attempt: 1,
    })
    const startedEventId = this.#add('workflowTaskStarted', {
      scheduledEventId: `${scheduledEventId}`,
      identity: '4711@shop-worker',
      requestId: 'b7d2bd4e-0e3b-4a2a-8f7f-3f8f0a1b2c3d',
    })
    this.#add('workflowTaskCompleted', {
      scheduledEventId: `${scheduledEventId}`,
      startedEventId: `${startedEventId}`,
      identity: '4711@shop-worker',
      workerVersion: { buildId: '@temporalio/worker@1.24.0+4f1d' },
    })
    return this
  }

  activity(name: string, made: MadeActivity = {}): this {
    const scheduledEventId = this.schedule(name, made)
    return this.end(name, scheduledEventId, made).task()
  }

  schedule(name: string, made: MadeActivity = {}): number {
    const { maximumAttempts = 3 } = made
    return this.#add('activityTaskScheduled', {
      activityId: made.activityId ?? `${(this.#activities += 1)}`,
      activityType: { name },
      taskQueue: { name: 'shop', kind: 'TASK_QUEUE_KIND_NORMAL' },
      header: { fields: {} },
      input: payloadsOf({ secret: 'xyzzy' }),
      scheduleToCloseTimeout: '0s',
      startToCloseTimeout: '60s',
      workflowTaskCompletedEventId: `${this.#events.length}`,
      retryPolicy: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '100s', maximumAttempts },
    })
  }

  end(name: string, scheduledEventId: number, { attempts = 1, ends }: MadeActivity = {}): this {
    if (ends === 'open') return this
    const startedEventId = this.#add('activityTaskStarted', {
      scheduledEventId: `${scheduledEventId}`,
      identity: '4711@shop-worker',
      requestId: '1f0c3a52-5d0e-4e3e-9d5c-2c7d1f6e8a90',
      attempt: attempts,
      ...(attempts > 1 && { lastFailure: failureOf(`${name} failed in attempt ${attempts - 1}`) }),
    })
    const ids = {
      scheduledEventId: `${scheduledEventId}`,
      startedEventId: `${startedEventId}`,
      identity: '4711@shop-worker',
    }
    if (ends === 'failed')
      this.#add('activityTaskFailed', {
        ...ids,
        failure: failureOf(`${name} failed in attempt ${attempts}`),
        retryState: 'RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED',
      })
    else if (ends === 'timedOut')
      this.#add('activityTaskTimedOut', {
        ...ids,
        failure: {
          message: 'activity StartToClose timeout',
          timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' },
        },
        retryState: 'RETRY_STATE_TIMEOUT',
      })
    else if (ends === 'canceled') this.#add('activityTaskCanceled', ids)
    else this.#add('activityTaskCompleted', { ...ids, result: payloadsOf(`${name} is done`) })
    return this
  }

  /** Any event, by the name of its attributes. */
  event(type: string, attributes: object): this {
    this.#add(type, attributes)
    return this
  }

  completed(): this {
    return this.event('workflowExecutionCompleted', {
      result: payloadsOf('done'),
      workflowTaskCompletedEventId: '4',
    })
  }

  failed(message: string): this {
    return this.event('workflowExecutionFailed', {
      failure: { message: 'Activity task failed', cause: failureOf(message) },
      retryState: 'RETRY_STATE_RETRY_POLICY_NOT_SET',
    })
  }

  cancelRequested(identity = '99@shop-cli'): this {
    return this.event('workflowExecutionCancelRequested', { identity }).task()
  }

  /** The number of the event that was made last. */
  get last(): number {
    return this.#events.length
  }

  /** The history up to an event; all of it unless given. */
  json(through = this.#events.length): HistoryJson {
    return { events: this.#events.slice(0, through) }
  }

  #add(type: string, attributes: object): number {
    this.#now += 10
    const eventId = this.#events.length + 1
    this.#events.push({
      eventId: `${eventId}`,
      eventTime: new Date(this.#now).toISOString().replace('Z', '123456Z'),
      eventType: `EVENT_TYPE_${type.replace(/(?=[A-Z])/g, '_').toUpperCase()}`,
      taskId: `${1_048_576 + eventId}`,
      [`${type}EventAttributes`]: attributes,
    })
    return eventId
  }
}
