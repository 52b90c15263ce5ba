import { describe, expect, it } from 'vitest'
import { maskPassword, parseDatabaseUrl } from './database-url.ts'

describe('a database URL', () => {
  it.each([
    ['postgres://anna:s3cret@db.example:6543/trail', 'postgres://anna@db.example:6543/trail'],
    ['postgresql://anna@db.example/trail?sslmode=disable', 'postgres://anna@db.example:5432/trail'],
    ['postgres://anna:p%40ss@[::1]:5432/trail', 'postgres://anna@[::1]:5432/trail'],
    [
      'postgres:///trail?host=/var/run/postgresql&user=anna',
      'postgres://anna@[/var/run/postgresql]:5432/trail',
    ],
  ])('%s is shown without its password', (url, name) => {
    expect(parseDatabaseUrl(url)).toEqual({ connectionString: url, name })
  })

  it.each([
    ['mysql://anna:s3cret@db.example/trail', 'does not begin with postgres://'],
    ['db.example:5432', 'does not begin with postgres://'],
    ['', 'does not begin with postgres://'],
    ['postgres://anna:s3cret@db.example:70000/trail', 'cannot be parsed'],
    ['postgres://anna:s3cret@db.example:port/trail', 'cannot be parsed'],
    ['postgres://anna:s3cret@[::1/trail', 'cannot be parsed'],
  ])('%s is refused, its password masked', (url, reason) => {
    const refused = expect.objectContaining({
      code: 'invalid_database_url',
      message: expect.stringContaining(reason) as string,
    }) as Error
    expect(() => parseDatabaseUrl(url)).toThrow(refused)
    expect(() => parseDatabaseUrl(url)).not.toThrow('s3cret')
  })

  it.each([
    ['postgres://anna:s3cret@db/x', 'postgres://anna:***@db/x'],
    ['postgres://anna:s3cr@t/with:odd?signs@db/x', 'postgres://anna:***@db/x'],
    ['postgres://:s3cret@db/x', 'postgres://:***@db/x'],
    ['postgres://anna://s3cret@db/x', 'postgres://anna:***@db/x'],
    ['anna:s3cret@db/x', 'anna:***@db/x'],
    ['postgres://anna@db/x?password=s3cret&user=a', 'postgres://anna@db/x?password=***&user=a'],
    ['postgres://anna@db:5432/x', 'postgres://anna@db:5432/x'],
  ])('masks the password of %s', (url, masked) => {
    expect(maskPassword(url)).toBe(masked)
  })
})
