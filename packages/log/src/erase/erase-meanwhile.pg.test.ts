import { type Archive, type Database, insertEvents, runRetention, setRetentionPolicy } from '@steptrail/core'
import { uuidV7 } from '@steptrail/event'
import { describeOnBoth } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { sealing } from '../../test/logs.ts'
import { verifyLogs } from '../verify/verify-log.ts'
import { erase } from './erase.ts'

const by = { type: 'user', id: 'olga' } as const
const now = Date.UTC(2026, 9, 15)

/** Operations of one month, of which a policy keeps the first, Anna's. */
async function writeOld(database: Database): Promise<void> {
  const events = ['anna', 'bert'].map((actorId, day) => {
    const timestamp = new Date(Date.UTC(2026, 1, 3 + day)).toISOString()
    return {
      id: uuidV7(Date.parse(timestamp)),
      timestamp,
      eventType: 'OPERATION',
      entityType: 'OPERATION',
      actorType: 'user',
      actorId,
      tenant: actorId,
      message: `${actorId} was here`,
    } as const
  })
  await database.transaction((tx) => insertEvents((text, values) => tx(text, values), events))
  await setRetentionPolicy(
    database,
    { match: { tenant: 'anna' }, keepDays: 3650 },
    { actor: by, reason: 'agreed' },
  )
}

/** An archive that keeps nothing, and does this when everything has been written. */
const archiveThen = (work: () => Promise<unknown>): Archive => ({
  store: async ({ table, month, rows }) => {
    let rowCount = 0
    for await (const _ of rows) rowCount += 1
    return { table, month, path: 'nowhere', rowCount, digest: '0'.repeat(64), byteCount: 0, fileDigest: '' }
  },
  finish: async () => void (await work()),
  discard: async () => undefined,
})

describeOnBoth('erase while retention runs', (open) => {
  it('stays done: what retention keeps of a month does not bring it back', async () => {
    const database = await open()
    const sealer = sealing()
    await writeOld(database)
    const { origin } = await sealer.seal(database)
    const subject = { type: 'user', id: 'anna' } as const
    const order = { ...sealer, actor: by, reason: 'asked to be forgotten', match: { subject } }
    const disturbed = runRetention(database, { by, now, archive: archiveThen(() => erase(database, order)) })
    await expect(disturbed).rejects.toMatchObject({ code: 'retention_changed' })
    const { months } = await runRetention(database, { by, now, archive: archiveThen(async () => undefined) })
    expect(months).toMatchObject([{ table: 'audit_event', month: '2026-02', dropCount: 1, keepCount: 1 }])
    const { rows } = await database.query(
      `select actor_id, message from audit_event where "timestamp" < '2026-03-01'`,
    )
    expect(rows).toEqual([{ actor_id: null, message: null }])
    await sealer.seal(database)
    const verdict = await verifyLogs(database, {
      keys: [sealer.key.verifierKey(origin)],
      memory: sealer.memory,
    })
    expect(verdict).toMatchObject({ outcome: 'verified', logs: [{ erased: 1, dropped: 1 }] })
  })
})
