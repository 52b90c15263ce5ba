import { describe, expect, it } from 'vitest'
import { weightsSchema } from '../score/weights.ts'
import { searchRequestSchema } from '../search/search-request.ts'
import { checkContent } from '../register/check-entries.ts'
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

describe('labels of the name __proto__, which records would lose', () => {
  const labels: unknown = JSON.parse('{"team":"shop","__proto__":"shop"}')
  const found: unknown = JSON.parse('{"gitOpsManaged":true,"__proto__":true}')
  const weighed: unknown = JSON.parse('{"team":0.1,"__proto__":0.1}')
  const weights = { base: { floor: 0, severity: 0, component: 0, environment: 0, priority: 0 } }
  const about = (context: object): unknown =>
    parsedRequest({ remediationId: 'rr-1', context }, discoverySchemas.listActions)

  it.each([
    ['a situation', 'customLabels', () => about({ customLabels: labels })],
    ['what was detected', 'detectedLabels', () => about({ detectedLabels: found })],
    [
      'a search',
      'filters',
      () => parsedRequest({ query: 'x', remediation_id: 'r', filters: labels }, searchRequestSchema),
    ],
    ['weights', 'boosts', () => parsedRequest({ ...weights, boosts: weighed, penalties: {} }, weightsSchema)],
  ])('are refused in %s', (_, field, parse) => {
    expect(parse).toThrow(`${field} has the name __proto__`)
  })

  it('are refused in a workflow that is to be registered', () => {
    const values = ['*']
    const content = {
      workflowName: 'scale',
      version: '1',
      actionType: 'Scale',
      title: 'Scale',
      description: '',
      labels: { severity: values, component: values, environment: values, priority: values },
      customLabels: JSON.parse('{"team":["shop"],"__proto__":["shop"]}') as object,
      parameters: { type: 'object' },
    }
    expect(() => checkContent(content, 'workflows[0]')).toThrow('has the name __proto__')
  })
})
