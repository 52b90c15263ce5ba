import type { Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { beforeAll, expect, it } from 'vitest'
import { greet } from '../../test/greeting.ts'
import { sealing } from '../../test/logs.ts'
import { tamper } from '../../test/tampering.ts'
import { verifyTrail } from './verify-trail.ts'

/** Rolls back whatever a test does to the database. */
class Undone extends Error {}

let database: Database
let executionId = ''
const sealer = sealing()

beforeAll(async () => {
  database = await openTestDatabase('postgres')
  ;[executionId = ''] = await greet(database, ['shy', 'stranger'])
  await sealer.seal(database)
})

/** What is said of what the statements, run by a superuser, make of the database, which is afterwards as it was. */
async function reportOn(statements: readonly string[]): Promise<unknown> {
  let report: unknown
  const attempt = database.transaction(async (tx) => {
    const inside = { ...database, query: tx, transaction: (work) => work(tx) } as Database
    await tamper(inside, statements)
    report = await verifyTrail(inside, { memory: sealer.memory, actor: null })
    throw new Undone()
  })
  await expect(attempt).rejects.toThrow(Undone)
  return report
}

it('finds executions complete and conforming', async () => {
  expect(await reportOn([])).toMatchObject({ outcome: 'verified', executions: { ended: 2, open: 0 } })
})

const shy = () => `execution_id = '${executionId}'`

it.each([
  ['an input', () => `update workflow_executions set input = '{"guest": "foe"}' where ${shy()}`],
  ['an output', () => `update workflow_executions set output = '{"shakeHands": null}' where ${shy()}`],
  ['how it ended', () => `update workflow_executions set status = 'failed' where ${shy()}`],
  [
    'what a step returned',
    () => `update workflow_steps set output = '{"hands": 3}' where name = 'shakeHands' and ${shy()}`,
  ],
  [
    'a result that a worker reported',
    () =>
      `update workflow_step_transitions set metadata = jsonb_set(metadata, '{event,result}', '{"hands": 3}')
       where metadata #> '{event,result}' = '{"hands": 2}' and ${shy()}`,
  ],
  [
    'an attempt that failed',
    () =>
      `delete from workflow_step_transitions where to_state = 'enqueued_as_error_for_orchestration' and ${shy()}`,
  ],
  [
    'the audit of a result',
    () => `update workflow_step_result_audit set success = not success where task_uuid = '${executionId}'`,
  ],
  ['audits deleted', () => `delete from workflow_step_result_audit where task_uuid = '${executionId}'`],
] as const)('names the execution of which a superuser changed %s', async (_, statement) => {
  expect(await reportOn([statement()])).toMatchObject({
    outcome: 'defect',
    defect: { kind: 'run_incomplete', executionId },
  })
})

it('names an execution of which a superuser left nothing but its events', async () => {
  const tables = [
    'workflow_step_edges',
    'workflow_steps',
    'workflow_step_transitions',
    'workflow_execution_audit',
    'workflow_executions',
  ]
  const report = await reportOn([
    ...tables.map((table) => `delete from ${table} where ${shy().replace('=', '::text =')}`),
    `delete from workflow_step_result_audit where task_uuid = '${executionId}'`,
  ])
  expect(report).toMatchObject({ outcome: 'defect', defect: { kind: 'run_incomplete', executionId } })
})

it('names a definition that a superuser changed', async () => {
  const loosened = `update workflow_definitions set definition = jsonb_set(definition, '{steps,1,retry,maxRetries}', '9')`
  expect(await reportOn([loosened])).toMatchObject({ defect: { kind: 'definition_altered' } })
})
