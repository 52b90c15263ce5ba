import type { Json } from '@steptrail/verify'
import { z } from 'zod'
import type { Backoff, StepDefinition, WorkflowDefinition } from './definition.ts'
import { findCycle } from './find-cycle.ts'
import { type DefinitionFault, invalidWorkflow } from './invalid-workflow.ts'
import { jsonBytes } from './json-bytes.ts'
import { workflowLimits as limits } from './limits.ts'
import { planOf } from './plan-of.ts'

type Fault = Omit<DefinitionFault, 'workflow'>

const namePattern = /^[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)*$/
const versionPattern = /^[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*$/

const nameRule = `a letter, then letters and digits, in parts joined by ".", "_" or "-", at most ${limits.nameLength} characters`
const versionRule = `letters and digits, in parts joined by ".", "_", "+" or "-", at most ${limits.versionLength} characters`

/**
 * Holds a definition against everything its types cannot say: names, limits, schemas, unknown steps, cycles. Whoever
 * takes a definition from outside calls it.
 *
 * Throws `invalid_workflow` for the first fault, naming workflow, step, value and what is allowed.
 */
export function checkDefinition(definition: WorkflowDefinition): void {
  for (const fault of faultsOf(definition)) throw invalidWorkflow({ workflow: definition.name, ...fault })
}

function* faultsOf(definition: WorkflowDefinition): Generator<Fault> {
  yield* nameFaults('name', definition.name)
  if (!isText(definition.version, versionPattern, limits.versionLength))
    yield { option: 'version', value: definition.version, allowed: versionRule }
  if (typeof definition.recordInput !== 'boolean')
    yield { option: 'recordInput', value: definition.recordInput, allowed: 'true or false' }
  yield* schemaFaults('input', definition.input)
  const { steps } = definition
  if (steps.length === 0 || steps.length > limits.steps)
    yield { option: 'number of steps', value: steps.length, allowed: `from 1 to ${limits.steps}` }
  for (const step of steps) for (const fault of stepFaults(step)) yield { step: step.name, ...fault }
  yield* orderFaults(steps)
  const planBytes = jsonBytes(planOf(definition))
  if (planBytes > limits.planBytes)
    yield {
      option: 'size of its plan in bytes',
      value: planBytes,
      allowed: `at most ${limits.planBytes}: give it fewer steps, shorter names, or fewer names in after`,
    }
}

function* stepFaults(step: StepDefinition): Generator<Fault> {
  if (/^\d+$/.test(step.name))
    yield {
      option: 'name',
      value: step.name,
      allowed: 'not integer-like: an object sorts such keys first, whatever their order',
    }
  yield* nameFaults('name', step.name)
  yield* nameFaults('service', step.service)
  yield* nameFaults('action', step.action)
  yield* wholeFaults('timeoutMs', step.timeoutMs, { from: 1, to: limits.timeoutMs })
  yield* wholeFaults('retry.maxRetries', step.retry.maxRetries, { from: 0, to: limits.maxRetries })
  yield* backoffFaults(step.retry.backoff)
  if (!['rollback', 'block', 'skip'].includes(step.onFailure))
    yield { option: 'onFailure', value: step.onFailure, allowed: '"rollback", "block" or "skip"' }
  if (step.undo !== 'handler' && step.undo !== 'none')
    yield { option: 'undo', value: step.undo, allowed: '"none", or absent when a worker undoes the step' }
  if (step.when !== null) yield* schemaFaults('when', step.when)
  yield* schemaFaults('output', step.output)
}

/** What cannot be evaluated would stop every execution that comes to it. */
function* schemaFaults(option: string, value: unknown): Generator<Fault> {
  try {
    z.fromJSONSchema(value as Parameters<typeof z.fromJSONSchema>[0])
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    yield { option, value, allowed: `a JSON Schema that can be evaluated (${problem})` }
  }
}

function* backoffFaults(backoff: Backoff): Generator<Fault> {
  const delay = { from: 1, to: limits.backoffMs }
  switch (backoff.type) {
    case 'fixed':
      yield* wholeFaults('retry.backoff.delayMs', backoff.delayMs, delay)
      return
    case 'exponential':
      yield* wholeFaults('retry.backoff.initialMs', backoff.initialMs, delay)
      yield* wholeFaults('retry.backoff.maxMs', backoff.maxMs, {
        from: backoff.initialMs,
        to: limits.backoffMs,
      })
      yield* numberFaults('retry.backoff.factor', backoff.factor, { from: 1, to: limits.factor })
      yield* numberFaults('retry.backoff.jitter', backoff.jitter, { from: 0, to: 1 })
      return
    default:
      yield {
        option: 'retry.backoff.type',
        value: (backoff as { type: unknown }).type,
        allowed: '"fixed" or "exponential"',
      }
  }
}

function* orderFaults(steps: readonly StepDefinition[]): Generator<Fault> {
  const names = new Set(steps.map((step) => step.name))
  const followers = new Map<string, number>()
  for (const step of steps) {
    yield* afterFaults(step, names)
    yield* conditionFaults(step)
    for (const before of step.after) followers.set(before, (followers.get(before) ?? 0) + 1)
  }
  for (const [step, count] of followers)
    if (count > limits.fanOut)
      yield {
        step,
        option: 'number of steps directly after it',
        value: count,
        allowed: `at most ${limits.fanOut}`,
      }
  const cycle = findCycle(steps)
  if (cycle)
    yield {
      option: 'the order of its steps',
      value: cycle.join(' after '),
      allowed: 'free of cycles: no step can come after itself',
    }
}

function* afterFaults({ name, after }: StepDefinition, names: ReadonlySet<string>): Generator<Fault> {
  const option = 'after'
  const others = [...names].filter((other) => other !== name)
  for (const [index, before] of after.entries()) {
    if (before === name)
      yield { step: name, option, value: after, allowed: 'other steps: no step can come after itself' }
    if (!names.has(before))
      yield {
        step: name,
        option,
        value: before,
        allowed: `the name of another step: ${others.slice(0, 20).join(', ') || 'there is none'}`,
      }
    if (after.indexOf(before) !== index)
      yield { step: name, option, value: after, allowed: 'without repetition' }
  }
}

/** A condition is given the outputs of the steps in `after` and no others: one that asks for more holds never. */
function* conditionFaults({ name, after, when }: StepDefinition): Generator<Fault> {
  const { outputs } = propertiesOf(when)
  for (const other of Object.keys(propertiesOf(outputs)))
    if (!after.includes(other))
      yield {
        step: name,
        option: 'an output that its when asks for',
        value: other,
        allowed: `that of a step in its after: ${after.join(', ') || 'there is none'}`,
      }
}

const propertiesOf = (schema: Json | undefined): Readonly<Record<string, Json>> =>
  isObject(schema) && isObject(schema['properties']) ? schema['properties'] : {}

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function* nameFaults(option: string, value: unknown): Generator<Fault> {
  if (!isText(value, namePattern, limits.nameLength)) yield { option, value, allowed: nameRule }
}

interface Range {
  readonly from: number
  readonly to: number
}

function* wholeFaults(option: string, value: number, { from, to }: Range): Generator<Fault> {
  if (!Number.isSafeInteger(value) || value < from || value > to)
    yield { option, value, allowed: `a whole number from ${from} to ${to}` }
}

function* numberFaults(option: string, value: number, { from, to }: Range): Generator<Fault> {
  if (!Number.isFinite(value) || value < from || value > to)
    yield { option, value, allowed: `a number from ${from} to ${to}` }
}

const isText = (value: unknown, pattern: RegExp, length: number): boolean =>
  typeof value === 'string' && value.length <= length && pattern.test(value)
