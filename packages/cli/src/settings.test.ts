import { describe, expect, it } from 'vitest'
import { databaseChoice } from './settings.ts'

describe('the choice of a database', () => {
  it.each([
    ['nothing', {}, {}, { url: undefined, dataDir: './.steptrail', schema: 'steptrail' }],
    ['a variable', {}, { DATABASE_URL: 'postgres://a/b' }, { url: 'postgres://a/b' }],
    [
      'an empty variable',
      {},
      { DATABASE_URL: '', STEPTRAIL_DATA_DIR: '', STEPTRAIL_SCHEMA: '' },
      { url: undefined, dataDir: './.steptrail', schema: 'steptrail' },
    ],
    [
      'a flag before a variable',
      { database: 'postgres://c/d' },
      { DATABASE_URL: 'postgres://a/b' },
      { url: 'postgres://c/d' },
    ],
    [
      'a data directory as a flag, which means the embedded one',
      { dataDir: 'x' },
      { DATABASE_URL: 'postgres://a/b' },
      { url: undefined, dataDir: 'x' },
    ],
    [
      'a data directory as a variable beside a URL',
      {},
      { DATABASE_URL: 'postgres://a/b', STEPTRAIL_DATA_DIR: 'x' },
      { url: 'postgres://a/b' },
    ],
    ['a data directory as a variable', {}, { STEPTRAIL_DATA_DIR: 'x' }, { url: undefined, dataDir: 'x' }],
    ['a schema', { schema: 'trail' }, { STEPTRAIL_SCHEMA: 'other' }, { schema: 'trail' }],
    ['a schema as a variable', {}, { STEPTRAIL_SCHEMA: 'other' }, { schema: 'other' }],
  ])('with %s', (...[, flags, env, choice]) => {
    expect(databaseChoice(flags, env)).toMatchObject(choice)
  })
})
