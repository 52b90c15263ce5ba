import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { changeStatus, Discovery, registerEntries } from '@steptrail/catalog'
import { createClient } from '@steptrail/client'
import { createApiKey, createTrail, type Trail } from '@steptrail/core'
import { createServer, type Server } from '@steptrail/server'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../test/run.ts'
import { type AgentCatalog, catalogInDatabase, catalogOfServer } from './agent-catalog.ts'
import { createMcpServer } from './create-mcp-server.ts'

const anna = { type: 'user', id: 'anna' } as const
const everywhere = { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] }
const situation = { severity: 'critical', component: 'deployment', environment: 'production', priority: 'P0' }

let trail: Trail
let server: Server
const ids: Record<string, string> = {}
const troubles: unknown[] = []

beforeAll(async () => {
  const database = await openTestDatabase('postgres')
  trail = createTrail(database)
  server = await createServer({ trail, holdsClock: false })
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
})
afterAll(async () => {
  await server.close()
  await trail.close()
})

async function connected(catalog: AgentCatalog): Promise<Client> {
  const onTrouble = (_: string, cause: unknown) => troubles.push(cause)
  const session = createMcpServer({ catalog, version: '1', onTrouble })
  const [near, far] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: 'planner', version: '1' })
  await Promise.all([session.connect(far), client.connect(near)])
  return client
}

/** Where the catalogue may be; of a server by a key of the scope `discover`. */
const places: Readonly<Record<string, () => Promise<AgentCatalog>>> = {
  'in the database': async () =>
    await Promise.resolve(
      catalogInDatabase(new Discovery({ database: trail.database, recorder: trail.recorder }), 'default'),
    ),
  'of a server': async () => {
    const { secret } = await createApiKey(trail.database, { name: 'planner', scopes: ['discover'] }, anna)
    const { discovery } = createClient({
      url: 'http://127.0.0.1:4680',
      apiKey: secret,
      fetch: (input, init) => server.fetch(new Request(input, init)),
    })
    return catalogOfServer(discovery)
  },
}
const refusals = new Set<string>()
/** How a session begins. */
const hello = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'piped', version: '1' } }

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers as they expect them to be
type Answer = any

describe.each(Object.keys(places))(
  'a session over the Model Context Protocol, with the catalogue %s',
  (place) => {
    let client: Client
    const remediation = `rr ${place}`
    beforeAll(async () => {
      client = await connected((await places[place]?.()) ?? expect.fail(place))
    })
    afterAll(() => client.close())

    async function call(name: string, args: Record<string, unknown>): Promise<Answer> {
      const answer = await client.callTool({ name, arguments: args })
      const [content] = answer.content as { readonly text: string }[]
      expect(content?.text).not.toMatch(/score|confidence|similarity|boost|penalt|rank/i)
      if (answer.isError) return { error: content?.text }
      expect(JSON.parse(content?.text ?? '')).toEqual(answer.structuredContent)
      return answer.structuredContent
    }

    it('offers four tools, of which none can be told what it does not know', async () => {
      const { tools } = await client.listTools()
      expect(tools.map(({ name }) => name)).toEqual([
        'list_actions',
        'list_workflows',
        'get_workflow',
        'validate_selection',
      ])
      for (const { inputSchema } of tools) expect(inputSchema).toMatchObject({ additionalProperties: false })
      const labels = { type: 'object', additionalProperties: { type: 'string', minLength: 1 } }
      for (const { inputSchema } of tools)
        expect(inputSchema.properties).toMatchObject({ customLabels: labels })
    })

    it('refuses a label of a name that would be lost', async () => {
      const customLabels = JSON.parse('{"__proto__":"a"}') as object
      expect(await call('list_actions', { remediationId: remediation, customLabels })).toMatchObject({
        error: expect.stringContaining('__proto__') as string,
      })
    })

    it('leads from a situation to a workflow, page by page, with malformed calls among the good ones', async () => {
      const asked = { remediationId: remediation, ...situation }
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
      // Which list it is of and where it goes on, and nothing of what the list is ordered by.
      const said: object = JSON.parse(Buffer.from(first.nextCursor, 'base64url').toString())
      expect(said).toEqual({ of: expect.any(String) as string, offset: 2 })
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
      expect(await choose(JSON.parse('{"pod":"web-1","__proto__":{}}'))).toMatchObject({
        error: expect.stringContaining('has the name __proto__') as string,
      })
      expect(await choose({ pod: 7 })).toMatchObject({ validationResult: 'invalid' })
      expect(await choose({ pod: 'web-1' })).toMatchObject({ validationResult: 'valid' })
    })

    it('gives one and the same answer, byte by byte, to all that may not be used', async () => {
      const refused = async (workflowId: string | undefined, context: object = situation) => {
        const asked = { remediationId: `${remediation} gate`, ...context, workflowId }
        const got = await client.callTool({ name: 'get_workflow', arguments: asked })
        const checked = { ...asked, parameters: { pod: 'x' } }
        const validated = await client.callTool({ name: 'validate_selection', arguments: checked })
        for (const answer of [got, validated]) refusals.add(JSON.stringify(answer))
      }
      await refused(ids['staging'])
      await refused(ids['broken'])
      await refused('nothing')
      await refused('019a4f0c-5c7b-5000-8000-00000000dead')
      await refused(ids['a'], {})
      // Also the same wherever the catalogue is.
      expect([...refusals]).toEqual([
        '{"content":[{"type":"text","text":"there is no such workflow for this situation"}],"isError":true}',
      ])
    })

    it('leaves one event for each call that could be understood, by the agent', async () => {
      await trail.flush()
      const eventsOf = async (correlationId: string) =>
        (await trail.listEvents({ correlationId, order: 'asc' })).items
      const told = (await eventsOf(remediation)).map(({ eventType, status }) => [eventType.slice(17), status])
      expect(told).toEqual([
        ['actions_listed', 'SUCCESS'],
        ['workflows_listed', 'SUCCESS'],
        ['workflows_listed', 'SUCCESS'],
        ['workflow_retrieved', 'SUCCESS'],
        ['selection_validated', 'FAILED'],
        ['selection_validated', 'SUCCESS'],
      ])
      const refused = await eventsOf(`${remediation} gate`)
      expect(refused).toHaveLength(10)
      expect(refused.every(({ status }) => status === 'FAILED')).toBe(true)
      expect(new Set(refused.map(({ actorType, actorId }) => `${actorType}:${actorId}`))).toEqual(
        new Set(['agent:planner']),
      )
      expect(troubles).toEqual([])
    })
  },
)

it('tells an agent to come again where the catalogue falls silent', async () => {
  const told: unknown[] = []
  const silent = (): Promise<never> => new Promise(() => undefined)
  const session = createMcpServer({
    catalog: { listActions: silent, listWorkflows: silent, getWorkflow: silent, validateSelection: silent },
    version: '1',
    answerWithinMs: 20,
    onTrouble: (_, cause) => told.push(cause),
  })
  const [near, far] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: 'planner', version: '1' })
  await Promise.all([session.connect(far), client.connect(near)])
  const asked = { remediationId: 'rr silent', ...situation }
  expect(await client.callTool({ name: 'list_actions', arguments: asked })).toMatchObject({
    isError: true,
    content: [{ text: 'the catalogue cannot be asked just now: try again later' }],
  })
  expect(told).toEqual([new Error('the catalogue gave no answer within 20 ms')])
  await client.close()
})

describe('steptrail mcp', () => {
  const asked = { remediationId: 'rr-piped', ...situation }
  const lines = [
    { id: 1, method: 'initialize', params: hello },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: 'list_actions', arguments: asked } },
  ].map((message) => JSON.stringify({ jsonrpc: '2.0', ...message }))
  const stdin = [...lines.slice(0, 2), 'no JSON', ...lines.slice(2), ''].join('\n')
  const answersOf = (stdout: string): readonly Answer[] =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line): Answer => JSON.parse(line))

  it('answers all that was asked before its input ended, and tells of what it does not understand', async () => {
    const { secret } = await createApiKey(trail.database, { name: 'piped', scopes: ['discover'] }, anna)
    const { url } = await server.listen({ port: 0 })
    const env = { LANG: 'en_GB.UTF-8', STEPTRAIL_API_KEY: secret }
    for (const [args, options] of [
      [['--agent', 'piped'], { database: trail.database }],
      [['--server', url], { env }],
    ] as const) {
      const { code, stdout, stderr } = await run(['mcp', ...args], { ...options, stdin })
      expect(code).toBe(0)
      expect(stderr).toMatch(/^what the agent sent was not understood: .*is not valid JSON.*\n$/)
      const answers = answersOf(stdout)
      expect(answers.map(({ id }) => id).toSorted()).toEqual([1, 2, null])
      expect(answers.find(({ id }) => id === null).error).toMatchObject({ code: -32_700 })
      expect(answers.find(({ id }) => id === 2).result.structuredContent).toMatchObject({
        actionTypes: [{ workflowCount: 3 }],
      })
    }
    await trail.flush()
    const { items } = await trail.listEvents({ correlationId: 'rr-piped' })
    expect(items.map(({ actorType, actorId }) => [actorType, actorId])).toEqual([
      ['agent', 'piped'],
      ['agent', 'piped'],
    ])
    const wrongKey = { env: { ...env, STEPTRAIL_API_KEY: 'stk_wrong' }, stdin }
    const refused = await run(['mcp', '--server', url], wrongKey)
    expect(answersOf(refused.stdout).find(({ id }) => id === 2).result).toMatchObject({
      isError: true,
      content: [{ text: 'the catalogue cannot be asked just now: try again later' }],
    })
    expect(refused.stderr).toMatch(/a call of an agent failed: .*key/)
  })

  it('takes the tenant and the agent of a server from its key alone', async () => {
    for (const flags of [
      ['--agent', 'x'],
      ['--tenant', 'x'],
      ['--database', 'postgres://x/y'],
    ])
      expect(await run(['mcp', '--server', 'http://x', ...flags])).toMatchObject({ code: 2 })
  })
})
