import { expect, test } from 'vitest'
import { z } from 'zod'
import { valuesByName } from './values-by-name.ts'

const labels = valuesByName(z.string().regex(/^\w+$/, 'is no word'), z.boolean('is neither true nor false'))
const problemOf = (given: unknown): unknown => {
  const [issue] = labels.safeParse(given).error?.issues ?? []
  return issue && [issue.path, issue.message]
}

test('values are taken by their names, also by those that objects have by themselves', () => {
  const given = { constructor: true, toString: false, team: true }
  expect(labels.parse(given)).toEqual(given)
})

test('the name __proto__ is refused, and no value of another name is lost beside it', () => {
  expect(problemOf(JSON.parse('{"team":true,"__proto__":false}'))).toEqual([[], 'has the name __proto__'])
})

test('what is no object, a name or a value that is none is told of', () => {
  expect(problemOf('team')).toEqual([[], 'is not an object'])
  expect(problemOf(null)).toEqual([[], 'is not an object'])
  expect(problemOf({ team: 1 })).toEqual([['team'], 'is neither true nor false'])
  expect(problemOf({ 'a b': true })?.valueOf()).toEqual([['a b'], expect.any(String)])
})
