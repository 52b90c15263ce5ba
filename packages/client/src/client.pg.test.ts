import { createTrail, type Database } from '@steptrail/core'
import { createServer, type Server } from '@steptrail/server'
import { openTestDatabase } from '@steptrail/testkit'
import { createWorker } from '@steptrail/workflow'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { garage } from '../test/garage.ts'
import { type Client, createClient } from './client.ts'
import { createHttpDispatch } from './dispatch/http-dispatch.ts'
import { createHttpSink } from './recording/http-sink.ts'

const nowhere = '019a4f0c-5c7b-7000-8000-00000000dead'
const anna = { type: 'user', id: 'anna' } as const

let database: Database
let server: Server
let client: Client
let painted = ''

beforeAll(async () => {
  database = await openTestDatabase('embedded')
  server = await createServer({ trail: createTrail(database), onTrouble: () => undefined })
  const connection = {
    url: 'http://localhost',
    fetch: (url: string, init: RequestInit) => server.fetch(new Request(url, init)),
  }
  client = createClient(connection)
  const worker = createWorker(createHttpDispatch(connection), { service: 'garage-service' }).implement(
    garage,
    {
      lift: { do: () => ({ height: 2 }), undo: () => undefined },
      paint: { do: () => ({}), undo: () => undefined },
    },
  )
  await worker.start()
  painted = (await client.executions.start(garage, { colour: 'red' }, { actor: anna })).executionId
  const isPainted = async (): Promise<void> =>
    expect((await client.executions.get(painted)).status).toBe('completed')
  await vi.waitFor(isPainted, 20_000)
  await worker.close()
  for (const action of ['a', 'b', 'c', 'd', 'e'])
    client.record({ eventType: 'OPERATION', action, serviceName: 'letters' })
  await client.flush()
})
afterAll(async () => {
  await client.close()
  await server.close()
})

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('events', () => {
  it('come in pages, with the time that was looked at', async () => {
    const page = await client.events.list({ source: 'letters', limit: 2, include_total: true })
    expect(page).toMatchObject({ events: [{ source: 'letters' }, { source: 'letters' }], total: 5 })
    expect(page.window.start_date).not.toBeNull()
    const next = await client.events.list({ source: 'letters', limit: 2, cursor: page.next_cursor ?? '' })
    expect(next.events).toHaveLength(2)
  })

  it('come one by one over all pages', async () => {
    const events = await collected(client.events.all({ source: 'letters', limit: 2, order: 'asc' }))
    expect(events.map(({ action }) => action).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await collected(client.events.all({ source: 'letters', offset: 3, limit: 1 }))).toHaveLength(2)
  })

  it('are exported as a stream, with its trailer', async () => {
    const stream = await client.events.export({ format: 'ndjson', source: 'letters' })
    const lines = (await new Response(stream).text()).trim().split('\n')
    expect(lines).toHaveLength(6)
    expect(JSON.parse(lines[5] ?? '')).toMatchObject({ trailer: { events: 5 } })
  })

  it('are refused what the API refuses, with its code and parameter', async () => {
    await expect(client.events.list({ limit: 0 })).rejects.toMatchObject({
      name: 'TrailError',
      code: 'invalid_filter',
      message: expect.stringContaining('1 to 1000'),
      details: { status: 400, parameter: 'limit', requestId: expect.any(String) },
    })
    await expect(client.events.export({ format: 'pdf' as never })).rejects.toMatchObject({
      code: 'invalid_filter',
    })
  })
})

describe('executions', () => {
  it('are read as they stand, with steps, timeline and results', async () => {
    expect(await client.executions.get(painted)).toMatchObject({ workflowName: 'garage', actor: anna })
    expect((await client.executions.steps(painted)).steps.map(({ name }) => name)).toEqual(['lift', 'paint'])
    const { entries } = await client.executions.timeline(painted)
    expect(entries.at(-1)).toMatchObject({ eventType: 'ORCHESTRATION_COMPLETED' })
    const first = await client.executions.audit(painted, { limit: 1 })
    expect(first.items).toMatchObject([{ step_name: 'paint', success: true }])
    const second = await client.executions.audit(painted, { limit: 1, cursor: first.nextCursor ?? '' })
    expect(second.items).toMatchObject([{ step_name: 'lift', success: true }])
    expect((await client.executions.list({ workflow_name: 'garage' })).executions).toHaveLength(1)
    expect(await collected(client.executions.all({ status: 'completed', limit: 1 }))).toHaveLength(1)
  })

  it('tell the history of a step, and of no step of another', async () => {
    const { steps } = await client.executions.steps(painted)
    const history = await client.getStepAuditHistory(painted, steps[0]?.stepId ?? '')
    expect(history).toMatchObject({
      items: [{ task_uuid: painted, step_name: 'lift', result: { result: { height: 2 } } }],
      nextCursor: null,
    })
    const foreign = client.getStepAuditHistory(painted, nowhere)
    await expect(foreign).rejects.toMatchObject({ code: 'step_not_found', details: { status: 404 } })
  })

  it('are started once under a key, and take orders', async () => {
    const options = { idempotencyKey: 'blue', actor: anna, version: '1' }
    const { executionId, created } = await client.executions.start('garage', { colour: 'blue' }, options)
    expect(created).toBe(true)
    expect(await client.executions.start('garage', { colour: 'blue' }, options)).toEqual({
      executionId,
      created: false,
    })
    const by = { actor: anna, reason: 'no paint' } as const
    const adjusted = await client.executions.actOnStep(
      { executionId, step: 'lift' },
      { action: 'adjust', timeoutMs: 60_000, ...by },
    )
    expect(adjusted.steps[0]).toMatchObject({ timeoutMs: 60_000 })
    expect(await client.executions.act(executionId, { action: 'cancel', ...by })).toMatchObject({
      status: 'cancelled',
    })
    await expect(client.executions.get(nowhere)).rejects.toMatchObject({ code: 'execution_not_found' })
    await expect(client.executions.start('unknown', {})).rejects.toMatchObject({ code: 'unknown_workflow' })
  })
})

describe('what an administrator asks', () => {
  it('makes each report that there is', async () => {
    const { reports } = await client.analytics.list()
    expect(reports.length).toBeGreaterThan(10)
    for (const { report, requires, columns, window_days } of reports) {
      const query = {
        ...(requires.includes('workflow_name') && { workflow_name: 'garage' }),
        ...(requires.includes('execution_id') && { execution_id: nowhere }),
      }
      const made = await client.analytics.report(report, query)
      expect(made).toMatchObject({ report, columns })
      const days = (Date.parse(made.window.until) - Date.parse(made.window.since)) / 86_400_000
      expect(days).toBe(window_days)
    }
    await expect(client.analytics.report('nothing')).rejects.toMatchObject({ code: 'unknown_report' })
  })

  it('sets a policy, plans, holds and releases', async () => {
    const policy = { match: { workflow: 'garage' }, keepDays: 400 }
    expect(await client.retention.setPolicy({ ...policy, reason: 'tax law' })).toEqual(policy)
    expect(await client.retention.policies()).toEqual([policy])
    expect(await client.retention.plan()).toMatchObject({ executionCount: 0, months: [] })
    expect(await client.retention.runs()).toEqual([])
    const holdId = await client.retention.placeHold({ match: { workflow: 'garage' }, reason: 'a case' })
    await client.retention.releaseHold(holdId, 'it is closed')
    expect(await client.retention.holds()).toMatchObject([
      { holdId, match: { workflow: 'garage' }, reason: 'a case', released: { reason: 'it is closed' } },
    ])
  })

  it('places a hold once under a key, however often it is asked to', async () => {
    const hold = { match: { workflow: 'painter' }, reason: 'a case' }
    const options = { idempotencyKey: 'case 12' }
    const holdId = await client.retention.placeHold(hold, options)
    expect(await client.retention.placeHold(hold, options)).toBe(holdId)
    const other = client.retention.placeHold({ ...hold, reason: 'another' }, options)
    await expect(other).rejects.toMatchObject({ code: 'idempotency_conflict', details: { status: 422 } })
    await client.retention.releaseHold(holdId, 'it is closed', { idempotencyKey: 'end of case 12' })
    await client.retention.releaseHold(holdId, 'it is closed', { idempotencyKey: 'end of case 12' })
  })

  it('reads how executions went', async () => {
    const { audits } = await client.executions.outcomes({ workflow_name: 'garage', limit: 1 })
    expect(audits).toMatchObject([
      { workflow_name: 'garage', outcome: 'partial', adaptive_adjustments: [{}] },
    ])
  })
})

it('asks what the server takes at most', async () => {
  expect(await client.limits()).toMatchObject({ recording: { events: 10_000 }, page: { max: 1000 } })
})

it('ends a request with its signal’s reason', async () => {
  const end = new AbortController()
  end.abort(new Error('enough'))
  await expect(client.events.list({}, { signal: end.signal })).rejects.toThrow('enough')
})

describe('an address', () => {
  it.each([
    ['localhost', 'no http or https address'],
    ['ftp://example.com', 'no http or https address'],
    ['ftp://user:secret@example.com', 'holds a user or a password'],
    ['https://user:secret@example.com', 'holds a user or a password'],
    ['https://example.com/?a=b', 'has a query'],
  ])('%s is refused, and no password is told', (url, problem) => {
    const refused = (): unknown => createHttpSink({ url })
    expect(refused).toThrow(problem)
    expect(refused).not.toThrow('secret')
  })

  it('may be below a path', async () => {
    const asked: string[] = []
    const fetch = (url: string): Promise<Response> => {
      asked.push(url)
      return Promise.resolve(new Response('', { status: 500 }))
    }
    const behind = createClient({ url: 'https://example.com/trail/', fetch })
    await expect(behind.limits()).rejects.toMatchObject({ code: 'server_unreachable' })
    expect(asked).toEqual(['https://example.com/trail/api/v1/limits'])
  })
})
