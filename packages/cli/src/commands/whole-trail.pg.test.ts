import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { createApiKey, type Database, openDatabase } from '@steptrail/core'
import { createEmptyDatabase, createMigratedDatabase, openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { greet } from '../../test/greeting.ts'
import { run, type RunOptions, type RunResult } from '../../test/run.ts'

/** `export`, `move` and `doctor`, as their user runs them. */
let database: Database
let directory = ''
let executionId = ''

beforeAll(async () => {
  database = await openTestDatabase('postgres')
  directory = await mkdtemp(join(tmpdir(), 'steptrail-cli-trail-'))
  ;[executionId = ''] = await greet(database, ['friend', 'stranger'])
  await createApiKey(database, { name: 'moved', scopes: ['read'] }, { type: 'user', id: 'root' })
}, 120_000)
afterAll(() => rm(directory, { recursive: true }))

const steptrail = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
  run(args, { database, ...options })

const countOf = async (table: string, of = database): Promise<unknown> =>
  (await of.query<{ count: number }>(`select count(*) from ${table}`)).rows[0]?.count

describe('export', () => {
  it('writes a file with a trailer that attests it, and goes on record', async () => {
    const file = join(directory, 'one.ndjson')
    const given = ['--format', 'ndjson', '--execution', executionId, '--out', file, '--json']
    const { code, stdout } = await steptrail(['export', ...given])
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
    const events = lines.length - 1
    expect({ code, told: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      told: { file, format: 'ndjson', events },
    })
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ trailer: { events } })
    const { rows } = await database.query(
      `select details -> 'eventCount' as events from audit_event where event_type = 'TRAIL_EXPORTED'`,
    )
    expect(rows).toEqual([{ events }])
  })

  it('draws a bar in a terminal while it goes on', async () => {
    const terminal = Object.assign(new PassThrough(), {
      isTTY: true,
      columns: 140,
      cursorTo: () => true,
      clearLine: () => true,
      moveCursor: () => true,
    })
    let drawn = ''
    terminal.on('data', (text: Buffer) => (drawn += String(text)))
    // It goes on until it is on record, which this holds up.
    const { exporting } = await database.transaction(async (tx) => {
      await tx('lock table audit_event in share mode')
      const going = steptrail(['export', '--out', join(directory, 'all.csv')], { terminal })
      await expect.poll(() => drawn, { timeout: 20_000 }).toMatch(/Exporting \S+ 100 % {2}(\S+) of \1 events/)
      return { exporting: going }
    })
    expect((await exporting).code).toBe(0)
    expect(drawn).toMatch(/\d+ events exported\n$/)
  })

  it('writes to standard output where it is told `-`, as without', async () => {
    const { code, stdout, stderr } = await steptrail(['export', '--format', 'ndjson', '--out', '-'])
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('exported') as string })
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toHaveProperty('trailer')
    expect((await steptrail(['export', '--json', '--out', '-'])).code).toBe(2)
  })

  it('writes Parquet to another program, and not onto a screen', async () => {
    const parquet = ['export', '--format', 'parquet']
    const { code, stdout } = await steptrail(parquet)
    const magic = 'PAR1'
    expect({ code, begin: stdout.slice(0, 4), end: stdout.slice(-4) }).toEqual({
      code: 0,
      begin: magic,
      end: magic,
    })
    const refused = await steptrail(parquet, { isTTY: true })
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: '' })
  })

  it('writes over nothing', async () => {
    const { code, stderr } = await steptrail(['export', '--out', join(directory, 'all.csv')])
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('give a file that is not there yet') as string,
    })
  })
})

describe('move', () => {
  let target = ''
  beforeAll(async () => {
    target = await createEmptyDatabase()
  })

  it('copies the trail and its keys, and shows that both sides are the same', async () => {
    const { code, stdout } = await steptrail(['move', '--to', target, '--json'])
    expect(code).toBe(0)
    const { tables, notMoved } = JSON.parse(stdout) as {
      tables: readonly { table: string; rows: number; digest: string }[]
      notMoved: number
    }
    expect(notMoved).toBe(0)
    await using there = await openDatabase({ url: target })
    for (const { table, rows } of tables) {
      expect({ table, rows: await countOf(table, there) }).toEqual({ table, rows })
      if (table !== 'audit_event') expect({ table, rows }).toEqual({ table, rows: await countOf(table) })
    }
    for (const table of [
      'api_keys',
      'audit_event',
      'workflow_executions',
      'workflow_catalog',
      'log_checkpoints',
    ])
      expect(tables.map((each) => each.table)).toContain(table)
    for (const { digest } of tables) expect(digest).toMatch(/^[0-9a-f]+$/)
    expect(await countOf('api_keys', there)).toBe(1)
  })

  it('refuses a database that has history', async () => {
    const { code, stderr } = await steptrail(['move', '--to', target])
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/has|history|empty/)
  })
})

describe('doctor', () => {
  it('finds nothing wrong with a trail as it should be, and exits with 0', async () => {
    const { code, stdout } = await steptrail(['doctor'])
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^fine +schema: /) as string,
    })
    expect(stdout).not.toMatch(/^wrong/m)
  })

  it('says that nothing is recorded through a database that is read-only', async () => {
    await using readOnly = await openDatabase({ url: await createMigratedDatabase(), maxConnections: 1 })
    await readOnly.query('set default_transaction_read_only to on')
    const { code, stdout } = await run(['doctor'], { database: readOnly })
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^note +writes: this is a standby/m) as string,
    })
  })

  it('names a rule of append-only that somebody has taken away, and exits with 1', async () => {
    await database.query('alter table audit_event disable trigger all')
    const { code, stdout } = await steptrail(['doctor', '--json'])
    const { findings } = JSON.parse(stdout) as {
      findings: readonly { check: string; state: string; says: string }[]
    }
    expect({ code, wrong: findings.filter(({ state }) => state === 'wrong') }).toMatchObject({
      code: 1,
      wrong: [{ check: 'append-only', says: expect.stringContaining('audit_event') as string }],
    })
  })
})
