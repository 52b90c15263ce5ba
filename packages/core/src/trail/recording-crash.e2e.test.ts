import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSpool } from '@steptrail/recorder/node'
import {
  createMigratedDatabase,
  type Program,
  releaseAfterTest,
  startPostgres,
  startProgram,
} from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrate/migrate.ts'
import { openTrail } from './trail.ts'

const program = new URL('../../test/recording-program.ts', import.meta.url)

async function emptyDirectory(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'steptrail-recording-'))
  releaseAfterTest(() => rm(root, { recursive: true, force: true }))
  return root
}

/** Kills the program, and gives the actions that it was told will survive. */
async function promisedBy(recording: Program): Promise<readonly string[]> {
  await recording.kill()
  const { stdout } = await recording.ended
  return [...stdout.matchAll(/^(?:written|spooled) (\S+)$/gm)].map(([, action = '']) => action)
}

/** Starts again with the same spool, until nothing is left in it; gives how often each action is on record. */
async function onRecord(url: string, directory: string): Promise<ReadonlyMap<string, number>> {
  const logger = { warn: () => undefined, error: () => undefined }
  const spool = await openSpool({ directory, logger })
  const trail = await openTrail({ url, recorder: { spool } })
  releaseAfterTest(() => trail.close())
  await trail.close()
  await using database = await openDatabase({ url })
  const { rows } = await database.query<{ action: string; count: number }>(
    'select action, count(*) as count from audit_event group by action',
  )
  return new Map(rows.map(({ action, count }) => [action, count]))
}

function expectOnceEach(promised: readonly string[], found: ReadonlyMap<string, number>): void {
  expect(promised.filter((action) => found.get(action) !== 1)).toEqual([])
  expect([...found.values()].filter((count) => count !== 1)).toEqual([])
}

it('what a killed process was told will survive is on record once', async () => {
  const [url, directory] = [await createMigratedDatabase(), await emptyDirectory()]
  const recording = startProgram(program, { args: [url, directory] })
  await recording.line(/-5\d$/)
  const promised = await promisedBy(recording)
  expect(promised.length).toBeGreaterThan(500)
  expectOnceEach(promised, await onRecord(url, directory))
})

it('so is what it was told while the server was away', async () => {
  await using server = await startPostgres()
  const directory = await emptyDirectory()
  const url = server.url()
  {
    await using database = await openDatabase({ url })
    await migrate(database)
  }
  const recording = startProgram(program, { args: [url, directory] })
  await recording.line(/^written .*-1\d$/)
  await server.kill()
  for (let count = 0; count < 200; count++) await recording.line(/^spooled/)
  const promised = await promisedBy(recording)
  expect(promised.length).toBeGreaterThan(400)
  await server.start()
  expectOnceEach(promised, await onRecord(url, directory))
})
