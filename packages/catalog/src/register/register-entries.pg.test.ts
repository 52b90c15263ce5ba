import { createTrail, type Database, type Trail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actionTypes, content, production } from '../../test/pods.ts'
import {
  changeStatus,
  contentHash,
  Discovery,
  findWorkflow,
  getEntry,
  registerEntries,
  setWeights,
  builtInWeights,
  workflowIdOf,
  type WorkflowContentInput,
} from '../index.ts'

const actor = { type: 'user', id: 'anna' } as const
let database: Database
let trail: Trail
beforeAll(async () => {
  database = await openTestDatabase('postgres')
  trail = createTrail(database)
  await registerEntries(database, { actionTypes }, { actor })
})
afterAll(() => trail.close())

const register = async (...workflows: readonly WorkflowContentInput[]) =>
  (await registerEntries(database, { workflows }, { actor })).workflows
const versionsOf = async (name: string) => {
  const { versions } = await getEntry(database, await findWorkflow(database, name, 'default'), 'default')
  return Object.fromEntries(versions.map(({ version, status }) => [version, status]))
}
const eventsOf = async (workflowName: string) =>
  (await trail.listEvents({ workflowName, order: 'asc' })).items

describe('registering workflows', () => {
  it('gives the same content the same id everywhere, and does nothing the second time', async () => {
    const hash = `sha256:${'0'.repeat(64)}`
    // As `python3 -c "import uuid; …uuid5(uuid5(NAMESPACE_DNS, 'steptrail.catalog'), hash)"` gives it.
    expect(workflowIdOf(hash)).toBe('043a7b5c-d360-56e2-8c0c-dc1bad00c73d')
    const given = content({ workflowName: 'twice' })
    const [first] = await register(given)
    const reordered = Object.fromEntries(Object.entries(given).toReversed()) as unknown as typeof given
    const [second] = await register(reordered)
    expect(second).toEqual({ ...first, outcome: 'unchanged' })
    expect(first?.workflowId).toBe(workflowIdOf(first?.contentHash ?? ''))
    expect(contentHash({ b: 1, a: 2 })).toBe(contentHash({ a: 2, b: 1 }))
    expect(await eventsOf('twice')).toMatchObject([
      {
        eventType: 'workflow.catalog.registered',
        actorId: 'anna',
        details: { before: null, after: { title: given.title }, contentHash: first?.contentHash },
      },
    ])
  })

  it('refuses other content under the same version, and all that came with it', async () => {
    await register(content({ workflowName: 'kept' }))
    const attempt = register(
      content({ workflowName: 'new' }),
      content({ workflowName: 'kept', title: 'Other' }),
    )
    await expect(attempt).rejects.toMatchObject({
      code: 'definition_conflict',
      details: { workflowName: 'kept', version: '1.0.0', index: 1 },
    })
    await expect(findWorkflow(database, 'new', 'default')).rejects.toMatchObject({
      code: 'catalog_entry_not_found',
    })
  })

  it('offers the highest of several new versions, in place of what was offered', async () => {
    const version = (text: string) => content({ workflowName: 'versions', version: text })
    await register(version('1.9.0'))
    const registered = await register(version('1.10.0'), version('1.2.0'))
    expect(registered.map(({ superseded }) => superseded)).toEqual([['1.9.0'], []])
    expect(await versionsOf('versions')).toEqual({
      '1.10.0': 'active',
      '1.9.0': 'deprecated',
      '1.2.0': 'deprecated',
    })
    const [deprecated] = (await eventsOf('versions')).filter(({ eventType }) =>
      eventType.endsWith('deprecated'),
    )
    expect(deprecated).toMatchObject({
      workflowVersion: '1.9.0',
      details: { before: { status: 'active' }, after: { disabledReason: 'superseded by version 1.10.0' } },
    })
  })

  it('keeps one content when two register another at once', async () => {
    const outcomes = await Promise.allSettled(
      ['One', 'Other'].map((title) => register(content({ workflowName: 'race', title }))),
    )
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await versionsOf('race')).toEqual({ '1.0.0': 'active' })
  })

  it('leaves no way to change a content or to take a version away', async () => {
    await register(content({ workflowName: 'fixed' }))
    for (const statement of [
      `update workflow_catalog set title = 'Other' where workflow_name = 'fixed'`,
      `delete from workflow_catalog where workflow_name = 'fixed'`,
    ])
      await expect(database.query(statement)).rejects.toThrow(/refused/)
  })
})

it('is known to discovery from the next call on, whatever has changed', async () => {
  const discovery = new Discovery({ database, recorder: trail.recorder })
  const caller = { actor: null, tenant: 'acme' }
  const by = { actor, tenant: 'acme', reason: 'a test' }
  const request = { remediationId: 'rr-fresh', context: production, actionType: 'ScaleReplicas' }
  const list = async () =>
    (await discovery.listWorkflows(request, caller)).workflows.map(({ workflowName }) => workflowName)
  expect(await list()).toEqual([])
  const exact = content({ workflowName: 'exact' })
  const entries = { actionTypes, workflows: [exact, content({ workflowName: 'wide', labels: anywhere })] }
  const { workflows } = await registerEntries(database, entries, by)
  expect(await list()).toEqual(['exact', 'wide'])
  const { weights } = builtInWeights
  const flat = { floor: 0, severity: 0, component: 0, environment: 0, priority: 0 }
  await setWeights(database, { ...weights, base: flat, boosts: {} }, by)
  expect(await list()).toEqual(workflows.toSorted(byId).map(({ workflowName }) => workflowName))
  const order = { workflowId: workflows[0]?.workflowId ?? '', action: 'disable' } as const
  await changeStatus(database, order, by)
  expect(await list()).toEqual(['wide'])
  const disabled = actionTypes.map((one) => ({ ...one, status: 'disabled' as const }))
  await registerEntries(database, { actionTypes: disabled }, by)
  expect(await list()).toEqual([])
})

const anywhere = { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] }
const byId = (a: { readonly workflowId: string }, b: { readonly workflowId: string }) =>
  a.workflowId < b.workflowId ? -1 : 1
