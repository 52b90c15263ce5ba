import { createTrail, type Database, type Trail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { arbitraryContext, arbitraryWorkflow } from '../../test/arbitrary-catalog.ts'
import { actionTypes, content } from '../../test/pods.ts'
import { changeStatus, Discovery, readCatalog, registerEntries, whyNot } from '../index.ts'

const seed = 4711
const actor = { type: 'user', id: 'anna' } as const
const agent = { actor: { type: 'agent', id: 'planner' }, tenant: 'default' } as const
const drawn = fc.sample(arbitraryWorkflow, { seed, numRuns: 24 })
const contexts = [{}, ...fc.sample(arbitraryContext, { seed, numRuns: 15 })]

let database: Database
let trail: Trail
let ids: readonly string[] = []
beforeAll(async () => {
  database = await openTestDatabase('postgres')
  trail = createTrail(database)
  const offers = drawn.map(({ status: _, ...labels }, index) =>
    content({ ...labels, workflowName: `workflow-${index}` }),
  )
  const { workflows } = await registerEntries(database, { actionTypes, workflows: offers }, { actor })
  ids = workflows.map(({ workflowId }) => workflowId)
  for (const [index, { status }] of drawn.entries())
    if (status === 'disabled')
      await changeStatus(
        database,
        { workflowId: ids[index] ?? '', action: 'disable' },
        { actor, reason: 'drawn' },
      )
})
afterAll(() => trail.close())

/** Of the workflows of one situation: those that step 2 lists, in order. */
async function listed(
  discovery: Discovery,
  remediationId: string,
  context: object,
): Promise<readonly string[]> {
  const asked = { remediationId, context, limit: 100 }
  const { actionTypes: offered } = await discovery.listActions(asked, agent)
  const { workflows } = await discovery.listWorkflows({ ...asked, actionType: 'ScaleReplicas' }, agent)
  expect(offered[0]?.workflowCount ?? 0).toBe(workflows.length)
  return workflows.map(({ workflowId }) => workflowId)
}

it('agrees with every step of discovery, by the catalogue as it is and by what is on record', async () => {
  const discovery = new Discovery({ database, recorder: trail.recorder })
  const lists = new Map<string, readonly string[]>()
  for (const [index, context] of contexts.entries()) {
    const remediationId = `rr-${index}`
    const list = await listed(discovery, remediationId, context)
    lists.set(remediationId, list)
    for (const workflowId of ids) {
      const asked = { remediationId: `rr-other-${index}`, context, workflowId }
      const passes = await discovery.getWorkflow(asked, agent).then(
        () => true,
        () => false,
      )
      expect(passes).toBe(list.includes(workflowId))
    }
  }
  await trail.flush()
  const place = { reader: database, tenant: 'default', snapshot: await readCatalog(database, 'default') }
  for (const [index, context] of contexts.entries()) {
    const remediationId = `rr-${index}`
    const list = lists.get(remediationId) ?? []
    for (const workflowId of ids) {
      const rank = list.indexOf(workflowId) + 1 || null
      const now = await whyNot(place, { workflowId, context })
      const then = await whyNot(place, { workflowId, remediationId })
      expect(now).toMatchObject({ basis: 'current', offered: rank !== null, rank })
      expect(then).toMatchObject({ basis: 'recorded', offered: rank !== null, rank })
      if (rank !== 1) expect(now.reasons.length).toBeGreaterThan(0)
      expect(then.reasons).toEqual(now.reasons)
    }
  }
  expect(new Set([...lists.values()].map(({ length }) => length)).size).toBeGreaterThan(2)
})
