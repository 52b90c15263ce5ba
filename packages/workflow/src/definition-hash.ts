import { canonicalJson, type Json } from '@steptrail/verify'
import type { RetryPolicy, WorkflowDefinition } from './definition.ts'

/**
 * What an execution is pinned to: the digest of the definition's canonical JSON. It depends on every field and
 * on the order of the steps, and not on the order in which keys were set.
 *
 * @param digest SHA-256 of a text, in hex; passed in, since this package also runs in browsers
 */
export const definitionHash = (definition: WorkflowDefinition, digest: (text: string) => string): string =>
  digest(canonicalJson(definitionJson(definition)))

const definitionJson = (definition: WorkflowDefinition): Json => ({
  ...definition,
  steps: definition.steps.map((step) => ({ ...step, retry: retryJson(step.retry) })),
})

const retryJson = (retry: RetryPolicy): Json => ({ ...retry, backoff: { ...retry.backoff } })
