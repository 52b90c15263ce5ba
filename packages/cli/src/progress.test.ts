import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { withProgress } from './progress.ts'
import type { Surroundings } from './surroundings.ts'

describe('progress', () => {
  it('shows nothing where nobody looks on, and gives what the work gives', async () => {
    let written = ''
    const stderr = { write: (text: string) => (written += text) }
    const surroundings = { stderr, env: {} } as unknown as Surroundings
    const result = await withProgress('Working', surroundings, async ({ say }) => {
      say('Still working')
      return 7
    })
    expect({ result, written }).toEqual({ result: 7, written: '' })
  })

  it('lets what the work throws through', async () => {
    const stderr = Object.assign(new PassThrough(), { isTTY: true, cursorTo: () => true })
    const surroundings = { stderr, env: {} } as unknown as Surroundings
    await expect(
      withProgress('Working', surroundings, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no')
    expect(stderr.read()).toBeNull()
  })
})
