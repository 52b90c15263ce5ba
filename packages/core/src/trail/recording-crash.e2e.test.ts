import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spoolOnDemand } from '@steptrail/recorder/node'
import {
  createMigratedDatabase,
  embeddedDirectory,
  type Program,
  releaseAfterTest,
  startPostgres,
  startProgram,
} from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { openDatabase, type OpenDatabaseOptions } from '../database/open-database.ts'
import { migrate } from '../migrate/migrate.ts'
import { openTrail } from './trail.ts'

const silent = { warn: () => undefined, error: () => undefined }
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
async function onRecord(
  database: OpenDatabaseOptions,
  spoolDirectory?: string,
): Promise<ReadonlyMap<string, number>> {
  const trail = await openTrail({ ...database, recorder: { spoolDirectory, logger: silent } })
  await trail.close()
  return await counted(database)
}

async function counted(options: OpenDatabaseOptions): Promise<ReadonlyMap<string, number>> {
  await using database = await openDatabase(options)
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
  expectOnceEach(promised, await onRecord({ url }, directory))
})

it(
  'so it is in the embedded database, each time that the process is killed',
  { timeout: 60_000 },
  async () => {
    const dataDir = await embeddedDirectory()
    const promised: string[] = []
    for (let start = 0; start < 2; start++) {
      const recording = startProgram(program, { args: [dataDir] })
      await recording.line(/-2\d$/)
      promised.push(...(await promisedBy(recording)))
    }
    expect(promised.length).toBeGreaterThan(2 * 200)
    expectOnceEach(promised, await onRecord({ dataDir }))
  },
)

it('so is what it was told while the server was away, by a process that lives and records nothing', async () => {
  await using server = await startPostgres()
  const cwd = await emptyDirectory()
  const directory = join(cwd, '.steptrail', 'spool')
  const url = server.url()
  {
    await using database = await openDatabase({ url })
    await migrate(database)
  }
  const spool = spoolOnDemand({ directory, adoptEveryMs: 50, logger: silent })
  const living = await openTrail({ url, recorder: { spool, logger: silent, retryMaxMs: 200 } })
  releaseAfterTest(() => living.close())
  const recording = startProgram(program, { args: [url], cwd })
  await recording.line(/^written .*-1\d$/)
  await server.kill()
  for (let count = 0; count < 200; count++) await recording.line(/^spooled/)
  const promised = await promisedBy(recording)
  expect(promised.length).toBeGreaterThan(400)
  await server.start()
  const missing = async (): Promise<number> => {
    const found = await counted({ url })
    return promised.filter((action) => !found.has(action)).length
  }
  await expect.poll(missing, { timeout: 20_000 }).toBe(0)
  expectOnceEach(promised, await counted({ url }))
  expect(living.recorder.counts()).toMatchObject({ emitted: 0, replayed: { buried: 0 } })
})

it.each(['database first', 'spool first'])(
  'what is recorded without waiting is lost with the process only where no flush has told of it: %s',
  async (way) => {
    const [url, directory] = [await createMigratedDatabase(), await emptyDirectory()]
    const plain = new URL('../../test/plain-recording-program.ts', import.meta.url)
    const recording = startProgram(plain, { args: [url, directory, way] })
    for (let count = 0; count < 6; count++) await recording.line(/^flushed/)
    await recording.kill()
    const { stdout } = await recording.ended
    const last = (word: string): number =>
      Math.max(
        ...[...stdout.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].map(([, number]) => Number(number)),
      )
    const found = await onRecord({ url }, directory)
    const promised = Array.from({ length: last('flushed') }, (_, index) => `action-${index + 1}`)
    expect(promised.length).toBeGreaterThanOrEqual(3000)
    expectOnceEach(promised, found)
    // What was in memory is the most that is lost: `queueEvents`.
    expect(found.size).toBeGreaterThanOrEqual(last('recording') - 2000)
  },
)
