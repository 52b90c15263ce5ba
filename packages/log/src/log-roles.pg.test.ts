import { type Database, listEvents, migrate, openDatabase } from '@steptrail/core'
import { createDatabaseWithLogins, releaseAfterTest } from '@steptrail/testkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { greet } from '../test/greeting.ts'
import { sealing } from '../test/logs.ts'
import { erase } from './erase/erase.ts'
import { rotateKey } from './key/rotate-key.ts'
import { SigningKey } from './key/signing-key.ts'
import { restartLog } from './seal/restart-log.ts'
import { verifyTrail } from './verify/verify-trail.ts'

const actor = { type: 'user', id: 'olga' } as const

describe('a log on a server whose roles are set up', () => {
  let asMember: (role: string) => Promise<Database>
  let executionIds: readonly string[]
  const opened = async (url: string): Promise<Database> => {
    const database = await openDatabase({ url })
    releaseAfterTest(() => database.close())
    return database
  }

  beforeEach(async () => {
    const place = await createDatabaseWithLogins()
    await migrate(await opened(place.url), { roles: true })
    asMember = async (role) => opened(await place.createLogin(`in role ${role}`))
    executionIds = await greet(await asMember('steptrail_writer'), ['friend', 'stranger'])
  })

  it('is sealed, verified, restarted and given another key by a steptrail_sealer', async () => {
    const sealer = await asMember('steptrail_sealer')
    const { seal, key, memory } = sealing()
    const { origin } = await seal(sealer)
    const keys = [key.verifierKey(origin)]
    expect(await verifyTrail(sealer, { keys, memory, actor })).toMatchObject({ outcome: 'verified' })
    const next = SigningKey.generate().key
    await rotateKey(sealer, { key, next, memory, actor, reason: 'a year is over' })
    await restartLog(sealer, { key: next, memory, actor, reason: 'restored the backup of Monday' })
  })

  it('has what is to be erased erased by a steptrail_admin', async () => {
    const admin = await asMember('steptrail_admin')
    const { key, memory } = sealing()
    const [executionId = ''] = executionIds
    const erased = await erase(admin, {
      key,
      memory,
      actor,
      reason: 'asked to be forgotten',
      match: { executionId },
    })
    expect(erased).toMatchObject({ executions: [executionId] })
    const { items } = await listEvents(admin, { executionId })
    expect(items.map(({ correlationId }) => correlationId)).toEqual(items.map(() => null))
  })

  it('has one erasure at a time: who orders the same meanwhile finds it done', async () => {
    const admin = await asMember('steptrail_admin')
    const { key, memory } = sealing()
    const [executionId = ''] = executionIds
    const order = { key, memory, actor, reason: 'asked to be forgotten', match: { executionId } } as const
    const both = await Promise.allSettled([erase(admin, order), erase(admin, order)])
    const refused = both.filter((each) => each.status === 'rejected')
    expect(refused).toMatchObject([{ reason: { code: 'invalid_input' } }])
  })
})
