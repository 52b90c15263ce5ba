import { openDatabase } from '@steptrail/core'
import {
  createEmptyDatabase,
  embeddedDirectory,
  type ProgramResult,
  runProgram,
  startProgram,
} from '@steptrail/testkit'
import { beforeAll, describe, expect, it, vi } from 'vitest'

const main = new URL('../src/main.ts', import.meta.url)
const env = { LANG: 'en_GB.UTF-8', TERM: 'xterm', COLUMNS: '120', NO_COLOR: '1' }

const steptrail = (...args: readonly string[]): Promise<ProgramResult> => runProgram(main, { args, env })

interface Document {
  readonly executions: readonly {
    readonly executionId: string
    readonly provisionedTenant: string
    readonly status: string
    readonly events: readonly { readonly eventType: string; readonly executionSeq: number }[]
  }[]
  readonly checks: readonly { readonly name: string; readonly passed: boolean; readonly found: string }[]
}

describe('the demo as JSON, on the embedded database', () => {
  let dataDir = ''
  let result: ProgramResult
  let document: Document

  beforeAll(async () => {
    dataDir = await embeddedDirectory()
    result = await steptrail('demo', '--json', '--data-dir', dataDir)
    document = JSON.parse(result.stdout) as Document
  })

  it('is one document and nothing else', () => {
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(document.executions.map(({ provisionedTenant, status }) => [provisionedTenant, status])).toEqual([
      ['acme-1', 'completed'],
      ['globex-1', 'completed'],
      ['initech-1', 'failed'],
      ['umbrella-1', 'completed'],
    ])
  })

  it('holds every event of each execution, and its last one', () => {
    const last = document.executions.map(({ events }) => events.at(-1)?.eventType)
    expect(last).toEqual([
      'ORCHESTRATION_COMPLETED',
      'ORCHESTRATION_COMPLETED',
      'ROLLBACK_COMPLETED',
      'ORCHESTRATION_COMPLETED',
    ])
    for (const { events } of document.executions)
      expect(events.map(({ executionSeq }) => executionSeq)).toEqual(events.map((_, index) => index + 1))
  })

  it('proves that nothing is left of what was rolled back', () => {
    expect(document.checks.every(({ passed }) => passed)).toBe(true)
    expect(document.checks).toContainEqual(
      expect.objectContaining({ name: 'nothing is left of initech-1', found: '0 schemas, 0 rows' }),
    )
  })

  it('leaves a trail that the other commands read', async () => {
    const [first] = document.executions
    const shown = await steptrail('executions', 'show', first?.executionId ?? '', '--data-dir', dataDir)
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toContain('tenant-provisioning 1.0.0  ✓ completed')
  })
})

describe('the demo for people, on PostgreSQL', () => {
  let url = ''
  let lines: readonly string[]
  let result: ProgramResult

  beforeAll(async () => {
    url = await createEmptyDatabase()
    result = await steptrail('demo', '--database', url)
    lines = result.stdout.split('\n')
  })

  const lineWith = (text: string): number => lines.findIndex((line) => line.includes(text))

  it('shows each step as it happens, under the story it belongs to', () => {
    expect(result).toMatchObject({ code: 0, stderr: '' })
    const order = [
      'a process each',
      '1  acme-1: straight through',
      '2  globex-1: succeeds after retries',
      'nightly-backup locks the client registry of globex-1',
      '3  initech-1: retries exhausted, rolled back',
      'ROLLBACK_COMPLETED',
      '4  umbrella-1: a worker dies in the middle of a step',
      'is killed while it works on setupDefaultRoles',
      'attempt 1: worker lost',
    ].map(lineWith)
    expect(order).not.toContain(-1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  it('then draws a timeline of each execution, within the width', () => {
    const titles = lines.filter((line) => line.startsWith('tenant-provisioning 1.0.0  '))
    expect(titles.map((line) => line.split('  ')[1])).toEqual([
      '✓ completed',
      '✓ completed',
      '↶ failed, rolled back',
      '✓ completed',
    ])
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120)
  })

  it('then sums up, and says what to type next without showing the password', () => {
    expect(lineWith('Summary')).toBeGreaterThan(lineWith('tenant-provisioning 1.0.0  '))
    expect(result.stdout).toMatch(/initech-1 +↶ failed +10 +3 +3 +25 /)
    expect(result.stdout).toContain('✓ nothing is left of initech-1: 0 schemas, 0 rows')
    expect(result.stdout).toMatch(/npx steptrail executions show \S{36} --events --database URL/)
    expect(result.stdout).toMatch(/npx steptrail evidence \S{36} --database URL/)
    expect(result.stdout).not.toContain(url)
  })

  it('is followed by who follows events, until interrupted', async () => {
    const following = startProgram(main, {
      args: [
        'events',
        '--follow',
        '--json',
        '--since',
        '1h',
        '--type',
        'ROLLBACK_COMPLETED',
        '--database',
        url,
      ],
      env,
    })
    const line = await following.line('ROLLBACK_COMPLETED')
    expect(JSON.parse(line)).toMatchObject({
      eventType: 'ROLLBACK_COMPLETED',
      workflowName: 'tenant-provisioning',
    })
    expect(await following.signal('SIGINT')).toEqual({ code: 0, signal: null })
  })

  it(
    'can be played again beside what is there, and interrupted: it ends its workers and says so',
    { timeout: 60_000 },
    async () => {
      const demo = startProgram(main, { args: ['demo', '--database', url], env })
      await demo.line('2  globex-2')
      expect(await demo.signal('SIGINT')).toEqual({ code: 130, signal: null })
      expect((await demo.ended).stderr).toBe('interrupted\n')
      await using database = await openDatabase({ url })
      const { rows } = await database.query<{ pid: number }>('select distinct pid from workflow_workers')
      expect(rows.length).toBeGreaterThanOrEqual(8)
      for (const { pid } of rows) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    },
  )
})

describe('the demo that serves', () => {
  it(
    'leaves a server with its trail, with something that waits for a person, and goes on until it is interrupted',
    { timeout: 90_000 },
    async () => {
      const dataDir = await embeddedDirectory()
      const program = startProgram(main, {
        args: ['demo', '--serve', '--port', '0', '--data-dir', dataDir],
        env,
      })
      const line = await program.line(/^Its API is described at /)
      const url = line.replace(/^Its API is described at (.*)\/docs$/, '$1')
      const read = async (
        path: string,
      ): Promise<{ readonly total?: number; readonly executions?: readonly unknown[] }> =>
        (await (await fetch(`${url}${path}`)).json()) as { readonly total?: number }
      const { total } = await read('/api/v1/audit/events?include_total=true&limit=1&result=failure')
      expect(total).toBeGreaterThan(20)
      await vi.waitFor(async () => {
        const { executions } = await read('/api/v1/executions?status=blocked')
        expect(executions).toHaveLength(1)
      }, 20_000)
      expect((await read('/api/v1/executions?status=paused')).executions).toHaveLength(1)
      const order = { tenant: 'acme', plan: 'pro', adminEmail: 'a@acme.example' }
      const started = await runProgram(main, {
        args: [
          'start',
          'tenant-provisioning',
          '--input',
          JSON.stringify(order),
          '--wait',
          '--data-dir',
          dataDir,
        ],
        env,
      })
      expect(started).toMatchObject({ code: 0, stdout: expect.stringContaining('completed') })
      expect(await program.signal('SIGINT')).toMatchObject({ code: expect.any(Number) })
    },
  )
})
