import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { createClient, createHttpDispatch } from '@steptrail/client'
import { createTrail, type Database, recordIn } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { createWorker } from '@steptrail/workflow'
import { afterEach, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { shop } from '../test/shop.ts'
import { createServer, type Server } from './index.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase('postgres')
})
afterEach(() => void vi.useRealTimers())

async function listening(port = 0): Promise<{ server: Server; url: string; port: number }> {
  const server = await createServer({ trail: createTrail(database) })
  onTestFinished(() => server.close())
  return { server, ...(await server.listen({ port })) }
}

/** A request to record, of which the server has the beginning. */
async function begun(url: string): Promise<{ readonly asking: ClientRequest; readonly end: () => void }> {
  const body = JSON.stringify({ eventType: 'OPERATION', action: 'slow' })
  const asking = request(`${url}/api/v1/audit/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' },
  })
  asking.flushHeaders()
  await once(asking, 'continue')
  asking.write(body.slice(0, 10))
  return { asking, end: () => asking.end(body.slice(10)) }
}

it('ends streams and waits, answers what has begun, and takes nothing new', async () => {
  const { server, url } = await listening()
  const stream = await fetch(`${url}/api/v1/audit/events/stream`)
  const waiting = fetch(`${url}/api/v1/engine/work?service=nobody&timeout_ms=30000`)
  const { asking, end } = await begun(url)
  const answered = once(asking, 'response') as Promise<[IncomingMessage]>
  const closed = server.close()
  expect(await stream.text()).toContain('retry: 1000')
  expect((await waiting).status).toBe(200)
  await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
  end()
  const [answer] = await answered
  expect(answer.statusCode).toBe(200)
  answer.resume()
  await closed
  const { rows } = await database.query(`select action from audit_event where action = 'slow'`)
  expect(rows).toHaveLength(1)
})

it('waits for nobody longer than ten seconds', async () => {
  const { server, url } = await listening()
  const { asking } = await begun(url)
  const hungUp = once(asking, 'error')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const closed = server.close()
  await vi.advanceTimersByTimeAsync(9_999)
  expect(asking.destroyed).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  vi.useRealTimers()
  await closed
  expect(await hungUp).toMatchObject([{ code: 'ECONNRESET' }])
})

it('has an export that it cuts off on record before it is closed', async () => {
  const { server, url } = await listening()
  const message = 'x'.repeat(1_000)
  const events = Array.from({ length: 10_000 }, () => ({ eventType: 'OPERATION', action: 'long', message }))
  await database.transaction((tx) => recordIn(tx, events))
  const answer = await fetch(`${url}/api/v1/audit/events/export?format=ndjson&operation_type=long`)
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const closed = server.close()
  await vi.advanceTimersByTimeAsync(10_000)
  vi.useRealTimers()
  await closed
  const { rows } = await database.query(`select status from audit_event where event_type = 'TRAIL_EXPORTED'`)
  expect(rows).toEqual([{ status: 'FAILED' }])
  const rest = async (): Promise<void> => {
    while (!(await reader.read()).done) continue
  }
  await expect(rest()).rejects.toThrow('terminated')
})

it('skips no step: the next server hears of what was done meanwhile, and nothing is done twice', async () => {
  const first = await listening()
  const atWork = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const done: string[] = []
  const worker = createWorker(createHttpDispatch({ url: first.url }), { service: 'shop-service' })
  worker.implement(shop, {
    charge: {
      do: async () => {
        done.push('charge')
        atWork.resolve()
        await finish.promise
        return { receipt: 'r' }
      },
      undo: () => undefined,
    },
    ship: {
      do: () => {
        done.push('ship')
        return {}
      },
      undo: () => undefined,
    },
  })
  await worker.start()
  const { executions } = createClient({ url: first.url })
  const { executionId } = await executions.start(shop, { card: 'visa' })
  await atWork.promise
  await first.server.close()
  finish.resolve()
  await listening(first.port)
  await expect
    .poll(async () => (await executions.get(executionId)).status, { interval: 50, timeout: 20_000 })
    .toBe('completed')
  expect(done).toEqual(['charge', 'ship'])
  const { entries } = await executions.timeline(executionId)
  expect(entries.map(({ eventType }) => eventType)).toEqual([
    'ORCHESTRATION_STARTED',
    'STEP_STARTED',
    'STEP_SUCCESS',
    'STEP_STARTED',
    'STEP_SUCCESS',
    'ORCHESTRATION_COMPLETED',
  ])
  expect(await worker.close()).toEqual({ released: 0, unreported: 0 })
})
