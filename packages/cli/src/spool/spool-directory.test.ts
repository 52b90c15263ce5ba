import { expect, test } from 'vitest'
import { spoolDirectory } from './spool-directory.ts'

test.each([
  [{}, {}, './.steptrail/spool'],
  [{}, { STEPTRAIL_SPOOL_DIR: '' }, './.steptrail/spool'],
  [{}, { STEPTRAIL_DATA_DIR: '/var/lib/app' }, '/var/lib/app/spool'],
  [{ dataDir: '/srv/app' }, { STEPTRAIL_DATA_DIR: '/var/lib/app' }, '/srv/app/spool'],
  [{}, { STEPTRAIL_DATA_DIR: '/var/lib/app', DATABASE_URL: 'postgres://db/app' }, './.steptrail/spool'],
  [{ dataDir: '/srv/app' }, { STEPTRAIL_SPOOL_DIR: '/var/spool/app' }, '/var/spool/app'],
  [{ dir: '/mnt/copy' }, { STEPTRAIL_SPOOL_DIR: '/var/spool/app' }, '/mnt/copy'],
])('flags %j and variables %j mean the spool in %s', (flags, env, directory) => {
  expect(spoolDirectory(flags, env)).toBe(directory)
})
