import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@steptrail/client'
import { placeHold, storeWorkflowExecutionAudit } from '@steptrail/core'
import { memoryInDirectory, SigningKey } from '@steptrail/log'
import { releaseAfterTest } from '@steptrail/testkit'
import { expect, vi } from 'vitest'
import { hostile } from './shop.ts'
import { setStage, type Stage } from './stage.ts'
import { tellRolledBack } from './told-story.ts'

/** As much of what the hostile put into a text as a name may have. */
export const hostileName = hostile.slice(0, 200)

const incident = { severity: 'high', component: 'node', environment: 'production', priority: 'P1' }

const workflow = (workflowName: string, others: object = {}) => ({
  workflowName,
  version: '1.0.0',
  actionType: 'RestartNode',
  title: workflowName,
  description: 'For the tests of the pages.',
  labels: { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] },
  parameters: { type: 'object', properties: {} },
  ...others,
})

/** What the pages that have a filter show: executions that went well and ill, and what each report counts. */
export async function fillFilteredPages(stage: Stage) {
  const executionId = await stage.shop.checkout('flaky')
  await stage.shop.checkout('stolen', 'failed')
  for (const [version, outcome] of [
    ['1', 'success'],
    ['2', 'failed'],
  ] as const)
    await storeWorkflowExecutionAudit(
      stage.database,
      {
        workflow_name: 'elsewhere',
        workflow_version: version,
        total_steps: 1,
        steps_completed: outcome === 'success' ? 1 : 0,
        outcome,
        error_message: outcome === 'failed' ? '<b>no answer</b>' : undefined,
      },
      { now: Date.now() - 86_400_000 },
    )
  return { executionId, workflowId: await fillCatalogue(stage) }
}

/** A stage with what every page shows, hostile and not, all of it sealed; the ids of some of it; a directory for files. */
export async function setFilledStage() {
  const directory = await mkdtemp(join(tmpdir(), 'steptrail-pages-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
  const sealing = { key: SigningKey.generate().key, memory: memoryInDirectory(directory), pollIntervalMs: 20 }
  const stage = await setStage({ sealing })
  const filtered = await fillFilteredPages(stage)
  const blockedId = await stage.shop.shipment('closed', 'blocked')
  const hostileId = await beHostile(stage)
  const { events } = await createClient({ url: stage.url }).events.list({ limit: 1 })
  await sealed(stage)
  return { stage, directory, ...filtered, blockedId, hostileId, eventId: events[0]?.id ?? '' }
}

/** Puts what is hostile wherever a page shows a text that somebody wrote. Resolves with the id of an execution of such names. */
async function beHostile(stage: Stage): Promise<string> {
  await storeWorkflowExecutionAudit(
    stage.database,
    {
      workflow_name: hostileName,
      workflow_version: hostile.slice(0, 60),
      total_steps: 1,
      steps_completed: 0,
      outcome: 'failed',
      error_message: hostile,
    },
    { now: Date.now() - 86_400_000 },
  )
  await stage.trail.recordDurably({
    eventType: 'OPERATION',
    action: hostileName,
    actorType: 'user',
    actorId: hostileName,
    correlationId: hostileName,
    message: hostile,
    details: { [hostileName]: [hostile] },
  })
  const client = createClient({ url: stage.url })
  const actor = { type: 'user', id: hostileName } as const
  await client.catalog.register({
    actionTypes: [],
    workflows: [workflow(hostileName, { description: hostile })],
    actor,
  })
  await client.discovery.listWorkflows({
    remediationId: hostileName,
    context: { ...incident, component: hostile.slice(0, 60) },
    actionType: 'RestartNode',
  })
  await placeHold(stage.database, { correlationId: hostileName }, { actor, reason: hostile })
  return await tellRolledBack(stage, ({ stepName }) => ({
    workflowName: hostileName,
    correlationId: hostileName,
    ...(stepName !== null && { stepName: `${hostileName.slice(0, 120)} ${stepName}` }),
  }))
}

/** Resolves when all that is on record is sealed: what is not has no evidence. */
const sealed = (stage: Stage): Promise<void> =>
  vi.waitFor(
    async () => {
      const { unsealed } = await createClient({ url: stage.url }).log.status()
      if (unsealed > 0) throw new Error(`${unsealed} events wait to be sealed`)
    },
    { timeout: 30_000 },
  )

/** Registers three workflows, of which an agent chooses one, and resolves with the id of that one. */
async function fillCatalogue(stage: Stage): Promise<string> {
  const client = createClient({ url: stage.url })
  const actor = { type: 'user', id: 'anna' } as const
  const { workflows } = await client.catalog.register({
    actionTypes: [
      { actionType: 'RestartNode', what: 'Restarts.', whenToUse: 'Often.', whenNotToUse: 'Never.' },
      { actionType: 'ScaleOut', what: 'Adds nodes.', whenToUse: 'Seldom.', whenNotToUse: 'Often.' },
    ],
    workflows: [
      workflow('drain', { labels: { ...workflow('').labels, environment: ['production'] } }),
      workflow('power-cycle'),
      workflow('replace', { labels: { ...workflow('').labels, environment: ['staging'] } }),
    ],
    actor,
  })
  const id = workflows[0]?.workflowId ?? ''
  const asked = { remediationId: 'incident-7', context: incident }
  await client.discovery.listWorkflows({ ...asked, actionType: 'RestartNode' })
  await client.discovery.validateSelection({ ...asked, workflowId: id, parameters: {} })
  await vi.waitFor(
    async () => expect((await client.catalog.replay('incident-7')).passages.length).toBeGreaterThan(1),
    {
      timeout: 20_000,
    },
  )
  return id
}
