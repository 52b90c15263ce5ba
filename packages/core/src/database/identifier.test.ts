import { describe, expect, it } from 'vitest'
import { parseSchemaName, quoteIdentifier } from './identifier.ts'

describe('a name in SQL', () => {
  it('is quoted, its own quotes doubled', () => {
    expect(quoteIdentifier('Audit "trail"')).toBe('"Audit ""trail"""')
  })

  it.each(['steptrail', 'Schema with "quotes" and ünïcode; drop', 'x'.repeat(63)])('may be %s', (name) => {
    expect(parseSchemaName(name)).toBe(name)
  })

  it.each([
    ['', 'is empty'],
    ['x'.repeat(64), 'longer than 63 bytes'],
    ['ü'.repeat(32), 'longer than 63 bytes'],
    ['a\u0000b', 'U+0000'],
    ['a\ud800', 'lone surrogate'],
    ['pg_catalog', 'belongs to PostgreSQL'],
    ['information_schema', 'belongs to PostgreSQL'],
  ])('may not be %j', (name, reason) => {
    expect(() => parseSchemaName(name)).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringContaining(reason) as string,
        details: { option: 'schema', value: name },
      }),
    )
  })
})
