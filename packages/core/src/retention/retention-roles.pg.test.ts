import { createMigratedDatabase, releaseAfterTest } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { remains, writeAged } from '../../test/aged-trail.ts'
import { openDatabase } from '../database/open-database.ts'
import { applyGrants } from '../roles/apply-grants.ts'
import { placeHold, releaseHold } from './holds.ts'
import { planRetention } from './plan-retention.ts'
import { setRetentionPolicy } from './policies.ts'
import { runRetention } from './run-retention.ts'

const by = { type: 'user', id: 'dba' } as const
const now = Date.UTC(2026, 9, 15)

it('retention is run by a login that is a member of steptrail_admin, and of nothing else', async () => {
  const url = await createMigratedDatabase()
  const owner = await openDatabase({ url })
  releaseAfterTest(() => owner.close())
  await applyGrants(owner)
  const login = `keeper_${process.pid}`
  await owner.query(`create role ${login} login password 'keeper' in role steptrail_admin`)
  releaseAfterTest(async () => void (await owner.query(`drop role ${login}`)))
  const events = [2, 3, 4].map((day) => new Date(Date.UTC(2020, 3, day)).toISOString())
  const ids = await writeAged(owner, [
    { workflow: 'w', live: 'ended', events },
    { workflow: 'held', live: 'ended', events },
  ])
  const place = new URL(url)
  Object.assign(place, { username: login, password: 'keeper' })
  const database = await openDatabase({ url: place.href })
  releaseAfterTest(() => database.close())
  await setRetentionPolicy(
    database,
    { match: { workflow: 'w' }, keepDays: 30 },
    { actor: by, reason: 'short' },
  )
  const holdId = await placeHold(database, { workflow: 'held' }, { actor: by, reason: 'a dispute' })
  expect(await planRetention(database, { now })).toMatchObject({ executionCount: 1 })
  expect(await runRetention(database, { by, archive: null, now })).toMatchObject({
    executionCount: 1,
    unfreed: [],
  })
  expect((await remains(owner, ids)).map(([count]) => count)).toEqual([0, 3])
  await releaseHold(database, holdId, { actor: by, reason: 'settled' })
  expect(await runRetention(database, { by, archive: null, now })).toMatchObject({ executionCount: 1 })
  expect((await remains(owner, ids)).map(([count]) => count)).toEqual([0, 0])
})
