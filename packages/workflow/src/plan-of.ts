import type { Json } from '@steptrail/verify'
import type { WorkflowDefinition } from './definition.ts'

/** What is on record of a workflow's steps when an execution of it starts: all but what they take and yield. */
export const planOf = ({ steps }: WorkflowDefinition): readonly { readonly [key: string]: Json }[] =>
  steps.map((step) => ({
    name: step.name,
    service: step.service,
    after: step.after,
    timeoutMs: step.timeoutMs,
    maxRetries: step.retry.maxRetries,
    backoff: { ...step.retry.backoff },
    undo: step.undo,
    onFailure: step.onFailure,
    ...(step.when !== null && { when: step.when }),
  }))
