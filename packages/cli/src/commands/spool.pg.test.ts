import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, listEvents } from '@steptrail/core'
import { createRecorder, type OutgoingEvent } from '@steptrail/recorder'
import { type DiskSpool, openSpool } from '@steptrail/recorder/node'
import { describeOnBoth, releaseAfterTest } from '@steptrail/testkit'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { run, type RunOptions, type RunResult } from '../../test/run.ts'

let directory = ''

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'steptrail-cli-spool-'))
  directory = join(root, 'spool')
  releaseAfterTest(() => rm(root, { recursive: true }))
})

const silent = { warn: () => undefined, error: () => undefined }

async function open(): Promise<DiskSpool> {
  const spool = await openSpool({ directory, adoptEveryMs: 0, logger: silent })
  releaseAfterTest(() => spool.close())
  return spool
}

/** Records as many events as there are actions while there is no database, and gives how they were spooled. */
async function spooled(spool: DiskSpool, actions: readonly string[]): Promise<readonly OutgoingEvent[]> {
  const events: OutgoingEvent[] = []
  const appended: DiskSpool['append'] = async (batch) => {
    await spool.append(batch)
    events.push(...batch)
  }
  const watched = new Proxy(spool, {
    get: (target, key) => {
      if (key === 'append') return appended
      if (key === 'close') return async () => undefined
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  const sink = { write: () => Promise.reject(new Error('away')) }
  const recorder = createRecorder({ sink, spool: watched, failuresBeforeSpool: 1, logger: silent })
  for (const action of actions)
    recorder.record({ eventType: 'OPERATION', status: 'SUCCESS', action, serviceName: 'background-job' })
  await recorder.close()
  return events
}

/** What a process has left that is gone. */
async function left(...actions: readonly string[]): Promise<readonly OutgoingEvent[]> {
  const spool = await open()
  const events = await spooled(spool, actions)
  await spool.close()
  return events
}

const changed = (event: OutgoingEvent | undefined, change: object): OutgoingEvent => {
  const { id = '', timestampMs = 0, json = '{}' } = event ?? {}
  return { id, timestampMs, json: JSON.stringify({ ...(JSON.parse(json) as object), ...change }) }
}

const jsonOf = ({ stdout }: RunResult): Record<string, unknown> =>
  JSON.parse(stdout) as Record<string, unknown>

describe('spool inspect', () => {
  const inspect = (args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> =>
    run(['spool', 'inspect', '--dir', directory, ...args], options)

  it('says that there is none, or that it is empty, and makes none', async () => {
    expect(await inspect()).toEqual({ code: 0, stdout: `There is no spool in ${directory}.\n`, stderr: '' })
    const spool = await open()
    await spool.close()
    expect((await inspect()).stdout).toBe(`The spool in ${directory} is empty.\n`)
  })

  it('shows what waits, whose it is and what to do', async () => {
    await spooled(await open(), ['config_update', 'data_cleanup', 'data_cleanup'])
    await left('cache_refresh', 'scan_process')
    const { code, stdout } = await inspect()
    expect(code).toBe(0)
    const [first, , head, ...rows] = stdout.split('\n')
    expect(first).toMatch(/^The spool in \S+: 5 events \(\d\.\d KB\) wait$/)
    expect(head).toMatch(
      /^process +opened \(UTC\) +owner +events +size +oldest \(UTC\) +newest \(UTC\) +damaged +dead letters$/,
    )
    expect(rows).toContainEqual(expect.stringMatching(/○ dead +2 +\d+ B/))
    expect(rows).toContainEqual(expect.stringMatching(/● alive +3 +/))
    expect(stdout).toContain('by `steptrail spool replay`')
  })

  it('shows who adopted what, damage, dead letters and events', async () => {
    const [first] = await left('cache_refresh', 'scan_process')
    const [name = ''] = await readdir(directory)
    await appendFile(join(directory, name, '0000000001.segment'), 'what is this?')
    const spool = await open()
    await spool.bury(changed(first, {}), 'refused')
    const { stdout } = await inspect(['--events'], { columns: 200 })
    expect(stdout).toMatch(/adopted by \d+, alive +2 .* 1 +0\n/)
    expect(stdout).toMatch(/alive +0 .* 0 +1\n/)
    expect(stdout).toMatch(/✗ \S+\/0000000001\.segment, at byte \d+: 13 bytes that are not what was written/)
    expect(stdout).toMatch(/OPERATION +cache_refresh +SUCCESS +background-job +[0-9a-f-]{36}/)

    const { processes, ...all } = jsonOf(await inspect(['--events', '--json']))
    expect(all).toMatchObject({
      directory,
      events: 2,
      deadLetters: 1,
      waiting: [{ action: 'cache_refresh' }, { action: 'scan_process' }],
    })
    const [adopted, own] = (processes as { isAdopted: boolean }[]).toSorted(
      (a, b) => Number(b.isAdopted) - Number(a.isAdopted),
    )
    const owner = { pid: process.pid, isAlive: true }
    expect(adopted).toMatchObject({
      events: 2,
      isAdopted: true,
      owner,
      damages: [{ kind: 'damaged', bytes: 13 }],
    })
    expect(own).toMatchObject({ events: 0, isAdopted: false, oldest: null, deadLetters: 1 })
  })

  it('says that lines among the dead letters are none', async () => {
    const spool = await open()
    await spooled(spool, ['config_update'])
    const [name = ''] = await readdir(directory)
    await appendFile(join(directory, name, 'dead-letters.jsonl'), '{"buriedAt":"2026-11-0\n7\n')
    const { stdout } = await inspect()
    expect(stdout).toMatch(/! \S+\/dead-letters\.jsonl: 2 lines that are no dead letter/)
    expect(stdout).toContain('Dead letters stay in the file')
    expect(jsonOf(await inspect(['--json']))).toMatchObject({
      deadLetters: 0,
      unreadableDeadLetters: 2,
      processes: [{ deadLetters: 0, unreadableDeadLetters: 2 }],
    })
  })

  it('says what is wrong with a directory that is none', async () => {
    await writeFile(directory, 'a file')
    const { code, stderr } = await inspect()
    expect(code).toBe(2)
    expect(stderr).toContain(`the spool in ${directory} cannot be used: a part of its path is a file`)
  })

  it('takes the directory from the variable, too', async () => {
    await left('cache_refresh')
    const { stdout } = await run(['spool', 'inspect'], { env: { STEPTRAIL_SPOOL_DIR: directory } })
    expect(stdout).toContain('1 event (')
  })
})

describeOnBoth('spool replay', (openDatabase) => {
  let database: Database

  beforeAll(async () => {
    database = await openDatabase()
  })

  const replay = (args: readonly string[] = []): Promise<RunResult> =>
    run(['spool', 'replay', '--dir', directory, ...args], { database })

  const actionsOnRecord = async (): Promise<readonly (string | null)[]> =>
    (await listEvents(database, { eventType: 'OPERATION', limit: 100 })).items.map(({ action }) => action)

  it('writes what dead processes left, once, and leaves a living one alone', async () => {
    const living = await open()
    await spooled(living, ['stock_price_download'])
    await left('cache_refresh', 'scan_process')
    await left('config_update')
    const copy = `${directory}-copy`
    await cp(directory, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') })

    const { code, stdout, stderr } = await replay()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(
      `Replayed 3 events of 2 dead processes from ${directory}:\n` +
        '  3 created   now on record\n' +
        `Left alone: 1 event of process ${process.pid}, which is alive and replays them itself.\n`,
    )
    const actions = ['cache_refresh', 'scan_process', 'config_update']
    expect((await actionsOnRecord()).toSorted()).toEqual(actions.toSorted())

    const again = await run(['spool', 'replay', '--dir', copy, '--json'], { database })
    expect(jsonOf(again)).toEqual({
      directory: copy,
      processes: 3,
      events: 4,
      outcomes: { created: 1, duplicate: 3, conflict: 0, rejected: 0 },
      damaged: 0,
      torn: 0,
      leftAlone: [],
    })
    expect(await actionsOnRecord()).toHaveLength(4)
  })

  it('leaves alone what was recorded for another database, unless it is told to', async () => {
    const destination = 'db.internal:5432/app steptrail'
    const spool = await openSpool({ directory, destination, adoptEveryMs: 0, logger: silent })
    await spooled(spool, ['cache_refresh'])
    await spool.close()
    await left('scan_process')
    const { stdout } = await replay()
    expect(stdout).toContain('Replayed 1 event of 1 dead process')
    expect(stdout).toContain(`1 event of process ${process.pid}, recorded for ${destination}; here by `)
    const inspected = await run(['spool', 'inspect', '--dir', directory])
    expect(inspected.stdout).toContain(`\nFor ${destination}: 1 event\n`)

    expect((await replay(['--for', destination])).stdout).toContain('Replayed 1 event of 1 dead process')
    expect(await readdir(directory)).toEqual([])
  })

  it('makes dead letters of what is refused for good, and says no', async () => {
    const [first, second, third] = await left('cache_refresh', 'data_cleanup', 'config_update')
    await replay()
    const spool = await open()
    await spool.append([
      changed(first, {}),
      changed(second, { message: 'otherwise' }),
      changed(third, { id: '0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11', event_type: null }),
    ])
    await spool.close()
    const { code, stdout } = await replay()
    expect(code).toBe(1)
    expect(stdout).toContain('  1 duplicate on record already, with the same content\n')
    expect(stdout).toContain('  1 conflict  other content is on record under its id; now a dead letter\n')
    expect(stdout).toContain('  1 rejected  refused by the database for good; now a dead letter\n')

    expect((await replay()).stdout).toBe(`There is nothing to replay in ${directory}.\n`)
    const [own = ''] = await readdir(directory)
    const letters = await readFile(join(directory, own, 'dead-letters.jsonl'), 'utf8')
    expect(
      letters
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { reason: expect.stringContaining('conflict: ') as string, event: { message: 'otherwise' } },
      {
        reason: expect.stringContaining('rejected: the database refuses it') as string,
        event: { event_type: null },
      },
    ])
  })

  it('says where bytes were damaged', async () => {
    await left('scan_process', 'cache_refresh')
    const [name = ''] = await readdir(directory)
    const file = join(directory, name, '0000000001.segment')
    const bytes = await readFile(file)
    await writeFile(file, bytes.fill(0, 60, 61))
    const { code, stdout } = await replay()
    expect(code).toBe(1)
    expect(stdout).toContain('Replayed 1 event of 1 dead process')
    expect(stdout).toContain('damaged at 1 place; the files are kept: `steptrail spool inspect`\n')
  })
})

describe('spool replay without a database', () => {
  it('leaves the spool as it is', async () => {
    await left('cache_refresh')
    const before = await readdir(directory)
    const args = ['spool', 'replay', '--dir', directory, '--data-dir', `${directory}-none`]
    const { code, stderr } = await run(args)
    expect(code).toBe(3)
    expect(stderr).toContain('there is no embedded database')
    expect(await readdir(directory)).toEqual(before)
  })

  it('has nothing to do, and needs none, where nothing waits', async () => {
    const { code, stdout } = await run(['spool', 'replay', '--dir', directory])
    expect({ code, stdout }).toEqual({ code: 0, stdout: `There is nothing to replay in ${directory}.\n` })
  })
})
