import { uuidV7 } from '@steptrail/event'
import {
  createMigratedDatabase,
  describeOnBoth,
  openTestDatabase,
  releaseAfterTest,
} from '@steptrail/testkit'
import { Client } from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { newExecution } from '../../test/executions.ts'
import { added, operation, record, sequenceOf } from '../../test/recording.ts'
import { scriptedRun } from '../../test/scripted-run.ts'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { recordIn } from './record-in.ts'
import type { TransactionQuery } from './write-events.ts'

const inSpan = (digit: string) => ({
  activeSpan: () => ({ traceId: digit.repeat(32), spanId: digit.repeat(16) }),
})

describeOnBoth('recordIn, called again,', (open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
  })

  it('does nothing when an event is recorded again, and uses no number', async () => {
    const executionId = await newExecution(database)
    const id = uuidV7(Date.now() - 10)
    const event = operation({ id, executionId, details: { b: 1e21 / 1e7, a: 0.1 + 0.2 }, reason: null })
    const [first] = await record(database, [event])
    const again = await record(database, [operation({ executionId }), event, event])
    expect(first).toMatchObject({ id, executionSeq: 1, outcome: 'created' })
    expect(again).toMatchObject([
      { executionSeq: 2, outcome: 'created' },
      { id, executionSeq: 1, outcome: 'duplicate' },
      { id, executionSeq: 1, outcome: 'duplicate' },
    ])
    expect(await sequenceOf(database, executionId)).toHaveLength(2)
  })

  it('counts the same event twice in one call as one', async () => {
    const event = operation({ id: uuidV7(Date.now()) })
    const count = await added(database, async () => {
      const recorded = await record(database, [event, event])
      expect(recorded.map((each) => each.outcome)).toEqual(['created', 'duplicate'])
    })
    expect(count).toBe(1)
  })

  it.each([
    ['in one call', 1],
    ['in two', 2],
  ])('refuses an id that comes again with other content, %s', async (_, calls) => {
    const executionId = await newExecution(database)
    const event = operation({ id: uuidV7(Date.now() - 10), executionId })
    const other = { ...event, message: 'other' }
    if (calls === 2) await record(database, [event])
    const outcome = record(database, calls === 2 ? [operation({ executionId }), other] : [event, other])
    await expect(outcome).rejects.toMatchObject({ code: 'event_conflict', details: { id: event.id } })
    expect(await sequenceOf(database, executionId)).toHaveLength(calls - 1)
  })

  it('takes a repetition from another span for a repetition, unless the trace was given', async () => {
    const event = operation({ id: uuidV7(Date.now()) })
    await record(database, [event], inSpan('a'))
    expect(await record(database, [event], inSpan('b'))).toMatchObject([{ outcome: 'duplicate' }])
    const traced = { ...event, traceId: 'c'.repeat(32), spanId: 'c'.repeat(16) }
    await expect(record(database, [traced])).rejects.toMatchObject({ code: 'event_conflict' })
    const { rows } = await database.query('select trace_id, span_id from audit_event where id = $1', [
      event.id,
    ])
    expect(rows).toEqual([{ trace_id: 'a'.repeat(32), span_id: 'a'.repeat(16) }])
  })
})

describe('recordIn, whatever goes wrong', () => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase('embedded')
  })

  const failures = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((statement) =>
    (['before', 'after'] as const).map((moment) => ({ statement, moment })),
  )

  it.each(failures)(
    'fails whole $moment statement $statement, and can be repeated',
    async ({ statement, moment }) => {
      const executionId = await newExecution(database)
      const now = Date.now()
      const events = [
        operation({ executionId, id: uuidV7(now - 10) }),
        operation({ executionId, id: uuidV7(now - 20) }),
      ]
      let sent = 0
      const outcome = database.transaction((tx) =>
        recordIn(async (text, values) => {
          sent += 1
          if (sent === statement && moment === 'before') throw new Error('lost')
          const result = await tx(text, values)
          if (sent === statement) throw new Error('lost')
          return result
        }, events),
      )
      await expect(outcome).rejects.toThrow('lost')
      expect(await sequenceOf(database, executionId)).toEqual([])
      const again = await record(database, events)
      expect(again.map(({ executionSeq, outcome: each }) => [executionSeq, each])).toEqual([
        [1, 'created'],
        [null, 'created'],
      ])
    },
  )

  it('leaves nothing when the transaction is rolled back, and duplicates when the reply to its commit is lost', async () => {
    const executionId = await newExecution(database)
    const events = [operation({ executionId, id: uuidV7(Date.now() - 10) })]
    const rolledBack = database.transaction(async (tx) => {
      await recordIn(tx, events)
      throw new Error('rolled back')
    })
    await expect(rolledBack).rejects.toThrow('rolled back')
    expect(await sequenceOf(database, executionId)).toEqual([])
    expect(await record(database, events)).toMatchObject([{ executionSeq: 1, outcome: 'created' }])
    expect(await record(database, events)).toMatchObject([{ executionSeq: 1, outcome: 'duplicate' }])
    expect(await record(database, [operation({ executionId })])).toMatchObject([{ executionSeq: 2 }])
  })
})

describe('recordIn among others on PostgreSQL', () => {
  let database: Database
  beforeAll(async () => {
    database = await openTestDatabase('postgres')
  })

  it('gives 20 writers of one execution dense numbers and strictly increasing timestamps', async () => {
    const executionId = await newExecution(database)
    const writer = async (): Promise<void> => {
      for (let round = 0; round < 10; round++)
        await record(database, [operation({ executionId }), operation(), operation({ executionId })])
    }
    await Promise.all(Array.from({ length: 20 }, writer))
    const rows = await sequenceOf(database, executionId)
    expect(rows.map((row) => row.execution_seq)).toEqual(Array.from({ length: 400 }, (_, index) => index + 1))
    const times = rows.map((row) => Date.parse(row.timestamp))
    expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0))).toBe(true)
    expect(rows.map((row) => row.id).toSorted()).toEqual(rows.map((row) => row.id))
  })

  it('does not deadlock with a writer that names the same executions in another order', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => newExecution(database)))
    const events = ids.map((executionId) => operation({ executionId }))
    const writer = async (_: unknown, index: number): Promise<void> => {
      for (let round = 0; round < 10; round++)
        await record(database, index % 2 ? events : events.toReversed())
    }
    await Promise.all(Array.from({ length: 8 }, writer))
    for (const id of ids) expect(await sequenceOf(database, id)).toHaveLength(80)
  })

  it('shares the sequence of an execution with the runtime', async () => {
    const { run } = await scriptedRun(database, new Date(Date.now() - 3_600_000).toISOString())
    const executionId = await run([10])
    await record(database, [operation({ executionId }), operation({ executionId })])
    await run([10, 10, 10, 10, 10])
    await record(database, [operation({ executionId })])
    const rows = await sequenceOf(database, executionId)
    expect(rows.map((row) => row.execution_seq)).toEqual(rows.map((_, index) => index + 1))
    const { rows: types } = await database.query<{ event_type: string }>(
      'select event_type from audit_event where execution_id = $1 order by timestamp',
      [executionId],
    )
    expect(types.map((row) => row.event_type)).toEqual([
      'ORCHESTRATION_STARTED',
      'STEP_STARTED',
      'STEP_SUCCESS',
      'STEP_STARTED',
      'OPERATION',
      'OPERATION',
      'STEP_SUCCESS',
      'STEP_STARTED',
      'STEP_SUCCESS',
      'ORCHESTRATION_COMPLETED',
      'OPERATION',
    ])
  })

  it('knows an event that another transaction is just recording, by its execution and without', async () => {
    const executionId = await newExecution(database)
    for (const more of [{ executionId }, {}]) {
      const event = operation({ id: uuidV7(Date.now() - 10), ...more })
      const outcomes = await Promise.all(Array.from({ length: 4 }, () => record(database, [event])))
      expect(outcomes.map(([recorded]) => recorded?.outcome).toSorted()).toEqual([
        'created',
        'duplicate',
        'duplicate',
        'duplicate',
      ])
      const others = ['x', 'y'].map((message) => ({ ...event, id: uuidV7(Date.now()), message }))
      const same = others.map((other) => ({ ...other, id: others[0]?.id }))
      const settled = await Promise.allSettled(same.map((each) => record(database, [each])))
      const refused = settled.filter((each) => each.status === 'rejected')
      expect(refused).toMatchObject([{ reason: { code: 'event_conflict' } }])
    }
    expect((await sequenceOf(database, executionId)).map((row) => row.execution_seq)).toEqual([1, 2])
  })

  it('works on a connection of the caller, with another search path and other type parsers', async () => {
    const url = await createMigratedDatabase()
    await using own = await openDatabase({ url })
    const client = new Client({ connectionString: url })
    await client.connect()
    releaseAfterTest(() => client.end())
    const executionId = await newExecution(own)
    const id = uuidV7(Date.now() - 10)
    const event = operation({ id, executionId, details: { count: 1 } })
    const query: TransactionQuery = (text, values) => client.query(text, values)
    const environment = { schema: 'steptrail' }
    await client.query('begin')
    expect(await recordIn(query, [event], environment)).toMatchObject([
      { executionSeq: 1, outcome: 'created' },
    ])
    expect(await recordIn(query, [event], environment)).toMatchObject([
      { executionSeq: 1, outcome: 'duplicate' },
    ])
    await client.query('commit')
    expect(await sequenceOf(own, executionId)).toMatchObject([{ id }])
  })
})
