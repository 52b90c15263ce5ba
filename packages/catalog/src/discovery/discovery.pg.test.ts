import { createTrail, type Database, type Trail } from '@steptrail/core'
import { TrailError } from '@steptrail/event'
import { describeOnBoth } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actionTypes, content, production } from '../../test/pods.ts'
import { changeStatus, Discovery, registerEntries, workflowIdOf } from '../index.ts'

const operator = { type: 'user', id: 'anna' } as const
const agent = { actor: { type: 'agent', id: 'planner' }, tenant: 'default' } as const

describeOnBoth('discovery', (open) => {
  let database: Database
  let trail: Trail
  let discovery: Discovery
  const ids: Record<string, string> = {}

  beforeAll(async () => {
    database = await open()
    trail = createTrail(database)
    discovery = new Discovery({ database, recorder: trail.recorder })
    const anywhere = { severity: ['*'], component: ['*'], environment: ['*'], priority: ['*'] }
    const { workflows } = await registerEntries(
      database,
      {
        actionTypes,
        workflows: [
          content(),
          content({ workflowName: 'scale-anywhere', labels: anywhere }),
          content({ workflowName: 'scale-staging', labels: { ...anywhere, environment: ['staging'] } }),
          content({ workflowName: 'scale-broken', labels: anywhere }),
          content({
            workflowName: 'restart',
            actionType: 'RestartPod',
            labels: { ...anywhere, severity: ['low'] },
          }),
        ],
      },
      { actor: operator },
    )
    for (const { workflowName, workflowId } of workflows) ids[workflowName] = workflowId
    await changeStatus(
      database,
      { workflowId: ids['scale-broken'] ?? '', action: 'disable' },
      { actor: operator, reason: 'it broke the shop' },
    )
  })

  afterAll(() => trail.close())

  const eventsOf = async (remediationId: string) => {
    await trail.flush()
    const { items } = await trail.listEvents({ correlationId: remediationId, order: 'asc' })
    return items
  }

  it('goes from a situation to a workflow in three steps and a check, each with one event', async () => {
    const asked = { remediationId: 'rr-1', context: production }
    const actions = await discovery.listActions(asked, agent)
    expect(actions.actionTypes.map(({ actionType, workflowCount }) => [actionType, workflowCount])).toEqual([
      ['ScaleReplicas', 2],
    ])
    const list = await discovery.listWorkflows({ ...asked, actionType: 'ScaleReplicas' }, agent)
    expect(list.workflows.map(({ workflowName }) => workflowName)).toEqual([
      'scale-conservative',
      'scale-anywhere',
    ])
    const workflowId = list.workflows[0]?.workflowId ?? ''
    const details = await discovery.getWorkflow({ ...asked, workflowId }, agent)
    expect(details.parameters).toEqual(content().parameters)
    const parameters = { namespace: 'shop', deployment: 'web', replicas: 3 }
    const checked = await discovery.validateSelection({ ...asked, workflowId, parameters }, agent)
    expect(checked).toMatchObject({
      validationResult: 'valid',
      parameterValidation: {
        totalParameters: 3,
        requiredProvided: 2,
        optionalProvided: 1,
        validationErrors: [],
      },
    })
    const events = await eventsOf('rr-1')
    expect(events.map(({ eventType, status }) => [eventType, status])).toEqual([
      ['workflow.catalog.actions_listed', 'SUCCESS'],
      ['workflow.catalog.workflows_listed', 'SUCCESS'],
      ['workflow.catalog.workflow_retrieved', 'SUCCESS'],
      ['workflow.catalog.selection_validated', 'SUCCESS'],
    ])
    expect(events[1]?.details).toMatchObject({
      payload: {
        workflows: [{ workflowName: 'scale-conservative', finalScore: 0.96 }, { finalScore: 0.4 }],
        candidates: [
          { workflowName: 'scale-conservative', scoring: { confidence: 0.96, base_similarity: 0.88 } },
          { workflowName: 'scale-anywhere' },
          expect.objectContaining({ finalScore: null }),
          expect.objectContaining({ finalScore: null }),
        ],
        candidatesOmitted: 0,
        weightsVersion: 1,
      },
    })
  })

  describe('the security gate', () => {
    const refusalOf = async (workflowId: string, context: object | undefined, remediationId: string) => {
      const asked = { remediationId, workflowId, ...(context && { context }) }
      const errors = []
      for (const attempt of [
        () => discovery.getWorkflow(asked, agent),
        () => discovery.validateSelection({ ...asked, parameters: {} }, agent),
      ])
        errors.push(
          await attempt().then(
            () => null,
            (error: unknown) => error,
          ),
        )
      return errors
    }

    it.each([
      ['does not fit', 'scale-staging', production],
      ['is disabled', 'scale-broken', production],
      ['would fit, without a context', 'scale-anywhere', undefined],
      ['does not exist', '', production],
    ])('refuses what %s in the same words, and records it', async (_, name, context) => {
      const workflowId = ids[name] ?? workflowIdOf('sha256:nothing')
      const remediationId = `rr-gate-${name}`
      for (const error of await refusalOf(workflowId, context, remediationId)) {
        if (!(error instanceof TrailError)) return expect.fail(`${String(error)} is no refusal`)
        const { code, message, details } = error
        // All that anybody could tell it by.
        expect({ code, message, details, cause: error.cause }).toEqual({
          code: 'workflow_not_available',
          message: 'there is no such workflow for this situation',
          details: { instance: '/api/v1/workflows/{workflow_id}' },
          cause: undefined,
        })
      }
      const events = await eventsOf(remediationId)
      expect(events.map(({ status }) => status)).toEqual(['FAILED', 'FAILED'])
      expect(events[0]?.details).toMatchObject({
        status: 'failure',
        payload: { workflowId, workflowName: name || null, securityGateResult: 'fail' },
      })
      expect(events[1]?.details).toMatchObject({
        payload: { validationResult: 'invalid', parameterValidation: null },
      })
    })
  })
})
