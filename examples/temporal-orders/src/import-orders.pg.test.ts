import { readFile } from 'node:fs/promises'
import { openTestDatabase } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { importOrders } from './import-orders.ts'

it('gives what its README shows', async () => {
  const database = await openTestDatabase('embedded')
  const lines = await importOrders(database)
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const [, shown] = /```text\n([^]*?)```/.exec(readme) ?? []
  expect(lines.join('\n').trim()).toBe(shown?.trim())
})
