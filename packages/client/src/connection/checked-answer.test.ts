import { expect, it } from 'vitest'
import { z } from 'zod'
import { checkedAnswer } from './checked-answer.ts'

const schema = z.strictObject({
  name: z.string(),
  parts: z.array(z.strictObject({ size: z.int() })),
  end: z.union([z.strictObject({ at: z.string() }), z.strictObject({ never: z.literal(true) })]).nullable(),
})
const answer = { name: 'a', parts: [{ size: 1 }], end: null }

it.each([
  ['as it is described', answer],
  ['with more at its top', { ...answer, colour: 'red' }],
  ['with more inside', { ...answer, parts: [{ size: 1, weight: 2 }] }],
  ['with more in one of several forms', { ...answer, end: { at: 'noon', zone: 'UTC' } }],
])('passes on an answer %s', (_, given) => {
  expect(checkedAnswer(given, schema, 'GET /')).toEqual(given)
})

it.each([
  ['of another kind', 'welcome', 'the whole'],
  ['with something missing', { ...answer, name: undefined }, 'name'],
  ['with something of another kind', { ...answer, more: 1, parts: [{ size: '1' }] }, 'parts.0.size'],
  ['in none of several forms', { ...answer, end: { later: true } }, 'end'],
])('refuses an answer %s, by naming the place', (_, given, place) => {
  expect(() => checkedAnswer(given, schema, 'GET /')).toThrow(
    expect.objectContaining({ code: 'server_unreachable', message: expect.stringContaining(`${place}:`) }),
  )
})
