import type { Spool } from '@steptrail/recorder'
import { expect, test } from 'vitest'
import { spoolDestination, type SpoolingDatabase, trailSpool } from './trail-spool.ts'

const server: SpoolingDatabase = {
  kind: 'postgres',
  name: 'postgres://writer@db.example:5432/app',
  schema: 'steptrail',
  dataDir: null,
}
const inMemory: SpoolingDatabase = { ...server, kind: 'embedded', name: 'the embedded database in memory' }
const embedded: SpoolingDatabase = { ...inMemory, dataDir: '/srv/app' }

test.each([
  ['on a server', server, {}],
  ['over an embedded database', embedded, {}],
  ['in memory, where it is given a directory', inMemory, { spoolDirectory: '/srv/spool' }],
])('a trail %s has a spool', (_, database, settings) => {
  expect(trailSpool(database, settings)).toBeDefined()
})

test.each([
  ['in memory', inMemory, {}],
  ['that is to have none', server, { spool: false, spoolDirectory: '/srv/spool' }],
  ['that records nothing', server, { enabled: false, spoolDirectory: '/srv/spool' }],
] as const)('a trail %s has none', (_, database, settings) => {
  expect(trailSpool(database, settings)).toBeUndefined()
})

test('its events are for a database and schema, whoever the user is, or for an embedded one', () => {
  expect(spoolDestination(server)).toBe('db.example:5432/app steptrail')
  expect(spoolDestination(embedded)).toBe('embedded')
})

test('a trail has the spool that it is given', () => {
  const spool: Spool = {
    bytes: 0,
    events: 0,
    append: () => Promise.resolve(),
    next: () => Promise.resolve(undefined),
    bury: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
  expect(trailSpool(inMemory, { spool })).toBe(spool)
})
