import { embeddedDirectory, runProgram } from '@steptrail/testkit'
import { expect, it } from 'vitest'

it(
  'plays the agent through an MCP server in a process of its own, and tells the whole story',
  { timeout: 60_000 },
  async () => {
    const env = { LANG: 'en_GB.UTF-8', STEPTRAIL_DATA_DIR: await embeddedDirectory() }
    const { code, stdout, stderr } = await runProgram(new URL('main.ts', import.meta.url), { env })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('Tried to look at scale-freely 1.0.0, and was refused.')
    expect(stdout).toContain('Chose scale-conservative 1.0.0; its parameters are valid.')
    expect(stdout).toContain('scale-conservative 1.0.0 ended: success, 3 of 3 steps')
    expect(stdout).toMatch(/\ncheckout has 6 replicas\n$/)
  },
)
