import { TrailError } from '@steptrail/event'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { checkDefinition } from './check-definition.ts'
import { defineWorkflow, type WorkflowSpec } from './define.ts'
import type { WorkflowDefinition } from './definition.ts'
import { workflowLimits } from './limits.ts'

const input = z.object({ tenant: z.string() })
const output = z.object({ id: z.string() })

/** As a program in JavaScript would call it, which no types hold back. */
const define = (spec: Readonly<Record<string, unknown>>): WorkflowDefinition =>
  defineWorkflow({ name: 'w', version: '1', input, ...spec } as unknown as WorkflowSpec).definition

const oneStep = (step: Readonly<Record<string, unknown>>): WorkflowDefinition =>
  define({ steps: { a: { service: 's', output, ...step } } })

const refusal = (make: () => unknown): TrailError => {
  try {
    make()
  } catch (error) {
    if (error instanceof TrailError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a definition', () => {
  test('has every default filled in', () => {
    expect(define({ steps: { first: { service: 's', output }, second: { service: 't', output } } })).toEqual({
      name: 'w',
      version: '1',
      recordInput: false,
      input: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: { tenant: { type: 'string' } },
        required: ['tenant'],
      },
      steps: [
        {
          name: 'first',
          action: 'first',
          service: 's',
          after: [],
          timeoutMs: 60_000,
          retry: { maxRetries: 3, backoff: { type: 'fixed', delayMs: 5_000 } },
          undo: 'handler',
          onFailure: 'rollback',
          when: null,
          output: {
            $schema: 'https://json-schema.org/draft/2020-12/schema',
            type: 'object',
            properties: { id: { type: 'string' } },
            required: ['id'],
            additionalProperties: false,
          },
        },
        expect.objectContaining({ name: 'second', action: 'second', service: 't', after: ['first'] }),
      ],
    })
  })

  test('takes over every option of the workflow', () => {
    const backoff = { type: 'exponential', initialMs: 1, factor: 2, maxMs: 9, jitter: 0.1 }
    const definition = define({
      name: 'tenant.set-up',
      version: '1.2.3-rc.1+7',
      recordInput: true,
      retry: { maxRetries: 7, backoff },
      steps: { a: { service: 's', output } },
    })
    expect(definition).toMatchObject({ name: 'tenant.set-up', version: '1.2.3-rc.1+7', recordInput: true })
    expect(definition.steps[0]?.retry).toEqual({ maxRetries: 7, backoff })
  })

  test('takes over every option of a step', () => {
    const retry = { maxRetries: 0, backoff: { type: 'fixed', delayMs: 1 } }
    const given = { timeoutMs: 1, retry, action: 'ScaleReplicas', undo: 'none' }
    const step = define({
      retry: { maxRetries: 9 },
      steps: {
        b: { service: 'other-service', output, after: [] },
        a: { service: 's', output, ...given, after: [] },
      },
    }).steps[1]
    expect(step).toMatchObject({ ...given, service: 's', after: [] })
  })

  test('takes each part of a retry policy from the step, else the workflow, else the default', () => {
    const steps = {
      a: { service: 's', output, retry: { backoff: { type: 'fixed', delayMs: 1 } } },
      b: { service: 's', output, retry: { maxRetries: 1 } },
      c: { service: 's', output },
    }
    const policies = (retry: unknown): unknown[] => define({ retry, steps }).steps.map((step) => step.retry)
    const waiting = (delayMs: number): unknown => ({ type: 'fixed', delayMs })
    expect(policies({ maxRetries: 5 })).toEqual([
      { maxRetries: 5, backoff: waiting(1) },
      { maxRetries: 1, backoff: waiting(5_000) },
      { maxRetries: 5, backoff: waiting(5_000) },
    ])
    expect(policies({ backoff: waiting(7) })).toEqual([
      { maxRetries: 3, backoff: waiting(1) },
      { maxRetries: 1, backoff: waiting(7) },
      { maxRetries: 3, backoff: waiting(7) },
    ])
  })

  test('stands beside the schemas it was made of', () => {
    const steps = { a: { service: 's', output, after: [] } } as const
    const workflow = defineWorkflow({ name: 'w', version: '1', input, steps })
    expect(workflow).toMatchObject({ name: 'w', version: '1' })
    expect(workflow.input).toBe(input)
    expect(workflow.steps.a.output).toBe(output)
  })

  test('is plain JSON', () => {
    const definition = oneStep({})
    expect(JSON.parse(JSON.stringify(definition))).toEqual(definition)
  })

  test.each([
    'createRealm',
    'create-realm',
    'create.realm',
    'create_realm',
    'A',
    'v2',
    'constructor',
    'a'.repeat(100),
  ])('may name a step %s', (name) => {
    const { steps } = define({ steps: { [name]: { service: 's', output }, last: { service: 's', output } } })
    expect(steps.map((step) => step.name)).toEqual([name, 'last'])
    expect(steps[1]?.after).toEqual([name])
  })

  test('may be as large as the limits', () => {
    const names = Array.from({ length: workflowLimits.steps }, (_, index) => `s${index}`)
    const steps = Object.fromEntries(names.map((name) => [name, { service: 's', output }]))
    expect(define({ steps }).steps).toHaveLength(workflowLimits.steps)
    const limits = {
      timeoutMs: workflowLimits.timeoutMs,
      retry: {
        maxRetries: workflowLimits.maxRetries,
        backoff: {
          type: 'exponential',
          initialMs: workflowLimits.backoffMs,
          maxMs: workflowLimits.backoffMs,
          factor: workflowLimits.factor,
          jitter: 1,
        },
      },
    }
    expect(oneStep(limits).steps[0]).toMatchObject(limits)
  })
})

const fixed = (delayMs: unknown): unknown => ({ backoff: { type: 'fixed', delayMs } })
const exponential = (given: Readonly<Record<string, unknown>>): unknown => ({
  backoff: { type: 'exponential', initialMs: 10, factor: 2, maxMs: 100, jitter: 0, ...given },
})

const after = (...names: readonly string[]): unknown => ({ service: 's', output, after: names })
const besideOther = (...names: readonly string[]): unknown =>
  define({ steps: { other: { service: 's', output }, a: after(...names) } })

describe('a definition is refused', () => {
  test('for a cycle, which is named as a path', () => {
    const error = refusal(() =>
      define({ steps: { x: { service: 's', output }, a: after('c'), b: after('a'), c: after('b') } }),
    )
    expect(error.code).toBe('invalid_workflow')
    expect(error.message).toBe(
      'workflow "w": the order of its steps is "a after c after b after a"; it must be free of cycles: no step can come after itself',
    )
  })

  test('for a step after itself, an unknown step, and a repeated one', () => {
    expect(refusal(() => besideOther('a')).message).toMatch(/step "a": after is \["a"\].* other steps/)
    expect(refusal(() => besideOther('nope')).message).toMatch(
      /step "a": after is "nope".* the name of another step: other/,
    )
    expect(refusal(() => besideOther('other', 'other')).message).toMatch(/without repetition/)
  })

  test.each(['1', '007', '12345678901'])('for the integer-like step name %s', (name) => {
    const error = refusal(() => define({ steps: { [name]: { service: 's', output } } }))
    expect(error.message).toMatch(/not integer-like/)
    expect(error.details).toMatchObject({ workflow: '"w"', option: 'name', value: `"${name}"` })
  })

  test.each(['', ' ', '-a', 'a-', 'a..b', 'a b', 'é', '__proto__', '9a', 'a\0', 'a'.repeat(101)])(
    'for the name %j of a step, a workflow, a service, an action',
    (name) => {
      const steps = JSON.parse(`{${JSON.stringify(name)}:{}}`) as object
      const named = Object.fromEntries(Object.keys(steps).map((key) => [key, { service: 's', output }]))
      for (const make of [
        () => define({ steps: named }),
        () => define({ name, steps: { a: { service: 's', output } } }),
        () => oneStep({ service: name }),
        () => oneStep({ action: name }),
      ])
        expect(refusal(make).message).toMatch(/must be a letter, then letters and digits/)
    },
  )

  test.each(['', '1 0', 'v1-', 5, 'x'.repeat(65)])('for the version %j', (version) => {
    const error = refusal(() => define({ version, steps: { a: { service: 's', output } } }))
    expect(error.details).toMatchObject({ option: 'version' })
  })

  test('for no steps, and for too many', () => {
    expect(refusal(() => define({ steps: {} })).message).toMatch(
      /number of steps is 0; it must be from 1 to 500/,
    )
    const names = Array.from({ length: workflowLimits.steps + 1 }, (_, index) => `s${index}`)
    const steps = Object.fromEntries(names.map((name) => [name, { service: 's', output }]))
    expect(refusal(() => define({ steps })).message).toMatch(/number of steps is 501/)
  })

  test('for too many steps after one', () => {
    const names = Array.from({ length: workflowLimits.fanOut + 1 }, (_, index) => `s${index}`)
    const leaves = names.map((name) => [name, { service: 's', output, after: ['root'] }])
    const steps = { root: { service: 's', output, after: [] }, ...Object.fromEntries(leaves) }
    expect(refusal(() => define({ steps })).message).toMatch(
      /step "root": number of steps directly after it is 101/,
    )
  })

  test('for more of a plan than an event can hold', () => {
    const name = (layer: number, place: number): string => `s${layer}x${place}`.padEnd(100, 'x')
    const places = Array.from({ length: workflowLimits.fanOut }, (_, place) => place)
    const layers = [0, 1, 2, 3, 4].map((layer) =>
      places.map((place) => {
        const before = layer === 0 ? [] : places.map((other) => name(layer - 1, other))
        return [name(layer, place), { service: 's', output, after: before }] as const
      }),
    )
    const of = (count: number) => ({ steps: Object.fromEntries(layers.slice(0, count).flat()) })
    expect(() => define(of(1))).not.toThrow()
    expect(refusal(() => define(of(5))).message).toMatch(
      /size of its plan in bytes is \d+; it must be at most 1048576: give it fewer steps/,
    )
  })

  test.each([
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: -1 }],
    ['timeoutMs', { timeoutMs: 1.5 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['timeoutMs', { timeoutMs: '5' }],
    ['timeoutMs', { timeoutMs: workflowLimits.timeoutMs + 1 }],
    ['retry.maxRetries', { retry: { maxRetries: -1 } }],
    ['retry.maxRetries', { retry: { maxRetries: 0.5 } }],
    ['retry.maxRetries', { retry: { maxRetries: 101 } }],
    ['retry.backoff.delayMs', { retry: fixed(0) }],
    ['retry.backoff.delayMs', { retry: fixed(0.5) }],
    ['retry.backoff.delayMs', { retry: fixed(workflowLimits.backoffMs + 1) }],
    ['retry.backoff.initialMs', { retry: exponential({ initialMs: 0 }) }],
    ['retry.backoff.maxMs', { retry: exponential({ maxMs: 9 }) }],
    ['retry.backoff.maxMs', { retry: exponential({ maxMs: workflowLimits.backoffMs + 1 }) }],
    ['retry.backoff.factor', { retry: exponential({ factor: 0.9 }) }],
    ['retry.backoff.factor', { retry: exponential({ factor: 101 }) }],
    ['retry.backoff.factor', { retry: exponential({ factor: Number.POSITIVE_INFINITY }) }],
    ['retry.backoff.jitter', { retry: exponential({ jitter: -0.1 }) }],
    ['retry.backoff.jitter', { retry: exponential({ jitter: 1.1 }) }],
    ['retry.backoff.type', { retry: { backoff: { type: 'linear' } } }],
    ['undo', { undo: 'handler!' }],
  ])('for a bad %s: %j', (option, step) => {
    const error = refusal(() => oneStep(step))
    expect(error.code).toBe('invalid_workflow')
    expect(error.details).toMatchObject({ workflow: '"w"', step: '"a"', option })
  })

  test('for a bad policy of the workflow, at the first step that takes it over', () => {
    const error = refusal(() => define({ retry: fixed(0), steps: { a: { service: 's', output } } }))
    expect(error.details).toMatchObject({ step: '"a"', option: 'retry.backoff.delayMs', value: '0' })
  })

  test.each([
    ['of a step', () => oneStep({ timeout: 5 })],
    ['of the workflow', () => define({ onFailure: 'skip', steps: { a: { service: 's', output } } })],
    ['of retry', () => oneStep({ retry: { max: 5 } })],
    ['of a back-off', () => oneStep({ retry: { backoff: { type: 'fixed', delayMs: 5, jitter: 1 } } })],
  ])('for an unknown option %s, which would be ignored', (_, make) => {
    expect(refusal(make).message).toMatch(/an option of its .* it must be one of the options /)
  })

  test.each([
    ['steps', () => define({ steps: null })],
    ['steps', () => define({ steps: [] })],
    ['specification', () => define({ steps: { a: null } })],
    ['retry', () => oneStep({ retry: null })],
    ['retry.backoff', () => oneStep({ retry: { backoff: 'fixed' } })],
    ['after', () => oneStep({ after: 'b' })],
    ['timeoutMs', () => oneStep({ timeoutMs: null })],
    ['output', () => oneStep({ output: 'text' })],
    ['input', () => define({ input: undefined, steps: { a: { service: 's', output } } })],
  ])('for %s of another kind', (option, make) => {
    const error = refusal(make)
    expect(error.code).toBe('invalid_workflow')
    expect(error.details['option']).toMatch(new RegExp(`(^|its )${option}$`))
  })

  test('for recordInput that is neither true nor false', () => {
    expect(
      refusal(() => define({ recordInput: 'yes', steps: { a: { service: 's', output } } })).details,
    ).toMatchObject({
      option: 'recordInput',
      value: '"yes"',
    })
  })

  test('for a schema of what JSON cannot carry, naming the place', () => {
    const error = refusal(() => oneStep({ output: z.object({ rows: z.array(z.bigint()) }) }))
    expect(error.details).toMatchObject({ step: '"a"', option: 'output' })
    expect(error.message).toMatch(/BigInt cannot be represented in JSON Schema at properties\/rows\/items/)
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('for a condition on the output of a step that it does not come after, which could never hold', () => {
    const when = z.object({ outputs: z.object({ other: z.object({}) }) })
    const steps = { other: { service: 's', output }, b: { service: 's', output } }
    const refused = refusal(() => define({ steps: { ...steps, a: { service: 's', output, when } } }))
    expect(refused.message).toMatch(/step "a": an output that its when asks for is "other".* in its after: b/)
    const a = { service: 's', output, when, after: ['other', 'b'] }
    expect(define({ steps: { ...steps, a } }).steps[2]?.when).not.toBeNull()
  })

  test.each<[option: string, given: { readonly input?: unknown; readonly step?: object }]>([
    ['input', { input: { type: 'no such type' } }],
    ['when', { step: { when: { type: 'string', pattern: '(' } } }],
    ['output', { step: { output: { $ref: 'https://example.com/elsewhere' } } }],
    ['output', { step: { output: 5 } }],
  ])(
    'for a schema of the %s that cannot be evaluated, where it comes as data',
    (option, { step, ...rest }) => {
      const made = oneStep({})
      const given = {
        ...made,
        ...rest,
        steps: made.steps.map((one) => ({ ...one, ...step })),
      }
      const error = refusal(() => checkDefinition(given as WorkflowDefinition))
      expect(error.message).toMatch(/a JSON Schema that can be evaluated/)
      expect(error.details).toMatchObject({ option })
    },
  )
})
