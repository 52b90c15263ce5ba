import type { StepDefinition, WorkflowDefinition } from '@steptrail/workflow'

/**
 * What executions of another engine are pinned to: it plans nothing, since what they do is known when they have done it,
 * and takes no input, so that nobody can start it here.
 */
export const engineDefinition = (engine: string): WorkflowDefinition => ({
  name: `${engineMark}${engine}`,
  version: '1',
  input: { not: {} },
  recordInput: false,
  steps: [],
})

/** Begins the name of the definition that stands for an engine. */
const engineMark = 'engine:'

/** The other engine that runs what is pinned to this definition; null for our own. */
export const engineOf = ({ name }: Pick<WorkflowDefinition, 'name'>): string | null =>
  name.startsWith(engineMark) ? name.slice(engineMark.length) : null

/** A step that another engine has done, as a definition would have it. */
export interface SeenStep {
  readonly name: string
  readonly action: string
  readonly service: string
  readonly maxRetries: number
}

/** The definition under the name of the workflow, with the steps that were seen so far. */
export const definitionOfSeen = (
  { name, version }: Pick<WorkflowDefinition, 'name' | 'version'>,
  steps: readonly SeenStep[],
): WorkflowDefinition => ({
  name,
  version,
  input: null,
  recordInput: false,
  steps: steps.map(seenDefinition),
})

/** Its time is its engine's affair: no clock of ours ends its attempts. */
const anyTimeMs = 2 ** 31 - 1

/** What a step would be defined as. */
export const seenDefinition = ({ name, action, service, maxRetries }: SeenStep): StepDefinition => ({
  name,
  action,
  service,
  after: [],
  timeoutMs: anyTimeMs,
  retry: { maxRetries, backoff: { type: 'fixed', delayMs: 0 } },
  undo: 'handler',
  onFailure: 'skip',
  when: null,
  output: {},
})
