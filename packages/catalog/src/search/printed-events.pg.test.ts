import { readFileSync } from 'node:fs'
import { createTrail, type Database, type Trail } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { actionTypes, content, production } from '../../test/pods.ts'
import { printedEvents } from '../../test/printed-events.ts'
import { schemaOfExample } from '../../test/schema-of-example.ts'
import { Discovery, readCatalog, registerEntries, searchWorkflows, type SearchRequest } from '../index.ts'

const page = readFileSync(new URL('../../../../docs/reference/queries.md', import.meta.url), 'utf8')
const statementOf = (number: number): string =>
  new RegExp(`^### ${number}\\. [^]*?\`\`\`sql\\n([^]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? ''
const agent = { actor: { type: 'agent', id: 'planner' }, tenant: 'default' } as const

describeOnBoth('events of the catalogue', (open) => {
  let database: Database
  let trail: Trail

  const search = async (request: Omit<SearchRequest, 'remediation_id'>) =>
    await searchWorkflows(
      { ...request, remediation_id: 'rr-search' },
      {
        reader: database,
        recorder: trail.recorder,
        snapshot: await readCatalog(database, 'default'),
        caller: { actor: null, tenant: 'default' },
      },
    )

  beforeAll(async () => {
    database = await open()
    trail = createTrail(database)
    const everywhere = { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] }
    const oom = {
      labels: { ...everywhere, severity: ['critical'] },
      owner: 'platform-team',
      maintainer: 'oncall@example.com',
      approvedBy: 'security-team',
      approvedAt: '2025-11-20T10:00:00Z',
      expectedSuccessRate: 0.95,
      previousVersion: 'v0.9.0',
      versionNotes: 'Added ArgoCD sync support',
      version: 'v1.0.0',
    } as const
    await registerEntries(
      database,
      {
        actionTypes,
        workflows: [
          content(),
          content({
            ...oom,
            workflowName: 'pod-oom-gitops',
            title: 'Pod OOM GitOps Recovery',
            description: 'Raises memory where a pod was OOMKilled.',
            customLabels: { 'resource-management': ['gitops'] },
          }),
          content({
            ...oom,
            workflowName: 'pod-oom-manual',
            title: 'Pod OOM Manual Recovery',
            description: 'Raises memory where a pod was OOMKilled, by hand.',
            customLabels: { 'resource-management': ['manual'] },
            expectedSuccessRate: 0.85,
          }),
        ],
      },
      { actor: { type: 'user', id: 'anna' } },
    )
    for (const [name, outcome] of [
      ['pod-oom-gitops', 'success'],
      ['pod-oom-gitops', 'failed'],
      ['pod-oom-manual', 'success'],
    ] as const)
      await trail.storeWorkflowExecutionAudit({
        remediation_id: 'rr-old',
        workflow_name: name,
        workflow_version: 'v1.0.0',
        total_steps: 1,
        steps_completed: outcome === 'success' ? 1 : 0,
        steps_failed: outcome === 'success' ? 0 : 1,
        outcome,
      })
    const discovery = new Discovery({ database, recorder: trail.recorder })
    const asked = { remediationId: 'rr-printed', context: production }
    await discovery.listActions(asked, agent)
    const list = await discovery.listWorkflows({ ...asked, actionType: 'ScaleReplicas' }, agent)
    const workflowId = list.workflows[0]?.workflowId ?? ''
    await discovery.getWorkflow({ ...asked, workflowId }, agent)
    const parameters = { namespace: 'a', deployment: 'b' }
    await discovery.validateSelection({ ...asked, workflowId, parameters }, agent)
    await search({
      query: 'OOMKilled critical',
      filters: { severity: 'critical', 'resource-management': 'gitops', environment: 'production' },
    })
    await trail.flush()
  })

  afterAll(() => trail.close())

  it.each(Object.entries(printedEvents))('%s has every field that is printed', async (operation, printed) => {
    const correlationId = operation === 'search_completed' ? 'rr-search' : 'rr-printed'
    const { items } = await trail.listEvents({ correlationId, eventType: `workflow.catalog.${operation}` })
    expect(items).toHaveLength(1)
    const check = new Ajv2020({ strict: false, allErrors: true, allowUnionTypes: true }).compile(
      schemaOfExample(printed),
    )
    expect(check(items[0]?.details) ? [] : check.errors).toEqual([])
    expect(
      check({ ...items[0]?.details, [operation === 'search_completed' ? 'query' : 'payload']: {} }),
    ).toBe(false)
  })

  it('are found by the printed core fields, with embeddings that are null', async () => {
    const { rows } = await database.query<Record<string, unknown>>(
      `select * from audit_events where event_type = 'workflow.catalog.search_completed'`,
    )
    expect(rows).toMatchObject([
      {
        service: 'data-storage',
        correlation_id: 'rr-search',
        user_id: 'system',
        resource_type: 'workflow_catalog',
        resource_id: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        action: 'search',
        outcome: 'success',
        severity: 'info',
        event_data: {
          query: { top_k: 3, min_similarity: 0.7 },
          search_metadata: {
            embedding_generation_time_ms: null,
            embedding_dimensions: null,
            embedding_model: null,
          },
        },
      },
    ])
  })

  it('answer the printed queries', async () => {
    const { rows: first } = await database.query(statementOf(14))
    expect(first).toEqual([
      { workflow_id: 'pod-oom-gitops', confidence: '1', success_rate: '0.5', owner: 'platform-team' },
    ])
    const { rows: second } = await database.query(statementOf(15))
    expect(second).toEqual([
      {
        workflow_id: 'pod-oom-gitops',
        version: 'v1.0.0',
        previous_version: 'v0.9.0',
        version_notes: 'Added ArgoCD sync support',
        approved_by: 'security-team',
      },
    ])
    const { rows: third } = await database.query(statementOf(16))
    expect(third).toEqual([{ workflow_id: 'pod-oom-gitops', avg_success_rate: 0.5, avg_expected_rate: 0.95 }])
  })

  it('tell of a search: labels leave out, a label that contradicts costs, and what is not similar is not found', async () => {
    const found = await search({ query: 'OOMKilled pod', filters: { 'resource-management': 'gitops' } })
    expect(found.workflows.map(({ workflow_id, scoring }) => [workflow_id, scoring.confidence])).toEqual([
      ['pod-oom-gitops', 1],
      ['pod-oom-manual', 0.9],
    ])
    expect(await search({ query: 'OOMKilled pod', filters: { severity: 'low' } })).toMatchObject({
      total_found: 0,
    })
    expect(await search({ query: 'quantum entanglement' })).toMatchObject({ total_found: 0 })
    await expect(search({ query: '' })).rejects.toMatchObject({ code: 'invalid_input' })
  })
})
