import { readFile } from 'node:fs/promises'
import { createEmptyDatabase, describeOnRedis, runProgram, startRedis } from '@steptrail/testkit'
import { expect, it } from 'vitest'

it('prints what its README shows', async () => {
  await printsWhatIsShown({ DATABASE_URL: await createEmptyDatabase() })
})

describeOnRedis('orders on BullMQ', () => {
  it('print the same', async () => {
    const { url } = await startRedis()
    await printsWhatIsShown({ DATABASE_URL: await createEmptyDatabase(), REDIS_URL: url })
  })
})

async function printsWhatIsShown(env: Readonly<Record<string, string>>): Promise<void> {
  const { stdout, stderr, code } = await runProgram(new URL('main.ts', import.meta.url), { env })
  expect({ code, errors: stderr.includes('is not noted') }).toEqual({ code: 0, errors: false })
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const [, shown] = /```text\n([^]*?)```/.exec(readme) ?? []
  expect(stdout.slice(stdout.indexOf('order-1')).trim()).toBe(shown?.trim())
}
