import { expect, it } from 'vitest'
import { LabelBound } from './label-bound.ts'

it('a label has so many values and one more', () => {
  const bound = new LabelBound(2)
  expect(['a', 'b', 'c', 'a', 'd'].map((value) => bound.of(value))).toEqual(['a', 'b', 'other', 'a', 'other'])
})
