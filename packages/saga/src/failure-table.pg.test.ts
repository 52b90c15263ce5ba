import { type Database, getExecution } from '@steptrail/core'
import { describeOnBoth, type Fault, faultyDatabase, type FaultyDatabase } from '@steptrail/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSaga, type Saga } from '@steptrail/saga'
import { eventsOf, report, scripted, single, storyOf } from '../test/scripted-saga.ts'

/** Everything that the runtime writes, so that a test can tell whether anything was. */
async function everything(database: Database): Promise<unknown> {
  const tables = [
    'workflow_executions',
    'workflow_steps',
    'workflow_step_edges',
    'workflow_step_transitions',
    'workflow_step_result_audit',
    'audit_event',
  ]
  const counted: unknown[] = []
  for (const table of tables) {
    const { rows } = await database.query(
      `select md5(string_agg(t::text, '|' order by t::text)) from ${table} t`,
    )
    counted.push(rows)
  }
  return counted
}

/** Does something under a fault at each statement, then at the commit, until no statement is left to fail. */
async function atEachStatement(database: FaultyDatabase, attempt: () => Promise<void>): Promise<number> {
  for (let number = 1; ; number += 1) {
    const fault = { at: 'statement', number } as const
    database.fail(fault)
    await attempt()
    if (!database.hasFailed) return number - 1
  }
}

/** Another runtime on the same database, with the database's clock. */
async function another(database: Database): Promise<Saga> {
  const saga = await createSaga(database, { holdsClock: false, onTrouble: () => {} })
  onTestFinished(() => saga.close())
  return saga
}

const completed = [
  'ORCHESTRATION_STARTED',
  'STEP_STARTED createClient DO',
  'STEP_SUCCESS createClient DO 0',
  'ORCHESTRATION_COMPLETED',
]

describeOnBoth('what is left when a transaction of the runtime fails', (open) => {
  /** Who gets the report: the runtime that gave the claim and knows its execution, or one that has to read it. */
  describe.each([
    { by: 'which gave the claim', statements: 1 },
    { by: 'which knows nothing of it', statements: 4 },
  ])('while a result is reported to a runtime $by', ({ by, statements }) => {
    const receiver = async (database: Database, saga: Saga): Promise<Saga> =>
      by === 'which gave the claim' ? saga : await another(database)

    test('before the commit: nothing is written, no outcome is given, and reporting again succeeds', async () => {
      const database = faultyDatabase(await open())
      const { saga, worker } = await scripted(database)
      const failAt = async (fault: Fault): Promise<void> => {
        const { executionId } = await saga.start(single, {})
        const [claim] = await saga.dispatch.claim(worker, 1)
        if (!claim) throw new Error('nothing to claim')
        const receiving = { saga: await receiver(database, saga), worker }
        const before = await everything(database)
        database.fail(fault)
        const outcomes = await report(receiving, claim)
        if (database.hasFailed) {
          expect(outcomes).toEqual([])
          expect(await everything(database)).toEqual(before)
          expect(await report(receiving, claim)).toMatchObject([{ outcome: 'accepted' }])
        }
        expect(storyOf(await eventsOf(database, executionId))).toEqual(completed)
      }
      for (let number = 1; ; number += 1) {
        await failAt({ at: 'statement', number })
        if (!database.hasFailed) {
          expect(number - 1).toBeGreaterThanOrEqual(statements)
          break
        }
      }
      await failAt({ at: 'commit' })
    })

    test('after the commit: the repeated report changes nothing and is on record', async () => {
      const database = faultyDatabase(await open())
      const { saga, worker, perform } = await scripted(database)
      // The first end asks for the partition of its audit beforehand, by a statement of its own.
      await saga.start(single, {})
      await perform(5)
      const { executionId } = await saga.start(single, {})
      const [claim] = await saga.dispatch.claim(worker, 1)
      if (!claim) throw new Error('nothing to claim')
      const receiving = { saga: await receiver(database, saga), worker }
      database.fail({ at: 'reply' })
      expect(await report(receiving, claim)).toEqual([])
      expect(await report(receiving, claim)).toMatchObject([{ outcome: 'rejected' }])
      expect(storyOf(await eventsOf(database, executionId))).toEqual([
        ...completed,
        'STEP_RESULT_REJECTED createClient DO',
      ])
      expect((await getExecution(database, executionId)).status).toBe('completed')
    })
  })

  /** A runtime that has heard of the database's clock starts in one statement, any other in a transaction. */
  describe.each([
    { by: 'which knows the time', statements: 1 },
    { by: 'which has just begun', statements: 2 },
  ])('while an execution is started by a runtime $by', ({ by, statements }) => {
    test('before the commit: nothing is stored; after it: the same key finds what was started', async () => {
      const database = faultyDatabase(await open())
      const { saga } = await scripted(database)
      await saga.start(single, {})
      const before = await everything(database)
      const start = async (): Promise<unknown> => {
        const starting = by === 'which knows the time' ? saga : await another(database)
        return await starting.start(single, {}, { idempotencyKey: 'once' })
      }
      const failed = await atEachStatement(database, async () => {
        const [outcome] = await Promise.allSettled([start()])
        expect(outcome.status).toBe(database.hasFailed ? 'rejected' : 'fulfilled')
        if (database.hasFailed) expect(await everything(database)).toEqual(before)
      })
      expect(failed).toBeGreaterThanOrEqual(statements)
      const { rows } = await database.query(
        `select 1 from workflow_executions where idempotency_key = 'once'`,
      )
      expect(rows).toHaveLength(1)

      const second = (): Promise<{ created: boolean }> => saga.start(single, {}, { idempotencyKey: 'twice' })
      database.fail({ at: 'reply' })
      await expect(second()).rejects.toThrow('fault at reply')
      expect(await second()).toMatchObject({ created: false })
    })
  })

  describe('while the clock wakes what is due', () => {
    test('nothing is written before the commit, and the next round does it once', async () => {
      const database = faultyDatabase(await open())
      const { clock, saga, perform } = await scripted(database)
      const { executionId } = await saga.start(single, {})
      await perform(1, { message: 'no' })
      clock.advance(6_000)
      const before = await everything(database)
      const lookingForWhatIsDue = 1
      database.fail({ at: 'commit' }, lookingForWhatIsDue)
      expect(await saga.tick()).toBe(0)
      expect(await everything(database)).toEqual(before)
      expect(await saga.tick()).toBe(1)
      expect(await saga.tick()).toBe(0)
      await perform(1)
      expect(storyOf(await eventsOf(database, executionId)).at(-2)).toBe('STEP_SUCCESS createClient DO 1')
    })
  })
})
