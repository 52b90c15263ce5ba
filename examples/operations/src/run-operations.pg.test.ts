import { readFile } from 'node:fs/promises'
import { createTrail } from '@steptrail/core'
import { knownActions, knownSources, outcomes } from '@steptrail/event'
import { createEmptyDatabase, describeOnBoth, releaseAfterTest, runProgram } from '@steptrail/testkit'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { drawOperations } from './draw-operations.ts'
import { runOperations } from './run-operations.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
const [, printed = ''] = /```text\n([^]*?)```/.exec(readme) ?? []

describeOnBoth('the operations of the data service', (open) => {
  it('are on record as its README prints them, with their times, and all are accounted for', async () => {
    await using trail = createTrail(await open())
    const { accounts, recorded } = await runOperations(trail, 'run-1')
    expect(accounts).toEqual({ written: 9, spooled: 0, dropped: 0, pending: 0 })
    expect([...drawOperations(recorded), '9 written, 0 spooled, 0 dropped', ''].join('\n')).toBe(printed)
    for (const { duration_ms } of recorded) expect(duration_ms).toBeGreaterThanOrEqual(0)

    const [words, services] = [recorded.map((row) => row.operation_type), recorded.map((row) => row.source)]
    expect(new Set(words)).toEqual(new Set(knownActions))
    expect(new Set(services)).toEqual(new Set(knownSources))
    expect(new Set(recorded.map(({ result }) => result))).toEqual(new Set(outcomes))
  })

  it('say what went wrong', async () => {
    await using trail = createTrail(await open())
    const { recorded } = await runOperations(trail, 'run-2')
    expect(recorded.filter(({ result }) => result === 'failure')).toMatchObject([
      { extra_info: { symbol: 'INITECH', error: { name: 'Error' } } },
      { extra_info: { after: 5, error: { code: '23514' } } },
    ])
  })
})

it('the example as a program prints the same, on a server, and leaves no spool behind', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'operations-'))
  releaseAfterTest(() => rm(cwd, { recursive: true }))
  const env = { DATABASE_URL: await createEmptyDatabase(), LANG: 'en_GB.UTF-8' }
  const { code, stdout, stderr } = await runProgram(new URL('main.ts', import.meta.url), { cwd, env })
  expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: printed })
})
