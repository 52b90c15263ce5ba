import { TrailError } from '@steptrail/event'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readCursor, writeCursor } from './opaque-cursor.ts'

const schema = z.strictObject({ order: z.enum(['asc', 'desc']), after: z.string() })
const positions = fc.record({ order: fc.constantFrom('asc', 'desc'), after: fc.string({ unit: 'grapheme' }) })

/** The position, or the code of the error. */
function outcomeOf(cursor: string): unknown {
  try {
    return readCursor(cursor, schema)
  } catch (error) {
    if (error instanceof TrailError && error.code === 'invalid_cursor') return error.code
    throw error
  }
}

describe('a cursor', () => {
  it('gives back the position it was made of', () => {
    fc.assert(
      fc.property(positions, (position) => {
        const cursor = writeCursor(position)
        expect(cursor).toMatch(/^[\w-]+$/)
        expect(readCursor(cursor, schema)).toEqual(position)
      }),
    )
  })

  it('is refused when a character of it is changed, added or missing', () => {
    fc.assert(
      fc.property(
        positions,
        fc.nat(),
        fc.constantFrom('', 'A', 'z', '9', '=', ' ', '-', 'AA'),
        (position, place, by) => {
          const cursor = writeCursor(position)
          const at = place % (cursor.length + 1)
          const altered = cursor.slice(0, at) + by + cursor.slice(at + 1)
          fc.pre(altered !== cursor)
          // What is left may be another position, but never the same one.
          expect(outcomeOf(altered)).not.toEqual(position)
        },
      ),
    )
  })

  it.each([
    '',
    'now',
    'null',
    writeCursor({}),
    writeCursor({ order: 'up', after: 'x' }),
    writeCursor({ order: 'asc', after: 'x', more: 1 }),
    btoa('{"after":"x","order":"asc"}'),
  ])('is refused when it is %j', (cursor) => {
    expect(() => readCursor(cursor, schema)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }))
  })
})
