import { expect, test } from 'vitest'
import { searchSchema } from './search.ts'
import { signalContextSchema } from './signal-context.ts'

test('a label of the name __proto__ is refused, and not left out without a word', () => {
  const customLabels: unknown = JSON.parse('{"team":"shop","__proto__":"shop"}')
  const detectedLabels: unknown = JSON.parse('{"__proto__":true}')
  for (const context of [{ customLabels }, { detectedLabels }])
    expect(signalContextSchema.safeParse(context).error?.issues).toMatchObject([
      { message: 'has the name __proto__' },
    ])
  const search = { query: 'x', remediation_id: 'rr-1', filters: customLabels }
  expect(searchSchema.safeParse(search).error?.issues).toMatchObject([{ message: 'has the name __proto__' }])
})

test('labels may be null, and have any other name', () => {
  const context = { customLabels: { constructor: 'shop' }, detectedLabels: null }
  expect(signalContextSchema.parse(context)).toEqual(context)
})
