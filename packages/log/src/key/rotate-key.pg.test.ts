import { createTrail } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { noteText, parseNote, vkeyOf } from '@steptrail/verify'
import { expect, it } from 'vitest'
import { operations, record, sealing } from '../../test/logs.ts'
import { tamper } from '../../test/tampering.ts'
import type { OutsideMemory } from '../memory/outside-memory.ts'
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

it('takes the word of a key that is trusted: a signature that anybody put beside it says nothing', async () => {
  const database = await openTestDatabase('postgres')
  const sealer = sealing()
  await record(database, operations(3))
  const { origin, checkpoint, size } = await sealer.seal(database)
  const { rows } = await database.query<{ tiles: string }>(
    'select partial_tiles::text as tiles from log_trees',
  )
  await record(database, operations(3))
  await sealer.seal(database)
  const { key: stranger } = SigningKey.generate()
  const { text, signatures } = parseNote(checkpoint)!
  const signed = [...signatures, ...stranger.signatures(text, { origin, time: 1_700_000_000 })]
  await tamper(database, [
    ['delete from log_entries where log_index >= $1', [size]],
    `update audit_event set message = 'never said' where not exists (select from log_entries where event_id = id)`,
    'delete from log_checkpoints',
    [
      'insert into log_checkpoints (log_id, tree_size, signed_at, checkpoint) values (1, $1, now(), $2)',
      [size, noteText({ text, signatures: signed })],
    ],
    [
      'insert into log_keys (log_id, vkey, since_size) values (1, $1, $2)',
      [vkeyOf(stranger.verifierKey(origin)), size],
    ],
    [
      `update log_trees set tree_size = $1, checkpoint_size = $1, checkpoint = $2, partial_tiles = $3::text::jsonb,
         feed_position = null`,
      [size, checkpoint, rows[0]!.tiles],
    ],
  ])
  const forger = sealing({ key: stranger })
  await forger.seal(database)
  expect(await verifyLogs(database, { keys: [stranger.verifierKey(origin)] })).toMatchObject({
    outcome: 'verified',
  })
  expect(await verifyLogs(database, { keys: [sealer.key.verifierKey(origin)] })).toMatchObject({
    defect: { kind: 'key_unknown', source: 'latest' },
  })
})

it('introduces the next key also where that one signed first, as a sealer does that was given it too early', async () => {
  const database = await openTestDatabase('postgres')
  const sealer = sealing()
  await record(database, operations(3))
  const { origin } = await sealer.seal(database)
  const { key: next } = SigningKey.generate()
  const early: OutsideMemory = {
    ...sealer.memory,
    read: () => Promise.reject(new Error('stopped before it signed')),
  }
  const order = { key: sealer.key, next, actor, reason: 'yearly' }
  await expect(rotateKey(database, { ...order, memory: early })).rejects.toThrow('stopped before it signed')
  await sealing({ key: next, memory: sealer.memory }).seal(database)
  await tamper(database, [
    `insert into log_checkpoints (log_id, tree_size, signed_at, checkpoint)
     select log_id, tree_size, signed_at, checkpoint from log_trees on conflict do nothing`,
  ])
  await rotateKey(database, { ...order, memory: sealer.memory })
  await record(database, operations(1))
  await sealing({ key: next, memory: sealer.memory }).seal(database)
  expect(await verifyLogs(database, { keys: [sealer.key.verifierKey(origin)] })).toMatchObject({
    outcome: 'verified',
  })
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
