import type { Spool } from '@steptrail/recorder'
import { expect, test } from 'vitest'
import { type SpoolingDatabase, trailSpool } from './trail-spool.ts'

const server: SpoolingDatabase = { kind: 'postgres', dataDir: null }
const inMemory: SpoolingDatabase = { kind: 'embedded', dataDir: null }
const embedded: SpoolingDatabase = { kind: 'embedded', dataDir: '/srv/app' }

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
