import { createTrail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { operations, record, sealing } from '../../test/logs.ts'
import { verifyLogs } from '../verify/verify-log.ts'
import { rotateKey } from './rotate-key.ts'
import { SigningKey } from './signing-key.ts'

const actor = { type: 'user', id: 'olga' } as const

it('hands over from key to key, so that who trusts the first trusts the last', async () => {
  const database = await openTestDatabase('postgres')
  const sealer = sealing()
  await record(database, operations(3))
  const { origin } = await sealer.seal(database)
  const [second, third] = [SigningKey.generate().key, SigningKey.generate().key]
  const order = { memory: sealer.memory, actor, reason: 'yearly' }
  await rotateKey(database, { ...order, key: sealer.key, next: second })
  await expect(sealer.seal(database)).rejects.toMatchObject({ code: 'log_key_mismatch' })
  await record(database, operations(3))
  await rotateKey(database, { ...order, key: second, next: third })
  await rotateKey(database, { ...order, key: second, next: third })
  await record(database, operations(1))
  await sealing({ key: third, memory: sealer.memory }).seal(database)
  for (const key of [sealer.key, second, third])
    expect(
      await verifyLogs(database, { keys: [key.verifierKey(origin)], memory: sealer.memory }),
    ).toMatchObject({
      outcome: 'verified',
    })
  const stranger = SigningKey.generate().key
  expect(await verifyLogs(database, { keys: [stranger.verifierKey(origin)] })).toMatchObject({
    defect: { kind: 'key_unknown' },
  })
  const { items } = await createTrail(database).listEvents({ eventType: 'TRAIL_KEY_REVOKED' })
  expect(items.map(({ actorId, reason }) => ({ actorId, reason }))).toEqual([
    { actorId: 'olga', reason: 'yearly' },
    { actorId: 'olga', reason: 'yearly' },
  ])
})

it('is refused to who does not have the key that signs now', async () => {
  const database = await openTestDatabase('postgres')
  const sealer = sealing()
  const { key: next } = SigningKey.generate()
  const order = { memory: sealer.memory, actor, reason: 'yearly', next }
  await expect(rotateKey(database, { ...order, key: sealer.key })).rejects.toMatchObject({
    code: 'log_not_begun',
  })
  await sealer.seal(database)
  await expect(rotateKey(database, { ...order, key: SigningKey.generate().key })).rejects.toMatchObject({
    code: 'log_key_mismatch',
  })
})
