import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '@steptrail/core'
import { inspectSpool } from '@steptrail/recorder/node'
import { createMigratedDatabase, type Program, releaseAfterTest, startProgram } from '@steptrail/testkit'
import { expect, it } from 'vitest'
import { createNodeClient, type NodeRecorderSettings } from './node-client.ts'

const program = new URL('../../test/recording-server.ts', import.meta.url)
const silent = { warn: () => undefined, error: () => undefined }

async function emptyDirectory(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'steptrail-client-'))
  releaseAfterTest(() => rm(root, { recursive: true, force: true }))
  return root
}

/** A server in a process of its own, that can be killed and started again where it was. */
class RemoteServer {
  readonly #databaseUrl: string
  #program: Program | undefined
  port = 0

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    this.#program = startProgram(program, { args: [this.#databaseUrl, String(this.port)] })
    this.port = Number((await this.#program.line('listening')).split(' ')[1])
  }

  async kill(): Promise<void> {
    await this.#program?.kill()
  }
}

async function scene() {
  const url = await createMigratedDatabase()
  const database = await openDatabase({ url })
  releaseAfterTest(() => database.close())
  const server = new RemoteServer(url)
  await server.start()
  const spoolDirectory = await emptyDirectory()
  const open = (settings: NodeRecorderSettings = {}) => {
    const quick = { batchAgeMs: 1, retryMinMs: 5, retryMaxMs: 50, failuresBeforeSpool: 2, logger: silent }
    const client = createNodeClient({ url: server.url, recorder: { ...quick, spoolDirectory, ...settings } })
    releaseAfterTest(async () => void (await client.close({ deadlineMs: 500 })))
    return client
  }
  return { database, server, spoolDirectory, open }
}

async function timesOnRecord({ query }: Database): Promise<ReadonlyMap<string, number>> {
  const { rows } = await query<{ action: string; count: number }>(
    'select action, count(*) as count from audit_event group by action',
  )
  return new Map(rows.map(({ action, count }) => [action, count]))
}

const operation = (action: string) => ({ eventType: 'OPERATION', action }) as const

it('what recordDurably resolved for is on record once, though the server is killed meanwhile', async () => {
  const { database, server, open } = await scene()
  const client = open()
  const actions = Array.from({ length: 300 }, (_, index) => `act_${index}`)
  const fates: string[] = []
  let restarted: Promise<void> | undefined
  for (const [index, action] of actions.entries()) {
    const fate = client.recordDurably(operation(action)).then((each) => fates.push(each))
    if (index % 10 === 9) await fate
    if (index === 100) await server.kill()
    if (index === 200) restarted = server.start()
  }
  await restarted
  expect(fates).toContain('spooled')
  await expect.poll(async () => (await timesOnRecord(database)).size, { timeout: 20_000 }).toBe(300)
  await client.close()
  expect(fates).toHaveLength(300)
  expect(await timesOnRecord(database)).toEqual(new Map(actions.map((action) => [action, 1])))
})

it('what was recorded while the server was away reaches it through the spool, from the next process', async () => {
  const { database, server, spoolDirectory, open } = await scene()
  await server.kill()
  const first = open()
  first.record(operation('while_away'))
  expect(await first.close({ deadlineMs: 2_000 })).toEqual({ written: 0, spooled: 1, dropped: 0, pending: 0 })
  await server.start()
  const second = open()
  await expect.poll(() => timesOnRecord(database), { timeout: 20_000 }).toEqual(new Map([['while_away', 1]]))
  await second.close()
  expect(await inspectSpool({ directory: spoolDirectory })).toEqual([])
})

it('keeps events in memory alone when it is told to, and leaves no directory', async () => {
  const { server, spoolDirectory, open } = await scene()
  await server.kill()
  const client = open({ spool: false })
  client.record(operation('lost'))
  expect(await client.close({ deadlineMs: 50 })).toMatchObject({ spooled: 0, dropped: 1 })
  expect(await readdir(spoolDirectory)).toEqual([])
})
