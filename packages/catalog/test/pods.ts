import type { ActionTypeInput, WorkflowContentInput } from '../src/index.ts'

/** Action types of a small catalogue. */
export const actionTypes: readonly ActionTypeInput[] = [
  {
    actionType: 'ScaleReplicas',
    what: 'Changes the number of replicas.',
    whenToUse: 'There is more load than the replicas carry.',
    whenNotToUse: 'Memory is the limit.',
    preconditions: 'The nodes have room.',
  },
  {
    actionType: 'RestartPod',
    what: 'Restarts one pod.',
    whenToUse: 'A pod hangs.',
    whenNotToUse: 'All pods hang.',
  },
]

/** A context in which everything of `content` fits by its value. */
export const production = {
  severity: 'critical',
  component: 'deployment',
  environment: 'production',
  priority: 'P0',
} as const

/** A workflow with what is given in place of the rest. */
export const content = (given: Partial<WorkflowContentInput> = {}): WorkflowContentInput => ({
  workflowName: 'scale-conservative',
  version: '1.0.0',
  actionType: 'ScaleReplicas',
  title: 'Scale carefully',
  description: 'Adds one replica at a time.',
  labels: {
    severity: ['critical', 'high'],
    component: ['deployment'],
    environment: ['production'],
    priority: ['P0', 'P1'],
  },
  parameters: {
    type: 'object',
    properties: {
      namespace: { type: 'string' },
      deployment: { type: 'string' },
      replicas: { type: 'integer', minimum: 1, maximum: 20 },
    },
    required: ['namespace', 'deployment'],
  },
  ...given,
})
