import type { Database } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { expect, test } from 'vitest'
import { eventsOf, provision, scripted } from '../test/scripted-saga.ts'

const tables = ['audit_event', 'workflow_step_transitions', 'workflow_steps', 'workflow_executions']

/** The tables that hold the secret of these tests. */
async function tablesWithSecret(database: Database): Promise<readonly string[]> {
  const found: string[] = []
  for (const table of tables) {
    const { rows } = await database.query(`select 1 from ${table} as kept where kept::text like '%hunter2%'`)
    if (rows.length > 0) found.push(table)
  }
  return found
}

describeOnBoth('secrets in what a worker reports', (open) => {
  test('are on record nowhere, neither in events nor in transitions nor in the step', async () => {
    const database = await open()
    const { clock, saga, perform } = await scripted(database)
    const { executionId } = await saga.start(provision, { tenant: 'acme' })
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await perform(10, {
        message: 'cannot connect to postgres://anna:hunter2@db.example/app',
        reason: 'The server refused password=hunter2',
        stack: 'Error: password=hunter2\n    at connect',
      })
      clock.advance(5_010)
      await saga.tick()
    }
    const failed = (await eventsOf(database, executionId)).filter(({ reason }) => reason !== null)
    expect(failed.map(({ event_type, reason }) => [event_type, reason])).toEqual([
      ['STEP_FAILED', 'The server refused password=[redacted]'],
      ['STEP_FAILED', 'The server refused password=[redacted]'],
      ['STEP_FAILED', 'The server refused password=[redacted]'],
      ['STEP_FAILED', 'Retry exhausted after 3 attempts'],
      ['ORCHESTRATION_FAILED', 'cannot connect to postgres://anna:[redacted]@db.example/app'],
      ['ROLLBACK_TRIGGERED', 'Step createRealm failed'],
    ])
    expect(await tablesWithSecret(database)).toEqual([])
  })

  test('nor are those in the reasons of operators', async () => {
    const database = await open()
    const { saga } = await scripted(database)
    const { executionId } = await saga.start(provision, { tenant: 'acme' })
    const by = { actor: { type: 'user', id: 'anna' }, reason: 'it has password=hunter2' } as const
    await saga.act(executionId, { action: 'adjust', step: 'createRealm', maxRetries: 5 }, by)
    await saga.act(executionId, { action: 'skip', step: 'createUser' }, by)
    await saga.act(executionId, { action: 'cancel', rollback: false }, by)
    const reasons = (await eventsOf(database, executionId)).flatMap(({ reason }) => reason ?? [])
    expect(reasons).toEqual(Array.from({ length: 3 }, () => 'it has password=[redacted]'))
    expect(await tablesWithSecret(database)).toEqual([])
  })
})
