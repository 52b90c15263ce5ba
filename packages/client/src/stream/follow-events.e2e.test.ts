import { createTrail, type Database, openDatabase, recordIn } from '@steptrail/core'
import { createServer } from '@steptrail/server'
import { createMigratedDatabase } from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from '../../test/gateway.ts'
import { createClient } from '../client.ts'
import type { FollowEventsOptions, FollowTrouble } from './follow-events.ts'

let database: Database
let target: string
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  database = await openDatabase({ url: await createMigratedDatabase(), maxConnections: 20 })
  const server = await createServer({ trail: createTrail(database), streamHeartbeatMs: 50 })
  target = (await server.listen({ port: 0 })).url
  closing.push(() => server.close().then(() => database.close()))
})
afterAll(async () => void (await Promise.all(closing.map((close) => close()))))

const through = (): Promise<Gateway> => startGateway(target, { meant: /\/stream/ })
const eager = { retryMinMs: 1, retryMaxMs: 20 } as const

const record = (source: string, ...actions: readonly string[]) =>
  database.transaction((tx) =>
    recordIn(
      tx,
      actions.map((action) => ({ eventType: 'OPERATION', action, serviceName: source })),
    ),
  )

/** The actions of the first so many events. */
async function take(
  count: number,
  { url }: Gateway,
  options: FollowEventsOptions,
): Promise<readonly string[]> {
  const actions: string[] = []
  for await (const { event } of createClient({ url }).events.follow({ ...eager, ...options })) {
    actions.push(event.action ?? '')
    if (actions.length === count) break
  }
  return actions
}

describe('following events over HTTP', () => {
  test('gives every event of 50 writers once, killed and resumed at random, and cut off at random', async () => {
    const gateway = await through()
    const each = 6
    const write = async (writer: number): Promise<void> => {
      for (let index = 0; index < each; index += 1)
        await record('fifty', `${writer}:${index}`, `${writer}:${index}b`)
    }
    const written = Promise.all(Array.from({ length: 50 }, (_, writer) => write(writer)))
    const seen: string[] = []
    let from = 'beginning'
    let lives = 0
    for (; seen.length < 50 * each * 2; lives += 1) {
      // Each life of the consumer takes some events, over connections that break after some bytes.
      // The first breaks before it has given anything, so that at least one goes on.
      const most = lives === 0 ? 300 : 60_000
      gateway.turns.push(...[1, 2].map(() => ({ breakAfterBytes: Math.random() * most })))
      let left = Math.ceil(Math.random() * 60)
      for await (const { event, cursor } of createClient(gateway).events.follow({
        ...eager,
        source: 'fifty',
        from,
      })) {
        seen.push(event.action ?? '')
        from = cursor
        left -= 1
        if (left === 0 || seen.length === 50 * each * 2) break
      }
    }
    await written
    expect(new Set(seen).size).toBe(50 * each * 2)
    expect(seen).toHaveLength(50 * each * 2)
    expect(lives).toBeGreaterThan(5)
    expect(gateway.seen.length).toBeGreaterThan(lives)
  })

  test('goes on from where the stream began when it broke before the first event', async () => {
    const gateway = await through()
    // Where it began and some signs of life, and no event.
    gateway.turns.push({ breakAfterBytes: 200 })
    const broke = Promise.withResolvers<FollowTrouble>()
    const taken = take(1, gateway, {
      source: 'first',
      retryMinMs: 100,
      onTrouble: (trouble) => broke.resolve(trouble),
    })
    expect(await broke.promise).toMatchObject({ attempt: 1, error: { code: 'server_unreachable' } })
    await record('first', 'meanwhile')
    expect(await taken).toEqual(['meanwhile'])
  })

  test('tries again when the server is in trouble or asks for patience', async () => {
    const gateway = await through()
    gateway.turns.push(
      { status: 503, headers: { 'retry-after': '0' } },
      { status: 429 },
      'hang-up',
      { status: 200, body: '<html>Welcome</html>' },
      { status: 500 },
    )
    await record('patient', 'there')
    expect(await take(1, gateway, { source: 'patient', from: 'beginning' })).toEqual(['there'])
    expect(gateway.seen).toHaveLength(6)
  })

  test('asks a second time at once when a connection had been ended', async () => {
    const gateway = await startGateway(target, { meant: /limits/ })
    gateway.turns.push('hang-up')
    expect(await createClient(gateway).limits()).toMatchObject({ recording: { events: 10_000 } })
    gateway.turns.push('hang-up', 'hang-up')
    await expect(createClient(gateway).limits()).rejects.toMatchObject({ code: 'server_unreachable' })
  })

  test('throws what the server refuses for good, with its code', async () => {
    const gateway = await through()
    await expect(take(1, gateway, { from: 'nowhere' })).rejects.toMatchObject({ code: 'invalid_cursor' })
    await expect(take(1, gateway, { result: 'great' as never })).rejects.toMatchObject({
      code: 'invalid_filter',
      details: { status: 400, parameter: 'result' },
    })
    gateway.turns.push({ status: 401 })
    await expect(take(1, gateway, {})).rejects.toMatchObject({ details: { status: 401 } })
  })

  test('takes a stream that has fallen silent for broken', async () => {
    const gateway = await through()
    const client = createClient({ url: gateway.url })
    const troubles: string[] = []
    const end = new AbortController()
    const onTrouble = ({ error }: FollowTrouble): void => {
      troubles.push(String(error))
      end.abort()
    }
    // The server says something every 50 ms.
    for await (const _ of client.events.follow({ ...eager, silenceMs: 10, signal: end.signal, onTrouble }))
      break
    expect(troubles.join()).toContain('broke')
  })

  test('ends in peace when its signal aborts, while it reads and while it waits', async () => {
    const gateway = await through()
    await record('peace', 'one')
    const reading = new AbortController()
    const { signal } = reading
    const follow = createClient(gateway).events.follow({ source: 'peace', from: 'beginning', signal })
    const seen: unknown[] = []
    for await (const { event } of follow) {
      seen.push(event.action)
      reading.abort()
    }
    expect(seen).toEqual(['one'])

    gateway.turns.push({ status: 503 })
    const waiting = new AbortController()
    const options = { retryMinMs: 60_000, onTrouble: () => waiting.abort(), signal: waiting.signal }
    expect(await take(1, gateway, options)).toEqual([])
  })
})
