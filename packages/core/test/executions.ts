import { randomUUID } from 'node:crypto'
import { createExecution, type Database, registerDefinitions } from '@steptrail/core'
import type { WorkflowDefinition } from '@steptrail/workflow'

const definition: WorkflowDefinition = {
  name: 'tenant-provisioning',
  version: '1.0.0',
  input: {},
  recordInput: false,
  steps: [],
}

/** What a test says of an execution; the rest is as it comes. */
export interface ExecutionOptions {
  readonly executionId?: string
  readonly correlationId?: string
  readonly tenant?: string
}

/** The id of a new execution of `tenant-provisioning` 1.0.0 that has no events yet. */
export async function newExecution(database: Database, options: ExecutionOptions = {}): Promise<string> {
  const { executionId = randomUUID(), correlationId = null, tenant = 'default' } = options
  await database.transaction(async (tx) => {
    const [definitionHash = ''] = await registerDefinitions(tx, [definition])
    await createExecution(tx, {
      executionId,
      definition,
      definitionHash,
      correlationId,
      tenant,
      input: {},
      idempotencyKey: null,
      actor: null,
    })
  })
  return executionId
}
