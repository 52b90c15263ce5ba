import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, type RunResult } from '../../test/run.ts'

const runId = '0199f0a5-7c1e-7d53-9f0b-5a4e3c2b1a09'
const at = (ms: number) => new Date(Date.parse('2026-11-20T10:00:00.000Z') + ms).toISOString()
const events: readonly Readonly<Record<string, unknown>>[] = [
  {
    eventId: '1',
    eventTime: at(0),
    eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
    workflowExecutionStartedEventAttributes: {
      workflowType: { name: 'order' },
      workflowId: 'order-17',
      originalExecutionRunId: runId,
    },
  },
  {
    eventId: '2',
    eventTime: at(1),
    eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
    activityTaskScheduledEventAttributes: { activityId: '1', activityType: { name: 'reserve' } },
  },
  {
    eventId: '3',
    eventTime: at(2),
    eventType: 'EVENT_TYPE_ACTIVITY_TASK_STARTED',
    activityTaskStartedEventAttributes: { scheduledEventId: '2', attempt: 1 },
  },
  {
    eventId: '4',
    eventTime: at(9),
    eventType: 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED',
    activityTaskCompletedEventAttributes: { scheduledEventId: '2', startedEventId: '3' },
  },
  {
    eventId: '5',
    eventTime: at(10),
    eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED',
    workflowExecutionCompletedEventAttributes: {},
  },
]

let database: Database
let directory = ''
beforeAll(async () => {
  database = await openTestDatabase('embedded')
  directory = await mkdtemp(join(tmpdir(), 'steptrail-histories-'))
})
afterAll(() => rm(directory, { recursive: true }))

const file = async (name: string, content: string | Uint8Array): Promise<string> => {
  await writeFile(join(directory, name), content)
  return join(directory, name)
}
const temporal = (...args: readonly string[]): Promise<RunResult> =>
  run(['import', 'temporal', ...args], { database })
const recorded = ({ stdout }: RunResult): readonly number[] =>
  (JSON.parse(stdout) as { imported: readonly { recorded: number }[] }).imported.map((each) => each.recorded)

describe('steptrail import temporal', () => {
  it('refuses all of its files when one of them is wrong, naming the place, and writes nothing', async () => {
    const good = await file('good.json', JSON.stringify({ events }))
    const torn = await file('torn.json', '{\n  "events": [')
    const gap = await file('gap.json', JSON.stringify({ events: events.toSpliced(2, 1) }))
    const odd = await file(
      'odd.json',
      JSON.stringify({ events: events.with(1, { ...events[1], activityTaskScheduledEventAttributes: {} }) }),
    )
    for (const [bad, place] of [
      [torn, 'torn.json is not JSON at line 2'],
      [gap, 'gap.json has event 4 at events[2], where 3 is due'],
      [odd, 'odd.json has something wrong at events[1].activityTaskScheduledEventAttributes.activityId'],
      [join(directory, 'none.json'), 'none.json cannot be read'],
    ] as const) {
      const { code, stderr } = await temporal(good, bad)
      expect(code).toBe(2)
      expect(stderr).toContain(place)
    }
    expect((await run(['executions', 'list', '--json'], { database })).stdout).toContain('"executions": []')
  })

  it('puts a history on record, once, to be found by its workflow', async () => {
    const good = await file('good.json', JSON.stringify({ events }))
    expect((await temporal(good)).stdout).toContain('order-17')
    expect(recorded(await temporal(good, '--json'))).toEqual([0])
    const { stdout } = await run(['executions', 'list', '--correlation-id', 'order-17', '--json'], {
      database,
    })
    const { executions } = JSON.parse(stdout) as { executions: readonly { executionId: string }[] }
    expect(executions).toMatchObject([{ engine: 'temporal', status: 'completed' }])
    const shown = await run(['executions', 'show', executions[0]?.executionId ?? ''], { database })
    expect(shown.stdout).toContain('reserve')
  })

  it('reads what PowerShell and editors of Windows make of a file, and says what is compressed', async () => {
    const text = `\ufeff${JSON.stringify({ events })}`
    for (const [name, content] of [
      ['utf-8.json', Buffer.from(text, 'utf8')],
      ['utf-16le.json', Buffer.from(text, 'utf16le')],
      ['utf-16be.json', Buffer.from(text, 'utf16le').swap16()],
    ] as const)
      expect((await temporal(await file(name, content))).code).toBe(0)
    expect((await temporal(await file('packed.json', gzipSync(text)))).stderr).toContain('with gunzip')
  })

  it('holds one history at a time: it reads each when it is its turn', async () => {
    const named = (workflowId: string, through: number) => {
      const attributes = { ...(events[0]?.['workflowExecutionStartedEventAttributes'] as object), workflowId }
      const first = { ...events[0], workflowExecutionStartedEventAttributes: attributes }
      return JSON.stringify({ events: events.with(0, first).slice(0, through) })
    }
    const files = [await file('one.json', named('one', 5)), await file('two.json', named('two', 1))]
    const growing = new Proxy(database, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        return async (...args: unknown[]) => {
          if (name === 'transaction') await file('two.json', named('two', 5))
          return await Reflect.apply(value, target, args)
        }
      },
    })
    const { stdout } = await run(['import', 'temporal', ...files, '--json'], { database: growing })
    const { imported } = JSON.parse(stdout) as { imported: readonly object[] }
    expect(imported).toMatchObject([{ historyEvents: 5 }, { historyEvents: 5 }])
  })

  it('takes the id of a workflow that its history does not name, and what undoes what', async () => {
    const unnamed = { workflowType: { name: 'order' }, originalExecutionRunId: runId }
    const first = { ...events[0], workflowExecutionStartedEventAttributes: unnamed }
    const old = await file('old.json', JSON.stringify({ events: events.with(0, first) }))
    expect((await temporal(old)).stderr).toContain('does not name its workflow')
    expect(recorded(await temporal(old, '--workflow-id', 'order-18', '--json'))).toEqual([5])
    expect((await temporal(old, '--undoes', 'release')).stderr).toContain('release=reserve')
  })
})
