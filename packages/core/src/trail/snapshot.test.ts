import { describe, expect, it } from 'vitest'
import { beforeEverything, isNotBefore, parseSnapshot, type Snapshot } from './snapshot.ts'

const parsed = (text: string): Snapshot => {
  const snapshot = parseSnapshot(text)
  if (!snapshot) throw new Error(`${text} was refused`)
  return snapshot
}

describe('parseSnapshot', () => {
  it('reads ids as numbers, also where one gains a digit', () => {
    expect(parsed('999:1002:999,1000,1001')).toEqual({
      xmin: 999n,
      xmax: 1002n,
      inProgress: [999n, 1000n, 1001n],
    })
    expect(isNotBefore(parsed('1000:1000:'), parsed('999:999:'))).toBe(true)
    expect(isNotBefore(parsed('999:999:'), parsed('1000:1000:'))).toBe(false)
  })

  it('keeps ids exact beyond what a number holds', () => {
    expect(parsed('9007199254740993:9007199254740995:9007199254740993').inProgress).toEqual([
      9007199254740993n,
    ])
  })

  it('reads a snapshot before everything', () => {
    expect(parsed(beforeEverything)).toEqual({ xmin: 1n, xmax: 1n, inProgress: [] })
  })

  it.each([
    '',
    '1',
    '1:2',
    '0:0:',
    '2:1:',
    '1:5:5',
    '2:5:1',
    '1:9:3,2',
    '1:9:3,3',
    '1:9:3,',
    '1:9:,3',
    ' 1:9:3',
    '1:9:3;',
    '-1:9:',
    '1:9:x',
    '1:1:\n',
  ])('refuses %j', (text) => {
    expect(parseSnapshot(text)).toBeNull()
  })
})
