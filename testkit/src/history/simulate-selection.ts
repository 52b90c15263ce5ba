import { type EventToWrite } from '@steptrail/core'
import { uuidV7 } from '@steptrail/event'
import type { Chance } from '../chance.ts'
import { type HistoryWorkflow, historyWorkflows } from './history-workflows.ts'

/** Which workflow is chosen, why and when. */
export interface SelectionScene {
  readonly workflow: HistoryWorkflow
  readonly correlationId: string
  readonly now: number
  readonly tenant: string
}

/** What choosing a workflow leaves on record: what was offered, and what was chosen, mostly with valid parameters. */
export function simulateSelection(scene: SelectionScene, chance: Chance): readonly EventToWrite[] {
  const names = [
    ...new Set([scene.workflow, ...historyWorkflows].map(({ definition }) => definition.name)),
    'never-chosen',
  ]
  const offered = names.filter((_, index) => index === 0 || chance.next() < 0.6)
  const [chosen = ''] = offered
  const isValid = chance.next() < 0.9
  return [
    selectionEvent(scene, 'workflows_listed', {
      actionType: 'Provision',
      signalContext: null,
      resultCount: offered.length,
      workflows: offered.map((workflowName) => ({
        workflowId: workflowName,
        workflowName,
        version: '1',
        finalScore: 0.5,
      })),
      pagination: { offset: 0, limit: 10, totalCount: offered.length, hasMore: false },
    }),
    selectionEvent({ ...scene, now: scene.now + 1 }, 'selection_validated', {
      workflowId: chosen,
      workflowName: chosen,
      actionType: 'Provision',
      version: '1',
      validationResult: isValid ? 'valid' : 'invalid',
      parameterValidation: null,
    }),
  ]
}

function selectionEvent(
  { now, correlationId, tenant }: SelectionScene,
  operation: string,
  payload: NonNullable<EventToWrite['details']>,
): EventToWrite {
  return {
    id: uuidV7(now),
    timestamp: new Date(now).toISOString(),
    eventType: `workflow.catalog.${operation}`,
    entityType: 'SELECTION',
    status: 'SUCCESS',
    serviceName: 'data-storage',
    correlationId,
    tenant,
    details: {
      version: '1.0',
      service: 'data-storage',
      operation,
      status: 'success',
      payload: { remediationId: correlationId, queryDurationMs: 1, ...payload },
    },
  }
}
