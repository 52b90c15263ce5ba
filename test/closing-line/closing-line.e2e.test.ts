import { fileURLToPath } from 'node:url'
import { runProgram, type ProgramResult } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'

describe('the last line of a test run', () => {
  it.each([
    ['tests that pass', 'passing', '1 passed, 0 failed', 0],
    ['tests that pass, fail and are skipped', 'tests', '2 passed, 1 failed, 1 skipped', 1],
    ['a file that cannot be loaded', 'load', '0 passed, 1 failed', 1],
    ['a hook that fails', 'hook', '1 passed, 1 failed', 1],
    ['an unhandled error', 'unhandled', '1 passed, 1 failed', 1],
    ['no test at all', 'absent', '0 passed, 1 failed', 1],
  ])('counts %s', async (_, name, line, code) => {
    const result = await runTests(name)
    expect(result.stdout.trimEnd().split('\n').at(-1)).toBe(line)
    expect(result.code).toBe(code)
  })
})

async function runTests(name: string): Promise<ProgramResult> {
  const config = fileURLToPath(new URL('./runs/vitest.config.ts', import.meta.url))
  const vitest = new URL('../../node_modules/vitest/vitest.mjs', import.meta.url)
  return runProgram(vitest, { args: ['run', '--config', config, `${name}.run.ts`] })
}
