import { describe, expect, it } from 'vitest'
import { discoverySchemas, parsedRequest } from './discovery-request.ts'

const parsed = (parameters: unknown) =>
  parsedRequest({ remediationId: 'rr-1', workflowId: 'w', parameters }, discoverySchemas.validateSelection)

const nested = (levels: number): unknown => {
  let value: unknown = null
  for (let level = 0; level < levels; level += 1) value = [value]
  return value
}

describe('the parameters of a selection', () => {
  it('are taken as they are given', () => {
    const parameters = { a: [1e20, 'ä', null, { b: true }], deep: nested(99) }
    expect(parsed(parameters)).toMatchObject({ parameters })
  })

  it.each([
    ['no object', [1], 'parameters is not an object of values by name'],
    ['a lone surrogate', { a: [{ b: '\uD800' }] }, 'parameters.a.0.b holds U+0000 or a lone surrogate'],
    ['U+0000 in a name', { a: { 'b\0': 1 } }, 'parameters.a holds U+0000 or a lone surrogate'],
    ['no finite number', { a: Infinity }, 'parameters.a is no number within'],
    ['ten thousand lists in one another', { a: nested(10_000) }, 'parameters.a is nested deeper than 100'],
    ['the name __proto__', JSON.parse('{"a":{"__proto__":1}}'), 'parameters.a has the name __proto__'],
  ])('are refused with the place of %s', (_, parameters, message) => {
    expect(() => parsed(parameters)).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: expect.stringContaining(message) as string,
      }) as Error,
    )
  })
})
