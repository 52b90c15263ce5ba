import { eventColumns, uuidV7 } from '@steptrail/event'
import { describeOnBoth, fakeClock } from '@steptrail/testkit'
import { beforeAll, expect, it } from 'vitest'
import { newExecution } from '../../test/executions.ts'
import { operation, record } from '../../test/recording.ts'
import type { Database } from '../database/database.ts'
import { getExecutionEvents, getExecutionTimeline } from './execution-events.ts'

describeOnBoth('the events of an execution', (open) => {
  let database: Database
  let executionId: string

  beforeAll(async () => {
    database = await open()
    executionId = await newExecution(database)
    const clock = fakeClock('2025-11-04T10:00:00.000Z')
    const at = (ms: number) => uuidV7(clock.now() + ms)
    const event = operation({ executionId, details: { a: 1 }, reason: 'why' })
    await record(database, [event], { clock })
    clock.advance(5234)
    await record(database, [{ ...event, id: at(-1000) }, event, event], { clock })
    await record(database, [{ ...event, id: at(-2000) }, operation()], { clock })
  })

  it('come in the order of their sequence, those without a number where their time puts them', async () => {
    const events = await getExecutionEvents(database, executionId.toUpperCase())
    expect(events.map((event) => [event.executionSeq, event.timestamp.slice(17, 23)])).toEqual([
      [1, '00.000'],
      [null, '03.234'],
      [2, '04.234'],
      [3, '05.234'],
      [4, '05.235'],
    ])
    for (const event of events) expect(Object.keys(event)).toEqual(eventColumns.map(({ key }) => key))
  })

  it('come with the time between them as a timeline', async () => {
    const events = await getExecutionEvents(database, executionId)
    const timeline = await getExecutionTimeline(database, executionId.toUpperCase())
    expect(timeline.map(({ gapMs, runningMs }) => [gapMs, runningMs])).toEqual([
      [null, 0],
      [3234, 3234],
      [1000, 4234],
      [1000, 5234],
      [1, 5235],
    ])
    expect(events).toMatchObject(timeline.map(({ gapMs: _gap, runningMs: _running, ...event }) => event))
  })

  it('come with every column that the view has', async () => {
    const [entry] = await getExecutionTimeline(database, executionId)
    const { rows } = await database.query<{ column_name: string }>(
      `select column_name from information_schema.columns
       where table_schema = current_schema() and table_name = 'v_execution_timeline'`,
    )
    const columnOf = new Map<string, string>([
      ...eventColumns.map(({ key, column }) => [key, column] as const),
      ['gapMs', 'gap_ms'],
      ['runningMs', 'running_ms'],
    ])
    expect(
      Object.keys(entry ?? {})
        .map((key) => columnOf.get(key))
        .toSorted(),
    ).toEqual(rows.map((row) => row.column_name).toSorted())
  })

  it('are found by the id of another engine too', async () => {
    await record(database, [operation({ executionId: 'Argo-17' })])
    expect(await getExecutionEvents(database, 'Argo-17')).toHaveLength(1)
    expect(await getExecutionTimeline(database, 'Argo-17')).toHaveLength(1)
  })

  it('are refused for an execution that nothing names', async () => {
    for (const read of [getExecutionEvents, getExecutionTimeline])
      await expect(read(database, 'argo-17')).rejects.toMatchObject({
        code: 'execution_not_found',
        details: { executionId: 'argo-17' },
      })
  })
})
