import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { changeStatus, Discovery, registerEntries } from '@steptrail/catalog'
import { createTrail, type Trail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMcpServer } from './create-mcp-server.ts'

const anna = { type: 'user', id: 'anna' } as const
const everywhere = { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] }
const situation = { severity: 'critical', component: 'deployment', environment: 'production', priority: 'P0' }

let trail: Trail
let client: Client
const ids: Record<string, string> = {}
const troubles: unknown[] = []

beforeAll(async () => {
  const database = await openTestDatabase('postgres')
  trail = createTrail(database)
  const names = ['a', 'b', 'c', 'staging', 'broken']
  const { workflows } = await registerEntries(
    database,
    {
      actionTypes: [
        { actionType: 'RestartPod', what: 'Restarts.', whenToUse: 'It hangs.', whenNotToUse: '' },
      ],
      workflows: names.map((workflowName) => ({
        workflowName,
        version: '1',
        actionType: 'RestartPod',
        title: workflowName,
        description: 'Restarts a pod.',
        labels: workflowName === 'staging' ? { ...everywhere, environment: ['staging'] } : everywhere,
        parameters: { type: 'object', properties: { pod: { type: 'string' } }, required: ['pod'] },
      })),
    },
    { actor: anna },
  )
  for (const { workflowName, workflowId } of workflows) ids[workflowName] = workflowId
  const order = { workflowId: ids['broken'] ?? '', action: 'disable' } as const
  await changeStatus(database, order, { actor: anna, reason: 'broken' })
  const server = createMcpServer({
    discovery: new Discovery({ database, recorder: trail.recorder }),
    tenant: 'default',
    version: '1',
    onTrouble: (_, cause) => troubles.push(cause),
  })
  const [near, far] = InMemoryTransport.createLinkedPair()
  client = new Client({ name: 'planner', version: '1' })
  await Promise.all([server.connect(far), client.connect(near)])
})
afterAll(async () => {
  await client.close()
  await trail.close()
})

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers as they expect them to be
type Answer = any

async function call(name: string, args: Record<string, unknown>): Promise<Answer> {
  const answer = await client.callTool({ name, arguments: args })
  const [content] = answer.content as { readonly text: string }[]
  expect(content?.text).not.toMatch(/score|confidence|similarity|boost|penalt|rank/i)
  if (answer.isError) return { error: content?.text }
  expect(JSON.parse(content?.text ?? '')).toEqual(answer.structuredContent)
  return answer.structuredContent
}

describe('a session over the Model Context Protocol', () => {
  it('offers four tools, of which none can be told what it does not know', async () => {
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      'list_actions',
      'list_workflows',
      'get_workflow',
      'validate_selection',
    ])
    for (const { inputSchema } of tools) expect(inputSchema).toMatchObject({ additionalProperties: false })
  })

  it('leads from a situation to a workflow, page by page, with malformed calls among the good ones', async () => {
    const asked = { remediationId: 'rr-mcp', ...situation }
    const actions = await call('list_actions', asked)
    expect(actions).toMatchObject({
      actionTypes: [{ actionType: 'RestartPod', workflowCount: 3 }],
      nextCursor: null,
    })
    expect(await call('list_workflows', asked)).toMatchObject({
      error: expect.stringContaining('actionType') as string,
    })
    const list = { ...asked, actionType: 'RestartPod', limit: 2 }
    const first = await call('list_workflows', list)
    expect(await call('list_workflows', { ...list, severtiy: 'x' })).toMatchObject({
      error: expect.stringContaining('severtiy') as string,
    })
    const second = await call('list_workflows', { ...list, cursor: first.nextCursor })
    expect([...first.workflows, ...second.workflows]).toHaveLength(3)
    expect(second.nextCursor).toBeNull()
    expect(
      await call('list_workflows', { ...list, severity: 'low', cursor: first.nextCursor }),
    ).toMatchObject({
      error: expect.stringContaining('another list') as string,
    })
    expect(await call('list_workflows', { ...list, cursor: 'eyJvZmZzZXQiOjk5fQ' })).toMatchObject({
      error: expect.stringContaining('cursor') as string,
    })
    expect(await call('list_workflows', { ...list, limit: 1e9 })).toHaveProperty('error')
    expect(await call('no_such_tool', asked)).toHaveProperty('error')
    const { workflowId } = first.workflows[0]
    const details = await call('get_workflow', { ...asked, workflowId })
    expect(details.parameters.required).toEqual(['pod'])
    const choose = (parameters: unknown) => call('validate_selection', { ...asked, workflowId, parameters })
    expect(await choose('pod')).toHaveProperty('error')
    expect(await choose({ pod: 7 })).toMatchObject({ validationResult: 'invalid' })
    expect(await choose({ pod: 'web-1' })).toMatchObject({ validationResult: 'valid' })
  })

  it('gives one and the same answer to all that may not be used', async () => {
    const asked = { remediationId: 'rr-gate', ...situation }
    const attempts = [
      await call('get_workflow', { ...asked, workflowId: ids['staging'] }),
      await call('get_workflow', { ...asked, workflowId: ids['broken'] }),
      await call('get_workflow', { ...asked, workflowId: 'nothing' }),
      await call('get_workflow', { remediationId: 'rr-gate', workflowId: ids['a'] }),
      await call('validate_selection', { ...asked, workflowId: ids['staging'], parameters: { pod: 'x' } }),
    ]
    for (const attempt of attempts)
      expect(attempt).toEqual({ error: 'there is no such workflow for this situation' })
  })

  it('leaves one event for each call that could be understood, by the agent', async () => {
    await trail.flush()
    const eventsOf = async (correlationId: string) =>
      (await trail.listEvents({ correlationId, order: 'asc' })).items
    const told = (await eventsOf('rr-mcp')).map(({ eventType, status }) => [eventType.slice(17), status])
    expect(told).toEqual([
      ['actions_listed', 'SUCCESS'],
      ['workflows_listed', 'SUCCESS'],
      ['workflows_listed', 'SUCCESS'],
      ['workflow_retrieved', 'SUCCESS'],
      ['selection_validated', 'FAILED'],
      ['selection_validated', 'SUCCESS'],
    ])
    const refused = await eventsOf('rr-gate')
    expect(refused).toHaveLength(5)
    expect(new Set(refused.map(({ actorType, actorId }) => `${actorType}:${actorId}`))).toEqual(
      new Set(['agent:planner']),
    )
    expect(troubles).toEqual([])
  })
})
