import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Backoff, StepDefinition, WorkflowDefinition } from './definition.ts'
import { definitionHash } from './definition-hash.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hash = (definition: unknown): string => definitionHash(definition as WorkflowDefinition, sha256)

const backoff: fc.Arbitrary<Backoff> = fc.oneof(
  fc.record({ type: fc.constant('fixed' as const), delayMs: fc.nat() }),
  fc.record({
    type: fc.constant('exponential' as const),
    initialMs: fc.nat(),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    maxMs: fc.nat(),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
)
const schema = fc.record({
  type: fc.constantFrom('string', 'number'),
  title: fc.stringMatching(/^[a-z]{0,9}$/),
})
const step: fc.Arbitrary<StepDefinition> = fc.record({
  name: fc.stringMatching(/^[a-z]{1,9}$/),
  action: fc.stringMatching(/^[a-z]{1,9}$/),
  service: fc.stringMatching(/^[a-z]{1,9}$/),
  after: fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 3 }),
  timeoutMs: fc.nat(),
  retry: fc.record({ maxRetries: fc.nat(), backoff }),
  undo: fc.constantFrom('handler' as const, 'none' as const),
  onFailure: fc.constantFrom('rollback' as const, 'block' as const, 'skip' as const),
  when: fc.option(schema),
  output: schema,
})
const definition: fc.Arbitrary<WorkflowDefinition> = fc.record({
  name: fc.stringMatching(/^[a-z]{1,9}$/),
  version: fc.stringMatching(/^[0-9]{1,9}$/),
  input: schema,
  recordInput: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
})

/** The same value with the keys of all its objects set in the reverse order. */
const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, turned(inner)]),
  )
}

/** Every value that differs from this one in exactly one leaf. */
function* variants(value: unknown): Generator {
  if (value === null) yield 'set'
  else if (typeof value === 'string') yield `${value}x`
  else if (typeof value === 'number') yield value + 1
  else if (typeof value === 'boolean') yield !value
  else if (Array.isArray(value)) {
    if (value.every((element) => typeof element === 'string')) yield [...value, 'added']
    for (const [index, element] of value.entries())
      for (const variant of variants(element)) yield value.with(index, variant)
  } else {
    for (const [key, inner] of Object.entries(value as object))
      for (const variant of variants(inner)) yield { ...(value as object), [key]: variant }
  }
}

test('the hash does not depend on the order in which keys were set', () => {
  fc.assert(
    fc.property(definition, (value) => {
      expect(hash(turned(value))).toBe(hash(value))
    }),
  )
})

test('the hash depends on every field', () => {
  fc.assert(
    fc.property(definition, (value) => {
      const hashes = [value, ...variants(value)].map(hash)
      expect(new Set(hashes).size).toBe(hashes.length)
    }),
    { numRuns: 50 },
  )
})

test('the hash depends on the order of the steps', () => {
  fc.assert(
    fc.property(definition, step, (value, first) => {
      const second = { ...first, name: `${first.name}x` }
      expect(hash({ ...value, steps: [first, second] })).not.toBe(hash({ ...value, steps: [second, first] }))
    }),
  )
})
