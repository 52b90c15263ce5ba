import { writeCursor } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { expect, test } from 'vitest'
import { listCatalog } from './list-catalog.ts'

const id = '019a4f0c-5c7b-7000-8000-000000000000'

test.each([
  { name: 'a', registeredAt: 'yesterday', id },
  { name: 'a\u0000', registeredAt: '2026-11-20T10:00:00.000Z', id },
])('a cursor that no page gave is refused as one: %j', async (position) => {
  const database = await openTestDatabase('postgres')
  const listing = listCatalog(database, 'default', { cursor: writeCursor(position) })
  await expect(listing).rejects.toMatchObject({ code: 'invalid_cursor' })
})
