import { createEmptyDatabase, databaseKinds, embeddedDirectory, runProgram } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'

const main = new URL('./main.ts', import.meta.url)

describe.each(databaseKinds)('the example as a program on %s', (kind) => {
  it(
    'plays the orders that it is given, draws their timelines, and checks',
    { timeout: 60_000 },
    async () => {
      const { code, stdout, stderr } = await runProgram(main, {
        args: ['telephone'],
        env: { LANG: 'en_GB.UTF-8', TERM: 'xterm', ...(await place(kind)) },
      })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain('anna resolves it: booked by telephone, pick-up 7 tomorrow morning')
      expect(stdout).toMatch(/order-fulfilment 1\.0\.0 +✓ completed/)
      expect(stdout).toMatch(/✎ bookCarrier +DO/)
      expect(stdout).toMatch(/\n1 played, 4 checks, 0 failed\n$/)
    },
  )
})

describe('the example as a program', () => {
  it('refuses an order that it does not have', async () => {
    const { code, stderr } = await runProgram(main, { args: ['unicorn'] })
    expect(code).toBe(1)
    expect(stderr).toContain('there is no order unicorn: give some of plain, gift')
  })
})

async function place(kind: (typeof databaseKinds)[number]): Promise<Readonly<Record<string, string>>> {
  if (kind === 'postgres') return { DATABASE_URL: await createEmptyDatabase() }
  return { STEPTRAIL_DATA_DIR: await embeddedDirectory() }
}
