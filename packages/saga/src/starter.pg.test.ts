import type { Database } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { describeOnBoth, faultyDatabase, openTestDatabase, releaseAfterTest } from '@steptrail/testkit'
import { defineWorkflow } from '@steptrail/workflow'
import { expect, it, test } from 'vitest'
import { z } from 'zod'
import { createSaga } from './saga.ts'

const workflow = defineWorkflow({
  name: 'started-together',
  version: '1.0.0',
  input: z.object({ number: z.number() }),
  steps: { only: { service: 'nobody', output: z.object({}), undo: 'none' } },
})
const numbers = Array.from({ length: 20 }, (_, number) => number)

describeOnBoth('starting many executions at once', (openDatabase) => {
  const open = async () => {
    const database = await openDatabase()
    const saga = await createSaga(database, { holdsClock: false })
    releaseAfterTest(() => saga.close())
    const transactions = async (): Promise<number> => {
      const { rows } = await database.query<{ count: number }>('select count(distinct tx) from audit_event')
      return rows[0]?.count ?? 0
    }
    return { database, saga, transactions }
  }

  it('shares transactions, and gives each caller its own', async () => {
    const { database, saga, transactions } = await open()
    const started = await Promise.all(numbers.map((number) => saga.start(workflow, { number })))
    const { rows } = await database.query<{ execution_id: string; number: number }>(
      `select execution_id, (input ->> 'number')::int as number
      from workflow_executions
      where status = 'running'`,
    )
    const stored = new Map(rows.map((row) => [row.execution_id, row.number]))
    expect(started.map(({ executionId }) => stored.get(executionId))).toEqual(numbers)
    expect(await transactions()).toBeLessThan(numbers.length / 2)
  })

  it('gives those with an idempotency key a transaction each', async () => {
    const { saga, transactions } = await open()
    const starts = numbers.map((number) => saga.start(workflow, { number }, { idempotencyKey: `${number}` }))
    await Promise.all(starts)
    expect(await transactions()).toBe(numbers.length)
  })

  it('starts the others when one of them cannot be stored', async () => {
    const { saga, database } = await open()
    const outcomes = await Promise.allSettled(
      numbers.map((number) => saga.start(workflow, { number }, number === 7 ? { tenant: '' } : {})),
    )
    expect(outcomes.map(({ status }) => status)).toEqual(
      numbers.map((number) => (number === 7 ? 'rejected' : 'fulfilled')),
    )
    const { rows } = await database.query<{ count: number }>('select count(*) from workflow_executions')
    expect(rows).toEqual([{ count: numbers.length - 1 }])
  })

  it('knows its own executions again when the answer to a shared transaction was lost', async () => {
    const database = await openDatabase()
    const lossy = losingTheAnswerTo(3, database)
    const saga = await createSaga(lossy, { holdsClock: false, clock: { now: () => Date.now() } })
    releaseAfterTest(() => saga.close())
    // Once the definition is stored, the second and the third come while the first is under way.
    const before = await saga.start(workflow, { number: 0 })
    const together = await Promise.all([1, 2, 3].map((number) => saga.start(workflow, { number })))
    const started = [before, ...together]
    expect(started.map(({ created }) => created)).toEqual([true, true, true, true])
    const { rows } = await database.query<{ id: string }>(
      'select execution_id as id from workflow_executions',
    )
    expect(rows.map(({ id }) => id).toSorted()).toEqual(
      started.map(({ executionId }) => executionId).toSorted(),
    )
  })
})

test('a database that cannot be reached is asked once for all that wait together, who are all told', async () => {
  const database = await openTestDatabase('postgres')
  let asked = 0
  let isAway = false
  const away: Database = {
    ...faultyDatabase(database),
    query: (statement, values) => {
      if (!isAway) return database.query(statement, values)
      asked += 1
      return Promise.reject(new TrailError('database_unreachable', 'cannot connect'))
    },
  }
  const clock = { now: () => Date.now() }
  const saga = await createSaga(away, { holdsClock: false, clock, onTrouble: () => {} })
  releaseAfterTest(() => saga.close())
  await saga.start(workflow, { number: 0 })
  isAway = true
  const outcomes = await Promise.allSettled(numbers.map((number) => saga.start(workflow, { number })))
  expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual(
    numbers.map(() => 'database_unreachable'),
  )
  // The first goes alone, and the others together.
  expect(asked).toBe(2)
})

/** The database, but that a connection breaks before the answer to the write of this number comes. */
function losingTheAnswerTo(number: number, database: Database): Database {
  let writes = 0
  const isWrite = (statement: unknown): boolean =>
    typeof statement === 'object' &&
    statement !== null &&
    'name' in statement &&
    String(statement.name).startsWith('write ')
  return {
    ...faultyDatabase(database),
    query: async (statement, values) => {
      const answer = await database.query<never>(statement, values)
      if (isWrite(statement) && ++writes === number) throw new Error('Connection terminated unexpectedly')
      return answer
    },
  }
}
