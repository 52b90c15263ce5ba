import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTrail, listEvents, openDatabase } from '@steptrail/core'
import { createMigratedDatabase } from '@steptrail/testkit'
import { describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The program, and what it writes where a test can go away from it. */
const started = (args: readonly string[]) =>
  spawn(process.execPath, ['--conditions=steptrail:source', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], USER: 'anna' },
  })

const codeOf = async (program: ChildProcess): Promise<unknown> =>
  ((await once(program, 'close')) as unknown[])[0]

describe('a command', () => {
  it('whose standard error nobody reads ends as it would otherwise', async () => {
    const program = started(['executions', 'list', '--data-dir', '/no/such/directory'])
    program.stderr.destroy()
    program.stdout.resume()
    expect(await codeOf(program)).toBe(3)
  })
})

describe('an export', () => {
  it('whose reader goes away before its end is on record, as not whole', async () => {
    const url = await createMigratedDatabase()
    await using database = await openDatabase({ url })
    const events = Array.from({ length: 4_000 }, (_, number) => ({
      eventType: 'OPERATION',
      action: 'config_update',
      message: 'x'.repeat(500),
      details: { number },
    }))
    await database.transaction((tx) =>
      createTrail(database).recordIn((text, values) => tx(text, values), events),
    )
    const program = started(['export', '--format', 'ndjson', '--database', url])
    const ended = codeOf(program)
    await once(program.stdout, 'data')
    program.stdout.destroy()
    expect(await ended).toBe(0)
    const { items } = await listEvents(database, { eventType: 'TRAIL_EXPORTED' })
    expect(items).toMatchObject([{ status: 'FAILED', actorId: 'anna' }])
  })
})
