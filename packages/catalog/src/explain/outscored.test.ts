import { expect, test } from 'vitest'
import { scoringOf } from '../score/score-workflow.ts'
import { differenceSentence, differencesOf } from './outscored.ts'

test('a label may be called as what every object has: where it is missing it counts for nothing', () => {
  const mine = scoringOf({ base: 0.5, boosts: {}, penalties: {} })
  const theirs = scoringOf({ base: 0.5, boosts: { constructor: 0.05 }, penalties: {} })
  const differences = differencesOf(mine, theirs)
  expect(differences).toEqual([{ part: 'boost', label: 'constructor', mine: 0, theirs: 0.05 }])
  expect(differences.map(differenceSentence)).toEqual(['boost for constructor 0.00 against 0.05'])
})
