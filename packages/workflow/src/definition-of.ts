import type { z } from 'zod'
import type { WorkflowSpec } from './define.ts'
import type { Backoff, RetryPolicy, StepDefinition, WorkflowDefinition } from './definition.ts'
import { invalidWorkflow } from './invalid-workflow.ts'
import { type Direction, jsonSchema } from './json-schema.ts'
import type { RetrySpec, StepSpec } from './workflow.ts'

/** What holds for a step unless it, or its workflow, says otherwise. Times are milliseconds. */
export const stepDefaults = {
  timeoutMs: 60_000,
  retry: { maxRetries: 3, backoff: { type: 'fixed', delayMs: 5_000 } },
} as const satisfies { timeoutMs: number; retry: RetryPolicy }

const workflowOptions = [
  'name',
  'version',
  'input',
  'retry',
  'recordInput',
  'steps',
] as const satisfies (keyof WorkflowSpec)[]
const stepOptions = [
  'service',
  'output',
  'after',
  'timeoutMs',
  'retry',
  'action',
  'undo',
] as const satisfies (keyof StepSpec)[]
const retryOptions = ['maxRetries', 'backoff'] as const satisfies (keyof RetrySpec)[]
const backoffOptions = {
  fixed: ['type', 'delayMs'],
  exponential: ['type', 'initialMs', 'factor', 'maxMs', 'jitter'],
} as const satisfies Record<Backoff['type'], readonly string[]>

/** Where an option stands, for errors. */
interface Place {
  readonly workflow: unknown
  readonly step?: string
}

/**
 * The plain data of a specification, defaults filled in. Throws `invalid_workflow` for an unknown option and a
 * schema that JSON cannot carry; what the data says is checked by `checkDefinition`.
 */
export function definitionOf(spec: WorkflowSpec): WorkflowDefinition {
  const { name, version, input, recordInput = false } = spec
  const place = { workflow: name }
  checkOptions(spec, workflowOptions, { ...place, option: 'the list of options' })
  const retry = completeRetry(spec.retry, stepDefaults.retry, place)
  const names = Object.keys(spec.steps)
  const steps = Object.entries(spec.steps).map(([step, stepSpec], index): StepDefinition => {
    const before = names.slice(Math.max(0, index - 1), index)
    return stepDefinition(stepSpec, { ...place, step, retry, before })
  })
  return { name, version, input: schemaOf(input, 'input', place), recordInput, steps }
}

interface StepPlace extends Place {
  readonly step: string
  /** The workflow's policy. */
  readonly retry: RetryPolicy
  /** What `after` is when it is absent. */
  readonly before: readonly string[]
}

function stepDefinition(spec: StepSpec, { workflow, step, retry, before }: StepPlace): StepDefinition {
  const place = { workflow, step }
  checkOptions(spec, stepOptions, { ...place, option: 'the list of options' })
  return {
    name: step,
    action: spec.action ?? step,
    service: spec.service,
    after: spec.after ? [...spec.after] : before,
    timeoutMs: spec.timeoutMs ?? stepDefaults.timeoutMs,
    retry: completeRetry(spec.retry, retry, place),
    undo: spec.undo ?? 'handler',
    output: schemaOf(spec.output, 'output', place),
  }
}

function completeRetry(spec: RetrySpec | undefined, base: RetryPolicy, place: Place): RetryPolicy {
  if (spec === undefined) return base
  checkOptions(spec, retryOptions, { ...place, option: 'the list of options of retry' })
  const { maxRetries = base.maxRetries, backoff = base.backoff } = spec
  if (Object.hasOwn(backoffOptions, backoff.type))
    checkOptions(backoff, backoffOptions[backoff.type], {
      ...place,
      option: 'the list of options of retry.backoff',
    })
  return { maxRetries, backoff: { ...backoff } }
}

function schemaOf(schema: z.ZodType, direction: Direction, place: Place): WorkflowDefinition['input'] {
  try {
    return jsonSchema(schema, direction)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    const allowed = `a zod schema of what JSON can carry (${problem})`
    throw invalidWorkflow({ ...place, option: direction, value: schema, allowed }, error)
  }
}

/** A misspelt option would be ignored in silence, and its default used. */
function checkOptions(
  given: object,
  known: readonly string[],
  place: Place & { readonly option: string },
): void {
  const unknown = Object.keys(given).filter((option) => !known.includes(option))
  if (unknown.length === 0) return
  throw invalidWorkflow({ ...place, value: Object.keys(given), allowed: `among ${known.join(', ')}` })
}
