import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, enterByDoor, openDoor } from '@steptrail/core'
import { auditEventSchema } from '@steptrail/event'
import { describeOnBoth, openTestDatabase, releaseAfterTest } from '@steptrail/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { greet, withHosts } from '../../test/greeting.ts'
import { run, type RunOptions, type RunResult } from '../../test/run.ts'

interface EventPage {
  readonly events: readonly { readonly id: string }[]
  readonly nextCursor: string | null
}

const jsonOf = (result: RunResult): Record<string, unknown> => {
  expect(result).toMatchObject({ code: 0, stderr: '' })
  return JSON.parse(result.stdout) as Record<string, unknown>
}

describeOnBoth('commands', (open, kind) => {
  let database: Database
  let completed = ''
  let retried = ''
  let failed = ''

  beforeAll(async () => {
    database = await open()
    const ids = await greet(database, ['friend', 'shy', 'stranger'])
    ;[completed = '', retried = '', failed = ''] = ids
  })

  const steptrail = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
    run(args, { database, ...options })

  describe('executions list', () => {
    it('shows executions, the newest first, in a table that fits', async () => {
      const { code, stdout } = await steptrail(['executions', 'list'])
      expect(code).toBe(0)
      const [head = '', ...rows] = stdout.trimEnd().split('\n')
      expect(head).toMatch(
        /^execution +workflow +status +created \(UTC\) +duration +steps +retries +undone +correlation id$/,
      )
      expect(rows.map((row) => row.slice(0, 36))).toEqual([failed, retried, completed])
      expect(rows[0]).toMatch(/greeting 1\.0\.0 +↶ failed .* 1\/2 +2 +1 +visit of stranger$/)
      expect(rows[1]).toMatch(/✓ completed .* 2\/2 +2 +0 +visit of shy$/)
    })

    it('gives way in a narrow terminal, and never in the id', async () => {
      const { stdout } = await steptrail(['executions', 'list'], { columns: 80 })
      for (const line of stdout.split('\n').slice(1, -1)) expect(line).toMatch(/^[0-9a-f-]{36} {2}/)
    })

    it('gives pages as JSON', async () => {
      const first = jsonOf(await steptrail(['executions', 'list', '--json', '--limit', '2']))
      expect(first['executions']).toMatchObject([
        { executionId: failed },
        { executionId: retried, retries: 2 },
      ])
      const next = ['executions', 'list', '--json', '--cursor', String(first['nextCursor'])]
      expect(jsonOf(await steptrail(next))).toMatchObject({
        executions: [{ executionId: completed }],
        nextCursor: null,
      })
    })

    it.each([
      ['--status', 'failed'],
      ['--correlation-id', 'visit of stranger'],
    ])('filters by %s', async (flag, value) => {
      const { executions } = jsonOf(await steptrail(['executions', 'list', '--json', flag, value]))
      expect(executions).toMatchObject([{ executionId: failed }])
    })

    it('says so when nothing matches, and how to see the next page', async () => {
      expect((await steptrail(['executions', 'list', '--workflow', 'none'])).stdout).toMatch(
        /^No execution matches\./,
      )
      expect((await steptrail(['executions', 'list', '--until', '2020-01-01'])).stdout).toMatch(
        /^No execution/,
      )
      expect((await steptrail(['executions', 'list', '--limit', '1'])).stdout).toMatch(
        /There are more: --cursor \S+\n$/,
      )
    })

    it('refuses a limit and a cursor that cannot be', async () => {
      expect(await steptrail(['executions', 'list', '--limit', '1001'])).toMatchObject({
        code: 2,
        stdout: '',
      })
      expect((await steptrail(['executions', 'list', '--cursor', 'x'])).stderr).toContain('invalid_cursor')
    })
  })

  describe('executions show', () => {
    it('draws the timeline', async () => {
      const { code, stdout } = await steptrail(['executions', 'show', failed])
      expect(code).toBe(0)
      expect(stdout).toContain('greeting 1.0.0  ↶ failed, rolled back')
      expect(stdout).toMatch(/✗ shakeHands DO .* 3 +\S+ m?s\n/)
      expect(stdout).toMatch(/↶ openDoor +UNDO/)
      expect(stdout).toContain('shakeHands DO, attempts 1-3: stranger is not welcome')
      expect(stdout).not.toContain('ORCHESTRATION_STARTED')
    })

    it('lists the events when asked to', async () => {
      const { stdout } = await steptrail(['executions', 'show', completed, '--events'])
      const listed = stdout.split('\n').flatMap((line) => / ([A-Z]+_[A-Z_]+) /.exec(`${line} `)?.[1] ?? [])
      expect(listed).toEqual([
        'ORCHESTRATION_STARTED',
        'STEP_STARTED',
        'STEP_SUCCESS',
        'STEP_STARTED',
        'STEP_SUCCESS',
        'ORCHESTRATION_COMPLETED',
      ])
    })

    it('gives the execution and all its events as JSON, without their salt', async () => {
      const { execution, events } = jsonOf(await steptrail(['executions', 'show', retried, '--json']))
      expect(execution).toMatchObject({
        executionId: retried,
        status: 'completed',
        steps: [{}, { attempt: 3 }],
      })
      expect((events as { executionSeq: number }[]).map(({ executionSeq }) => executionSeq)).toEqual([
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
      ])
      const keys = Object.keys((events as object[])[0] ?? {})
      expect(keys).toEqual(
        expect.arrayContaining(Object.keys(auditEventSchema.shape).filter((key) => key !== 'salt')),
      )
      expect(keys).not.toContain('salt')
    })

    it('tells an id that is none from one that is not there', async () => {
      expect(await steptrail(['executions', 'show', 'that-one'])).toMatchObject({ code: 2, stdout: '' })
      const absent = await steptrail(['executions', 'show', '00000000-0000-7000-8000-000000000000', '--json'])
      expect(absent).toMatchObject({ code: 4, stdout: '' })
      expect(JSON.parse(absent.stderr)).toMatchObject({ error: { code: 'execution_not_found' } })
    })
  })

  describe('events', () => {
    it('shows those of an execution in order', async () => {
      const { stdout } = await steptrail(['events', '--execution', completed])
      const [heading = '', ...lines] = stdout.trimEnd().split('\n')
      expect(heading).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d ${completed} greeting 1\\.0\\.0$`))
      expect(lines[0]).toMatch(/^ [\d:.]{12} ORCHESTRATION_STARTED/)
      expect(lines.at(-1)).toContain('ORCHESTRATION_COMPLETED')
      expect(lines).toHaveLength(6)
    })

    it('shows the latest, the newest first, under a heading for each execution', async () => {
      const { stdout } = await steptrail(['events', '--type', 'STEP_FAILED'])
      const lines = stdout.trimEnd().split('\n')
      expect(lines.map((line) => line.startsWith(' '))).toEqual([false, true, true, true, false, true, true])
      expect(lines[0]).toContain(failed)
      expect(lines[1]).toContain('attempt 3: Retry exhausted after 2 attempts (stranger is not welcome)')
    })

    it.each([
      [['--operation', 'UNDO'], 2],
      [['--step', 'shakeHands', '--result', 'failure'], 5],
      [['--search', 'not welcome', '--since', '1h', '--type', 'ORCHESTRATION_FAILED'], 1],
      [['--correlation-id', 'visit of friend'], 6],
      [['--service', 'porter', '--type', 'STEP_SUCCESS'], 4],
      [['--until', '2020-01-01'], 0],
    ])('filters by %j', async (flags, count) => {
      const { events } = jsonOf(await steptrail(['events', '--json', '--limit', '1000', ...flags]))
      expect(events).toHaveLength(count)
    })

    it('goes from page to page', async () => {
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const args = ['events', '--json', '--limit', '7', ...(cursor === null ? [] : ['--cursor', cursor])]
        const page = jsonOf(await steptrail(args)) as unknown as EventPage
        seen.push(...page.events.map(({ id }) => id))
        cursor = page.nextCursor
      } while (cursor !== null)
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen).toHaveLength(6 + 10 + 15)
    })

    it('says so when nothing matches', async () => {
      expect((await steptrail(['events', '--step', 'none'])).stdout).toBe('No event matches.\n')
    })

    it('follows from a time, one event a line, until interrupted, and says how to go on', async () => {
      const interrupt = new AbortController()
      let lines = 0
      const { code, stdout, stderr } = await steptrail(['events', '--follow', '--json', '--since', '1d'], {
        signal: interrupt.signal,
        onOutput: () => {
          lines += 1
          if (lines === 31) interrupt.abort()
        },
      })
      expect(code).toBe(0)
      const events = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { executionId: string })
      expect(events).toHaveLength(31)
      expect(new Set(events.map(({ executionId }) => executionId))).toEqual(
        new Set([completed, retried, failed]),
      )
      expect(stderr).toMatch(/^to go on from here: --cursor \S+\n$/)
    })
  })

  describe('start', () => {
    const input = (guest: string): readonly string[] => ['--input', JSON.stringify({ guest })]

    it('starts an execution of a workflow that a worker has registered', async () => {
      const options = ['--correlation-id', 'c-1', '--actor', 'user:anna', '--tenant', 'north']
      const { executionId, created, execution } = jsonOf(
        await steptrail(['start', 'greeting@1.0.0', ...input('friend'), ...options, '--json']),
      )
      expect({ created, execution }).toMatchObject({
        created: true,
        execution: {
          executionId,
          status: 'running',
          correlationId: 'c-1',
          actor: { type: 'user', id: 'anna' },
          tenant: 'north',
          input: { guest: 'friend' },
        },
      })
    })

    it('says how to look at it, and that nobody performs it', async () => {
      const { stdout } = await steptrail(['start', 'greeting', ...input('friend')])
      const id = /^Started (\S{36})\nTo see it: steptrail executions show \1\n$/.exec(stdout)?.[1] ?? ''
      const shown = await steptrail(['executions', 'show', id])
      expect(shown.stdout).toContain('▶ running')
      expect(shown.stdout).toContain('No live worker performs openDoor DO: start one of porter.')
    })

    it('gives the first execution for a key used before', async () => {
      const args = ['start', 'greeting', ...input('friend'), '--idempotency-key', 'once', '--json']
      const first = jsonOf(await steptrail(args))
      expect(jsonOf(await steptrail(args))).toMatchObject({
        executionId: first['executionId'],
        created: false,
      })
    })

    it('reads the input from a file and from standard input', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'steptrail-'))
      releaseAfterTest(() => rm(directory, { recursive: true }))
      const file = join(directory, 'input.json')
      await writeFile(file, '{"guest":"from a file"}')
      const fromFile = jsonOf(await steptrail(['start', 'greeting', '--input', `@${file}`, '--json']))
      expect(fromFile['execution']).toMatchObject({ input: { guest: 'from a file' } })
      const stdin = '{"guest":"from standard input"}'
      const fromStdin = jsonOf(await steptrail(['start', 'greeting', '--input', '-', '--json'], { stdin }))
      expect(fromStdin['execution']).toMatchObject({ input: { guest: 'from standard input' } })
    })

    it.each([
      ['an input that the schema refuses', ['greeting', '--input', '{"guest":""}'], 2, 'guest'],
      [
        'an input that is no JSON',
        ['greeting', '--input', '{guest}'],
        2,
        'the JSON given with --input is not valid:',
      ],
      [
        'a file that is not there',
        ['greeting', '--input', '@/no/such/file'],
        2,
        'the file /no/such/file cannot be read',
      ],
      ['an unknown workflow', ['greating', '--input', '{}'], 4, 'Registered: greeting.'],
      ['an unknown version', ['greeting@9', '--input', '{}'], 4, 'greeting 9'],
    ])('refuses %s', async (...[, args, code, told]) => {
      const before = await executionCount()
      const result = await steptrail(['start', ...args])
      expect(result).toMatchObject({ code, stdout: '' })
      expect(result.stderr).toContain(told)
      expect(await executionCount()).toBe(before)
    })

    it.runIf(kind === 'postgres')(
      'waits for the end, and its exit code says whether it completed',
      async () => {
        const wait = (guest: string): Promise<RunResult> =>
          steptrail(['start', 'greeting', ...input(guest), '--wait', '--json'])
        const [friend, stranger] = await withHosts(database, () =>
          Promise.all([wait('friend'), wait('stranger')]),
        )
        expect(jsonOf(friend)).toMatchObject({ execution: { status: 'completed' } })
        expect(stranger.code).toBe(1)
        expect(JSON.parse(stranger.stdout)).toMatchObject({ execution: { status: 'failed' } })
        const drawn = await withHosts(database, () =>
          steptrail(['start', 'greeting', ...input('shy'), '--wait']),
        )
        expect(drawn.stdout).toContain('✓ completed')
      },
    )

    it.runIf(kind === 'embedded')('does not wait where nobody else can work', async () => {
      const { code, stderr } = await steptrail(['start', 'greeting', ...input('friend'), '--wait'])
      expect(code).toBe(2)
      expect(stderr).toContain('--wait would wait for ever')
    })

    it.runIf(kind === 'embedded')('waits where the process that holds the database works', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'steptrail-start-'))
      await using _door = await openDoor(database, directory)
      await using guest = (await enterByDoor(directory)) ?? expect.fail('there is no door')
      const args = ['start', 'greeting', ...input('friend'), '--wait', '--json']
      const ended = await withHosts(database, () => run(args, { database: guest }))
      expect(jsonOf(ended)).toMatchObject({ execution: { status: 'completed' } })
    })

    const executionCount = async (): Promise<number> => {
      const { rows } = await database.query<{ count: number }>(
        'select count(*) as count from workflow_executions',
      )
      return rows[0]?.count ?? -1
    }
  })

  describe('migrate', () => {
    it('says that there was nothing to do', async () => {
      expect(jsonOf(await steptrail(['migrate', '--json']))).toMatchObject({
        applied: [],
        roles: false,
        schema: 'steptrail',
      })
      expect((await steptrail(['migrate'])).stdout).toContain('there was nothing to do')
    })
  })
})

describe('grants', () => {
  it('prints SQL to be run in one transaction, for the schema asked for', async () => {
    const { code, stdout } = await run(['grants', '--schema', 'my trail'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^begin;\n[^]*;\ncommit;\n$/)
    expect(stdout).toContain('grant usage on schema "my trail"')
    expect(jsonOf(await run(['grants', '--json']))).toMatchObject({ schema: 'steptrail' })
  })

  it('makes sure that a database has the schema they are for, where one is named', async () => {
    const database = await openTestDatabase('postgres')
    const args = ['grants', '--database', 'postgres://me@db.example/app', '--json']
    expect(jsonOf(await run(args, { database }))).toMatchObject({ schema: 'steptrail' })
    await database.query('drop schema steptrail cascade')
    const { code, stdout, stderr } = await run(args, { database })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'schema_missing' } })
  })

  it('gives the roles what migrate --roles gives them', async () => {
    const granted = await openTestDatabase('postgres')
    const { statements } = jsonOf(await run(['grants', '--json'])) as { statements: readonly string[] }
    await granted.transaction(async (tx) => {
      for (const statement of statements) await tx(statement)
    })
    const migrated = await openTestDatabase('postgres')
    const { code, stdout } = await run(['migrate', '--roles'], { database: migrated })
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The roles have their privileges') as string,
    })
    expect(await privilegesIn(granted)).toEqual(await privilegesIn(migrated))
  })
})

async function privilegesIn(database: Database): Promise<readonly unknown[]> {
  const { rows } = await database.query(
    `select relname, relacl::text from pg_class
     where relnamespace = 'steptrail'::regnamespace and relacl is not null order by relname`,
  )
  expect(rows.length).toBeGreaterThan(5)
  return rows
}
