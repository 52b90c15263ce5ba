import { type Database, ObservationRecorder, type ObservedEngine } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { sha256, verifyPack } from '@steptrail/verify'
import { beforeAll, expect, it } from 'vitest'
import { sealing } from '../../test/logs.ts'
import { tamper } from '../../test/tampering.ts'
import { makeEvidencePack } from '../evidence/evidence-pack.ts'
import { verifyTrail } from '../verify/verify-trail.ts'

const engine: ObservedEngine = {
  name: 'other',
  sourceId: '5a0c6d5e-9d0c-8f5e-8a1b-0c1d2e3f4a5b',
  capabilities: { perAttempt: true, actor: false, transactional: true, replaySafe: true, backfill: true },
}
const at = Date.now() - 10_000
const execution = 'order-17'
let database: Database
let executionId = ''
const sealer = sealing()

beforeAll(async () => {
  database = await openTestDatabase('postgres')
  await new ObservationRecorder(database, { engine, serviceName: 'adapter' }).record([
    {
      id: '1',
      observation: {
        kind: 'started',
        execution,
        at,
        workflowName: 'order',
        workflowVersion: '1.0',
        correlationId: execution,
        actor: { type: 'user', id: 'anna' },
        inputDigest: 'ab'.repeat(32),
        isBackfilled: false,
      },
    },
    { id: '2', observation: { kind: 'completed', execution, at: at + 10, result: null } },
  ])
  await sealer.seal(database)
  const { rows } = await database.query<{ id: string }>('select execution_id as id from workflow_executions')
  executionId = rows[0]!.id
})

it('an execution of another engine verifies, in the database and in a pack', async () => {
  expect(await verifyTrail(database, { memory: sealer.memory, actor: null })).toMatchObject({
    outcome: 'verified',
  })
  const { bytes } = await makeEvidencePack(database, executionId)
  expect(await verifyPack(bytes, [], sha256)).toMatchObject({ ok: true, hasEnded: true })
})

it('and not as one of ours, or of a third', async () => {
  for (const name of ['steptrail', 'third']) {
    await tamper(database, [
      [`update workflow_executions set engine = $1, engine_capabilities = null`, [name]],
    ])
    expect(await verifyTrail(database, { memory: sealer.memory, actor: null })).toMatchObject({
      defect: {
        kind: 'run_incomplete',
        problem: `it is of the engine ${name}, and ORCHESTRATION_STARTED says "other"`,
      },
    })
  }
})
