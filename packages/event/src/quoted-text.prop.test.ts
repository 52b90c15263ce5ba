import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isStorable, quotedText } from './quoted-text.ts'
import { problemOfText } from './storable-text.ts'

const anyText = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      'a',
      '"',
      '\\',
      '\n',
      '\u0000',
      '\u001f',
      '\u007f',
      '\u2028',
      '\ud83d',
      '\ude00',
      '\ufffd',
    ),
  }),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.string({ minLength: 40, maxLength: 60 }),
)

test('text is quoted as JSON quotes it, and not at all where it cannot be stored', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(isStorable(text)).toBe(problemOfText(text) === null)
      expect(quotedText(text)).toBe(problemOfText(text) === null ? JSON.stringify(text) : undefined)
    }),
    { numRuns: 2000 },
  )
})
