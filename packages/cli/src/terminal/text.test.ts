import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cut, padEnd, padStart, printable, widthOf, wrap } from './text.ts'

describe('printable', () => {
  it('takes out what would move the cursor, colour the screen or turn the text round', () => {
    expect(printable('\u001b[2J\u001b[31mred\u001b[0m\r\nnext\tone\u0007\u202egnp.exe')).toBe(
      'red next one gnp.exe',
    )
  })

  it('leaves nothing that is a control character, in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\u202a-\u202e]/u)
      }),
    )
  })
})

describe('cut', () => {
  it('leaves what fits, and ends what does not in an ellipsis', () => {
    expect(cut('createRealm', 11)).toBe('createRealm')
    expect(cut('createRealm', 8)).toBe('createR…')
    expect(cut('createRealm', 8, '...')).toBe('creat...')
    expect(cut('日本語テスト', 7)).toBe('日本語…')
    expect(cut('anything', 0)).toBe('')
  })

  it('never exceeds the width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, width) => {
        expect(widthOf(cut(printable(text), width))).toBeLessThanOrEqual(width)
      }),
    )
  })
})

describe('padding', () => {
  it('counts columns, not characters', () => {
    expect(padEnd('日本', 6)).toBe('日本  ')
    expect(padStart('\u001b[31m1\u001b[39m', 3)).toBe('  \u001b[31m1\u001b[39m')
    expect(padEnd('longer', 3)).toBe('longer')
  })
})

describe('wrap', () => {
  it('breaks at spaces, and words longer than a line anywhere, losing nothing', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrap('a-very-long-word', 6)).toEqual(['a-very', '-long-', 'word'])
    expect(wrap('   ', 6)).toEqual([])
  })

  it('keeps every character and the width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.integer({ min: 2, max: 30 }), (text, width) => {
        const lines = wrap(text, width)
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(/\s+/g, ''))
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width)
      }),
    )
  })
})
