import { describe, expect, it } from 'vitest'
import { HistoryMaker, payloadOf } from '../../test/history-maker.ts'
import { observationsOf } from './observations-of.ts'
import { parseHistory, readHistory } from './read-history.ts'

const source = { name: 'made' }
const made = () => new HistoryMaker('order-17', '0199f0a5-7c1e-7d53-9f0b-5a4e3c2b1a09')
const { events } = made()
  .activity('reserve')
  .activity('charge', { attempts: 3, ends: 'failed' })
  .failed('no card')
  .json()
const changed = (index: number, attributes: object) => {
  const [name = ''] = Object.keys(events[index] ?? {}).filter((key) => key.endsWith('Attributes'))
  return { events: events.with(index, { ...events[index], [name]: attributes }) }
}

const inParts = (time: string) => ({
  seconds: String(Math.floor(Date.parse(time) / 1_000)),
  nanos: (Date.parse(time) % 1_000) * 1_000_000,
})

describe('a history', () => {
  const expected = observationsOf(readHistory({ events }, source))

  it.each([
    ['a list of events, as older ones of the Web UI', events],
    ['batches of events, as from an archive', [{ events: events.slice(0, 4) }, { events: events.slice(4) }]],
    ['the answer of the HTTP API', { history: { events }, nextPageToken: '' }],
    [
      'names as tctl writes them',
      {
        events: events.map((event) => ({
          ...event,
          eventType: 'SomethingStarted',
          eventId: Number(event['eventId']),
        })),
      },
    ],
    [
      'what JSON.stringify makes of it in the SDK for TypeScript',
      { events: events.map((event) => ({ ...event, eventTime: inParts(String(event['eventTime'])) })) },
    ],
    [
      'all fields, with what they are where nothing is given',
      {
        events: events.map((event, index) => ({
          workflowTaskTimedOutEventAttributes: null,
          ...event,
          ...(index === 0 && {
            workflowExecutionStartedEventAttributes: {
              ...(event['workflowExecutionStartedEventAttributes'] as object),
              workflowId: '',
              parentWorkflowExecution: null,
              rootWorkflowExecution: null,
            },
          }),
        })),
      },
    ],
    [
      'numbers in the place of names, as some converters write enums',
      JSON.parse(
        JSON.stringify({ events }).replaceAll('"RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED"', '4'),
      ) as unknown,
    ],
  ])('is read from %s', (_, json) => {
    expect(observationsOf(readHistory(json, { ...source, workflowId: 'order-17' }))).toEqual(expected)
  })

  it('may have events that are not known, which tell nothing and are read again', () => {
    const odd = { eventId: `${events.length + 1}`, eventTime: '2026-11-20T11:00:00Z', newEventAttributes: {} }
    const { told, through } = observationsOf(readHistory({ events: [...events, odd] }, source))
    expect({ told, through }).toEqual({ told: expected.told, through: events.length })
  })

  it.each([
    ['is not an object', 7, 'does not begin with the event WorkflowExecutionStarted'],
    ['is only the end of one', { events: events.slice(2) }, 'does not begin with'],
    ['lacks an event', { events: events.toSpliced(5, 1) }, 'has event 7 at events[5], where 6 is due'],
    [
      'is of a clock that was not set',
      { events: events.with(0, { ...events[0], eventTime: '1970-01-01T00:00:00Z' }) },
      'events[0].eventTime: is not a time since 2000',
    ],
    ['has no time', { events: events.with(1, { eventId: '2' }) }, 'something wrong at events[1].eventTime'],
    [
      'names no run',
      changed(0, { workflowType: { name: 'order' }, workflowId: 'w' }),
      'does not name its run',
    ],
    [
      'has more attempts than can be',
      changed(5, { scheduledEventId: '5', attempt: 2_000_000_000 }),
      'activityTaskStartedEventAttributes.attempt: is more than 10000',
    ],
  ])('is refused where it %s, and the place is named', (_, json, problem) => {
    expect(() => readHistory(json, source)).toThrow(problem)
  })

  it('is refused where all its activities have more attempts than can be', () => {
    const maker = made()
    for (let activity = 0; activity < 6; activity += 1) maker.activity('charge', { attempts: 10_000 })
    expect(() => readHistory(maker.json(), source)).toThrow(
      'has 60000 attempts, and 50000 are the most that can be on record',
    )
  })

  it('is refused where its local activities have more attempts than can be', () => {
    const maker = made()
    const details = { data: { payloads: [payloadOf({ activity_type: 'price', attempt: 10_000 })] } }
    for (let activity = 0; activity < 6; activity += 1)
      maker.event('markerRecorded', { markerName: 'core_local_activity', details })
    expect(() => readHistory(maker.json(), source)).toThrow('has 60000 attempts')
  })

  it('is refused where a failure has more causes than can be', () => {
    let failure: object = { message: 'the first' }
    for (let causes = 0; causes < 20_000; causes += 1) failure = { message: 'caused', cause: failure }
    const deep = made().event('workflowExecutionFailed', { failure }).json()
    expect(() => readHistory(deep, source)).toThrow(/nested|causes/)
  })

  it.each([
    ['w'.repeat(256), 'workflowId: is longer than 255 characters'],
    ['w\0', 'workflowId: holds U+0000'],
  ])('is refused where the id of its workflow cannot be a correlation id', (workflowId, problem) => {
    const odd = new HistoryMaker(workflowId, 'run').json()
    expect(() => readHistory(odd, source)).toThrow(
      `events[0].workflowExecutionStartedEventAttributes.${problem}`,
    )
  })

  it('is refused where it is no JSON, with the line and the column', () => {
    expect(() => parseHistory('{\n  "events": [1, }', source)).toThrow('is not JSON at line 2, column 17')
    expect(() => parseHistory('\n{"events":', source)).toThrow('is not JSON at line 2, column 11')
    expect(() => parseHistory('{"events": [],\n "a": what}', source)).toThrow(
      'is not JSON at line 2, column 7',
    )
  })

  it('of a run that a reset has made is that of this run', () => {
    const reset = made()
      .event('workflowTaskFailed', { cause: 'RESET_WORKFLOW', newRunId: 'reset-run' })
      .json()
    expect(readHistory(reset, source).runId).toBe('reset-run')
  })
})
