import type { z } from 'zod'
import type { WorkflowSpec } from './define.ts'
import type { Backoff, RetryPolicy, StepDefinition, WorkflowDefinition } from './definition.ts'
import { invalidWorkflow } from './invalid-workflow.ts'
import { conditionSchema, type Direction, jsonSchema } from './json-schema.ts'
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
  'adjust',
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
  'onFailure',
  'when',
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
  checkOptions(spec, workflowOptions, { ...place, option: 'specification' })
  checkObject(spec.steps, { ...place, option: 'steps' })
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
  checkOptions(spec, stepOptions, { ...place, option: 'specification' })
  const { service, action = step, after = before, undo = 'handler', onFailure = 'rollback', when } = spec
  const { timeoutMs = stepDefaults.timeoutMs } = spec
  const isList: boolean = Array.isArray(after)
  if (!isList)
    throw invalidWorkflow({ ...place, option: 'after', value: after, allowed: 'a list of step names' })
  return {
    name: step,
    action,
    service,
    after: [...after],
    timeoutMs,
    retry: completeRetry(spec.retry, retry, place),
    undo,
    onFailure,
    when: when === undefined ? null : conditionOf(when, place),
    output: schemaOf(spec.output, 'output', place),
  }
}

/** A condition is decided from its JSON Schema alone, so it must say nothing that only code can check. */
function conditionOf(schema: z.ZodType, place: Place): WorkflowDefinition['input'] {
  try {
    return conditionSchema(schema)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    const allowed = `a zod schema of { input, outputs } that JSON Schema can say in full (${problem})`
    throw invalidWorkflow({ ...place, option: 'when', value: schema, allowed }, error)
  }
}

function completeRetry(spec: RetrySpec | undefined, base: RetryPolicy, place: Place): RetryPolicy {
  if (spec === undefined) return base
  checkOptions(spec, retryOptions, { ...place, option: 'retry' })
  const { maxRetries = base.maxRetries, backoff = base.backoff } = spec
  checkObject(backoff, { ...place, option: 'retry.backoff' })
  if (Object.hasOwn(backoffOptions, backoff.type))
    checkOptions(backoff, backoffOptions[backoff.type], { ...place, option: 'retry.backoff' })
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

type OptionPlace = Place & { readonly option: string }

/** A misspelt option would be ignored in silence, and its default used. */
function checkOptions(given: object, known: readonly string[], { option, ...place }: OptionPlace): void {
  checkObject(given, { ...place, option })
  const unknown = Object.keys(given).find((key) => !known.includes(key))
  if (unknown === undefined) return
  const allowed = `one of the options ${known.join(', ')}`
  throw invalidWorkflow({ ...place, option: `an option of its ${option}`, value: unknown, allowed })
}

/** For callers without types. */
function checkObject(given: unknown, { option, ...place }: OptionPlace): void {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return
  throw invalidWorkflow({ ...place, option: `its ${option}`, value: given, allowed: 'an object' })
}
