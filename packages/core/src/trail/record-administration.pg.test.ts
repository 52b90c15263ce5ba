import { describeOnBoth } from '@steptrail/testkit'
import { afterEach, expect, it, vi } from 'vitest'
import { createApiKey } from '../access/api-keys.ts'

describeOnBoth('what is done to the trail itself', (open) => {
  afterEach(() => void vi.useRealTimers())

  it('is on record at the time of the database, whatever this process takes the time for', async () => {
    const database = await open()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 40 * 60_000 })
    await createApiKey(database, { name: 'shop', scopes: ['record'] }, { type: 'user', id: 'olga' })
    const { rows } = await database.query<{ ahead: boolean }>(
      'select timestamp > clock_timestamp() as ahead from audit_event',
    )
    expect(rows).toEqual([{ ahead: false }])
  })
})
