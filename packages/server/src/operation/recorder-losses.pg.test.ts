import { applyGrants, createApiKey, createTrail } from '@steptrail/core'
import { uuidV7 } from '@steptrail/event'
import { openTestDatabase } from '@steptrail/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { asked } from '../../test/asking.ts'
import { createServer } from '../index.ts'

const root = { type: 'user', id: 'root' } as const
const recorderId = '019a4f0c-5c7b-7000-8000-00000000feed'

/** An event of a minute ago, as one of a recorder. */
const insertRecorded = `
insert into audit_event (
  id, "timestamp", recorded_at, event_type, entity_type, action, service_name, recorder_id, recorder_seq
)
values (
  $1::uuid, $2::timestamptz, clock_timestamp() - interval '1 minute', 'OPERATION', 'OPERATION', 'x', 'shop', $3::uuid, $4
)`

it('tells what its own recorder lost, and which numbers of others are missing, but nobody who sees one tenant', async () => {
  const database = await openTestDatabase('postgres')
  await applyGrants(database)
  const server = await createServer({ trail: createTrail(database), holdsClock: false })
  onTestFinished(() => server.close())
  for (const number of [1, 9]) {
    const now = Date.now() + number
    await database.query(insertRecorded, [uuidV7(now), new Date(now).toISOString(), recorderId, number])
  }
  const losses = async (tenant?: string) => {
    const { secret } = await createApiKey(database, { name: `of ${tenant}`, scopes: ['read'], tenant }, root)
    const { body } = await asked(server).get('/api/v1/recorders/losses', {
      authorization: `Bearer ${secret}`,
    })
    return body as unknown
  }
  const shop = { recorder_id: recorderId, service_name: 'shop', missing: 7, last_at: expect.any(String) }
  const own = { recorder_id: expect.any(String), emitted: 0, written: 0, spooled: 0, pending: 0 }
  expect(await losses()).toEqual({
    server: { ...own, dropped: expect.objectContaining({ queue_full: 0 }) },
    gaps: [shop],
  })
  expect(await losses('acme')).toMatchObject({ gaps: null })
})
