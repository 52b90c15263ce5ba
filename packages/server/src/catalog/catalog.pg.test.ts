import { createApiKey, createTrail, type Trail } from '@steptrail/core'
import { createClient } from '@steptrail/client'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { createServer, type Server } from '../index.ts'

let trail: Trail
let server: Server
let ask: Asking
const ids: Record<string, string> = {}
const anna = { type: 'user', id: 'anna' } as const

const everywhere = { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] }
const workflow = (workflowName: string, others: object = {}) => ({
  workflowName,
  version: '1.0.0',
  actionType: 'ScaleReplicas',
  title: workflowName,
  description: 'Adds replicas.',
  labels: everywhere,
  parameters: { type: 'object', properties: { replicas: { type: 'integer' } }, required: ['replicas'] },
  ...others,
})
const registration = {
  actionTypes: [{ actionType: 'ScaleReplicas', what: 'Scales.', whenToUse: 'Load.', whenNotToUse: 'Leaks.' }],
  workflows: [
    workflow('scale', { labels: { ...everywhere, severity: ['Critical'] } }),
    workflow('scale-anywhere'),
    workflow('scale-staging', { labels: { ...everywhere, environment: ['staging'] } }),
    workflow('scale-broken'),
  ],
  actor: anna,
}
const situation = 'severity=critical&component=deployment&environment=production&priority=P0'

beforeAll(async () => {
  trail = createTrail(await openTestDatabase('postgres'))
  server = await createServer({ trail, holdsClock: false })
  ask = asked(server)
  const { body } = await ask.post('/api/v1/catalog/workflows', registration)
  for (const { workflowName, workflowId } of body.workflows) ids[workflowName] = workflowId
  const order = { action: 'disable', reason: 'it broke the shop', actor: anna }
  await ask.post(`/api/v1/catalog/workflows/${ids['scale-broken']}/actions`, order)
})
afterAll(async () => {
  await server.close()
  await trail.close()
})

describe('discovery over HTTP', () => {
  it('goes from a situation to a workflow, and never tells a score', async () => {
    const query = `remediationId=rr-1&${situation}`
    const actions = await ask.get(`/api/v1/workflows/actions?${query}`)
    const list = await ask.get(`/api/v1/workflows/actions/ScaleReplicas?${query}`)
    const details = await ask.get(`/api/v1/workflows/${ids['scale']}?${query}`)
    const validate = (parameters: object) =>
      ask.post(`/api/v1/workflows/${ids['scale']}/validate`, {
        remediationId: 'rr-1',
        severity: 'CRITICAL',
        component: 'deployment',
        environment: 'production',
        priority: 'P0',
        parameters,
      })
    const valid = await validate({ replicas: 3 })
    const invalid = await validate({ replicas: 'three', speed: 1 })
    const lost = await validate(JSON.parse('{"replicas":3,"__proto__":{"speed":1}}') as object)
    expect(actions.body.actionTypes).toMatchObject([{ actionType: 'ScaleReplicas', workflowCount: 2 }])
    expect(list.body).toMatchObject({
      workflows: [{ workflowName: 'scale' }, { workflowName: 'scale-anywhere' }],
      pagination: { offset: 0, limit: 10, totalCount: 2, hasMore: false },
    })
    expect(valid.body.validationResult).toBe('valid')
    expect(lost).toMatchObject({ status: 400, body: { code: 'invalid_input' } })
    expect(lost.body.detail).toContain('parameters has the name __proto__')
    expect(invalid.body).toMatchObject({
      validationResult: 'invalid',
      parameterValidation: {
        validationErrors: [
          { path: '/replicas', message: 'must be integer' },
          { path: '/speed', message: 'is no parameter of this workflow: it has replicas' },
        ],
      },
    })
    for (const { text } of [actions, list, details, valid, invalid])
      expect(text).not.toMatch(/score|confidence|similarity|boost|penalt|rank/i)
  })

  it('gives byte-equal answers to what does not fit, is not active, and is not there', async () => {
    const refused = async (id: string | undefined, query: string) => {
      const got = await ask.get(`/api/v1/workflows/${id}?remediationId=rr-2${query}`)
      const [, ...labels] = query.split('&')
      const context = Object.fromEntries(labels.map((label) => label.split('=')))
      const body = { remediationId: 'rr-2', ...context, parameters: {} }
      const validated = await ask.post(`/api/v1/workflows/${id}/validate`, body)
      return [got, validated].map(({ status, text, headers }) => ({
        status,
        text,
        headers: [...headers].filter(([name]) => name !== 'x-request-id'),
      }))
    }
    const answers = [
      ...(await refused(ids['scale-staging'], `&${situation}`)),
      ...(await refused(ids['scale-broken'], `&${situation}`)),
      ...(await refused(ids['scale-anywhere'], '')),
      ...(await refused('019a4f0c-5c7b-5000-8000-00000000dead', `&${situation}`)),
      ...(await refused('not-a-uuid', `&${situation}`)),
    ]
    expect(answers[0]?.status).toBe(404)
    for (const answer of answers) expect(answer).toEqual(answers[0])
    await trail.flush()
    const { items } = await trail.listEvents({ correlationId: 'rr-2' })
    expect(items).toHaveLength(answers.length)
    expect(items.every(({ status }) => status === 'FAILED')).toBe(true)
  })

  it('wants a remediation, known parameters, and labels that are JSON', async () => {
    const parameterOf = async (query: string) => {
      const { status, body } = await ask.get(`/api/v1/workflows/actions?${query}`)
      return [status, body.parameter]
    }
    expect(await parameterOf(situation)).toEqual([400, 'remediationId'])
    expect(await parameterOf(`remediationId=r&${situation}&limit=101`)).toEqual([400, 'limit'])
    expect(await parameterOf('remediationId=r&severtiy=low')).toEqual([400, 'severtiy'])
    expect(await parameterOf('remediationId=r&customLabels={')).toEqual([400, 'customLabels'])
    const nothing = await ask.get('/api/v1/workflows/actions?remediationId=r')
    expect(nothing.body).toMatchObject({
      actionTypes: [],
      note: expect.stringContaining('severity') as string,
    })
  })
})

describe('the deprecated search over HTTP', () => {
  const search = (body: object) => ask.post('/api/v1/workflows/search', body)

  it('says that it is deprecated and what takes its place, finds by labels and words, and leaves one event', async () => {
    const filters = { severity: 'critical', environment: 'production' }
    const found = await search({ query: 'scale replicas', filters, remediation_id: 'rr-search' })
    expect(found.status).toBe(200)
    expect(found.headers.get('deprecation')).toMatch(/^@\d+$/)
    expect(found.headers.get('link')).toBe('</api/v1/workflows/actions>; rel="successor-version"')
    expect(found.body).toMatchObject({
      total_found: 2,
      returned: 2,
      workflows: [
        { rank: 1, workflow_id: expect.any(String) as string, scoring: { penalty_breakdown: {} } },
        { rank: 2 },
      ],
    })
    const names = found.body.workflows.map((one: { readonly workflow_id: string }) => one.workflow_id)
    expect(names.toSorted()).toEqual(['scale', 'scale-anywhere'])
    await trail.flush()
    const { items } = await trail.listEvents({ correlationId: 'rr-search' })
    expect(items).toMatchObject([
      {
        eventType: 'workflow.catalog.search_completed',
        details: { query: { text: 'scale replicas', filters, top_k: 3, min_similarity: 0.7 } },
      },
    ])
  })

  it('wants a remediation and a query, and takes no more than it knows', async () => {
    const searched = { query: 'scale', remediation_id: 'rr-search' }
    for (const [body, parameter] of [
      [{ query: 'scale' }, 'remediation_id'],
      [{ ...searched, query: '' }, 'query'],
      [{ ...searched, top_k: 101 }, 'top_k'],
      [{ ...searched, min_similarity: 2 }, 'min_similarity'],
      [{ ...searched, colour: 'red' }, 'colour'],
    ] as const)
      expect(await search(body)).toMatchObject({ status: 400, body: { parameter } })
    expect((await search({ ...searched, top_k: 1 })).body).toMatchObject({ returned: 1 })
  })
})

describe('the catalogue over HTTP, by the client', () => {
  const client = createClient({
    url: 'http://127.0.0.1:4680',
    fetch: (input, init) => server.fetch(new Request(input, init)),
  })

  it('lists, shows, tells why not and replays', async () => {
    const { actionTypes } = await client.catalog.actionTypes()
    expect(actionTypes).toMatchObject([{ actionType: 'ScaleReplicas', activeWorkflows: 3 }])
    const first = await client.catalog.list({ limit: 3 })
    expect(first.workflows.map(({ workflowName }) => workflowName)).toEqual([
      'scale',
      'scale-anywhere',
      'scale-broken',
    ])
    const second = await client.catalog.list({ limit: 3, cursor: first.next_cursor ?? '' })
    expect(second).toMatchObject({ workflows: [{ workflowName: 'scale-staging' }], next_cursor: null })
    expect(await client.catalog.get(ids['scale-broken'] ?? '')).toMatchObject({
      status: 'disabled',
      disabledReason: 'it broke the shop',
      versions: [{ version: '1.0.0' }],
      successMetrics: { totalExecutions: 0, actualSuccessRate: null },
    })
    const context = { severity: 'critical', component: 'x', environment: 'production', priority: 'P0' }
    const whyNot = await client.catalog.whyNot(ids['scale-staging'] ?? '', { context })
    expect(whyNot).toMatchObject({
      offered: false,
      reasons: [{ kind: 'label', label: 'environment', wanted: 'production', has: ['staging'] }],
    })
    const scores = await client.catalog.scores({ context, actionType: 'ScaleReplicas' })
    expect(scores.workflows.map(({ workflowName, rank }) => [workflowName, rank])).toEqual([
      ['scale', 1],
      ['scale-anywhere', 2],
      expect.arrayContaining([null]),
      expect.arrayContaining([null]),
    ])
    await trail.flush()
    const replay = await client.catalog.replay('rr-1')
    expect(replay.passages.map(({ kind }) => kind)).toEqual([
      'asked',
      'offered',
      'offered',
      'looked_at',
      'validated',
      'refused',
    ])
    expect((await client.catalog.selections()).selections).toContainEqual(
      expect.objectContaining({ remediationId: 'rr-1', chosenWorkflow: 'scale', refusedCalls: 1 }),
    )
    await expect(client.catalog.replay('rr-none')).rejects.toMatchObject({ code: 'selection_not_found' })
  })

  it('refuses what is wrong by its field, and other content of a version', async () => {
    const register = (workflows: readonly object[]) =>
      client.catalog.register({ workflows: [...workflows], actor: anna })
    await expect(register([workflow('x', { actionType: 'Fly' })])).rejects.toMatchObject({
      code: 'invalid_catalog_entry',
      message: expect.stringContaining('workflows[0] is refused: actionType ("Fly")') as string,
    })
    await expect(register([workflow('scale-anywhere', { title: 'Other' })])).rejects.toMatchObject({
      code: 'definition_conflict',
    })
    expect(await register([workflow('scale-anywhere')])).toMatchObject({
      workflows: [{ outcome: 'unchanged' }],
    })
  })

  it('takes weights, which count at once', async () => {
    const before = await client.catalog.weights()
    const { base, boosts, penalties } = before.weights
    const weights = { base: { ...base, floor: 0.1 }, boosts, penalties }
    const after = await client.catalog.setWeights({ weights, reason: 'a wider spread', actor: anna })
    expect(after.version).toBe(before.version + 1)
    const { workflows } = await client.catalog.scores({ context: { severity: 'low' } })
    expect(workflows[0]?.scoring.confidence).toBe(0.1)
  })
})

it('lets a key of the scope discover do the four calls and nothing else', async () => {
  const { secret } = await createApiKey(
    trail.database,
    { name: 'planner', scopes: ['discover'] },
    { type: 'user', id: 'anna' },
  )
  const headers = { authorization: `Bearer ${secret}` }
  const step = await ask.get(`/api/v1/workflows/actions?remediationId=rr-key&${situation}`, headers)
  expect(step.status).toBe(200)
  for (const path of [
    '/api/v1/catalog/workflows',
    '/api/v1/catalog/weights',
    '/api/v1/catalog/scores',
    '/api/v1/catalog/selections',
    `/api/v1/catalog/workflows/${ids['scale']}`,
    `/api/v1/catalog/workflows/${ids['scale']}/why-not`,
    '/api/v1/audit/events',
  ])
    expect((await ask.get(path, headers)).status, path).toBe(403)
  for (const path of ['/api/v1/catalog/workflows', '/api/v1/workflows/search'])
    expect((await ask.post(path, {}, headers)).status, path).toBe(403)
  await trail.flush()
  const { items } = await trail.listEvents({ correlationId: 'rr-key' })
  expect(items).toMatchObject([{ actorType: 'agent', actorId: 'planner' }])
})
