import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from './define.ts'

const offer = {
  actionType: 'RestartPod',
  title: 'Restart one pod',
  description: 'Restarts a pod that hangs.',
  labels: { severity: ['*'], component: ['pod'], environment: ['production'], priority: ['*'] },
  expectedSuccessRate: 0.9,
} as const

it('offers a workflow under its name and version, with its input as parameters and what is executed', () => {
  const workflow = defineWorkflow({
    name: 'restart-pod',
    version: '1.2.0',
    input: z.strictObject({ pod: z.string(), force: z.boolean().optional() }),
    steps: { restart: { service: 'cluster', undo: 'none', output: z.object({}) } },
  })
  expect(workflow.catalog(offer)).toEqual({
    ...offer,
    workflowName: 'restart-pod',
    version: '1.2.0',
    parameters: expect.objectContaining({
      type: 'object',
      properties: { pod: { type: 'string' }, force: { type: 'boolean' } },
      required: ['pod'],
      additionalProperties: false,
    }) as object,
    definition: workflow.definition,
  })
})
