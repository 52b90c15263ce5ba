import { expect, it } from 'vitest'
import { toldError } from './told-error.ts'

it.each([
  [new Error('busy'), { message: 'busy' }],
  [Object.assign(new Error('stolen'), { type: 'CardError' }), { message: 'stolen', code: 'CardError' }],
  ['a text', { message: 'a text' }],
  [null, { message: 'null' }],
  [Symbol('odd'), { message: 'Symbol(odd)' }],
  [Object.create(null), { message: 'what was thrown cannot be read' }],
])('what a workflow throws is told in words, whatever it is: %o', (thrown, told) => {
  expect(toldError(thrown)).toEqual(told)
})
