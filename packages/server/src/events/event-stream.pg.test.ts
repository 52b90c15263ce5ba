import { createTrail, type Database } from '@steptrail/core'
import { describeOnBoth } from '@steptrail/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { type Message, messagesOf } from '../../test/sse.ts'
import { createServer, type Server } from '../index.ts'

describeOnBoth('the stream of events', (open, kind) => {
  let database: Database
  let server: Server
  let ask: Asking
  beforeAll(async () => {
    database = await open()
    server = await createServer({ trail: createTrail(database), streams: 2, streamHeartbeatMs: 20 })
    ask = asked(server)
  })
  afterAll(() => server.close())

  const record = (source: string, ...actions: readonly string[]) =>
    ask.post(
      '/api/v1/audit/events',
      actions.map((action) => ({ eventType: 'OPERATION', action, serviceName: source })),
    )
  const stream = (query: string, headers: Record<string, string> = {}): Promise<Response> =>
    server.fetch(new Request(`http://localhost/api/v1/audit/events/stream?${query}`, { headers }))

  /** The first so many events of a stream. */
  async function take(count: number, response: Response): Promise<readonly Message[]> {
    const taken: Message[] = []
    if (count > 0)
      for await (const message of messagesOf(response)) {
        if (message.event) taken.push(message)
        if (taken.length === count) break
      }
    return taken
  }
  const actions = (messages: readonly Message[]) => messages.map(({ event }) => event?.action)

  it('goes on after any event of it, by Last-Event-ID or from, without loss or repetition', async () => {
    await record('s1', 'a', 'b', 'c', 'd')
    const first = await take(2, await stream('from=beginning&source=s1'))
    expect(actions(first)).toEqual(['a', 'b'])
    const last = first[1]?.id ?? ''
    expect(actions(await take(2, await stream('source=s1', { 'last-event-id': last })))).toEqual(['c', 'd'])
    expect(actions(await take(2, await stream(`source=s1&from=${last}`)))).toEqual(['c', 'd'])
  })

  it('begins with what is committed from now on, and gives a place to go on from at once', async () => {
    const response = await stream('source=s2')
    const messages = messagesOf(response)
    const { value: opening } = await messages.next()
    expect(opening).toMatchObject({ id: expect.any(String), event: null })
    await record('s2', 'later')
    for await (const { event } of messages) if (event) break
    const again = await take(1, await stream('source=s2', { 'last-event-id': opening?.id ?? '' }))
    expect(actions(again)).toEqual(['later'])
  })

  it('takes an empty Last-Event-ID for none', async () => {
    await record('s5', 'a', 'b')
    const taken = await take(2, await stream('from=beginning&source=s5', { 'last-event-id': '' }))
    expect(actions(taken)).toEqual(['a', 'b'])
  })

  it('says that it is there while nothing happens', async () => {
    let said = ''
    for await (const { raw } of messagesOf(await stream('source=nobody'))) {
      said = raw
      if (raw.startsWith(':')) break
    }
    expect(said).toBe(': still here')
  })

  it('begins at a time', async () => {
    await record('s3', 'now')
    const messages = await take(1, await stream('source=s3&from=2026-01-01'))
    expect(actions(messages)).toEqual(['now'])
  })

  it('takes no more streams than it is to, and counts those that are over no more', async () => {
    const [one, two] = [await stream(''), await stream('')]
    const third = await stream('')
    expect(third.status).toBe(503)
    expect(third.headers.get('retry-after')).toBe('10')
    await one.body?.cancel()
    const fourth = await stream('')
    expect(fourth.status).toBe(200)
    for (const response of [two, fourth]) await response.body?.cancel()
  })

  it('is not held by who asks for its headers only', async () => {
    for (let round = 0; round < 5; round++) {
      const { status, body } = await server.fetch(
        new Request('http://localhost/api/v1/audit/events/stream', { method: 'HEAD' }),
      )
      expect({ status, body }).toEqual({ status: 200, body: null })
    }
    const { text } = await ask.get('/metrics')
    expect(text).toContain('steptrail_http_streams 0\n')
  })

  it.each(['from=nonsense', 'result=great', 'limit=3', 'q='])('refuses %s', async (query) => {
    const { status, body } = await ask.get(`/api/v1/audit/events/stream?${query}`)
    expect({ status, code: body.code.startsWith('invalid_') }).toEqual({ status: 400, code: true })
  })

  it('refuses a place in another database', async () => {
    const cursor = (await messagesOf(await stream('')).next()).value?.id ?? ''
    const position = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as object
    const foreign = Buffer.from(JSON.stringify({ ...position, generation: 'other' })).toString('base64url')
    const { status, body } = await ask.get(`/api/v1/audit/events/stream?from=${foreign}`)
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'feed_generation_changed' })
  })

  it.runIf(kind === 'postgres')(
    'gives a consumer that is cut off at random, under 50 writers, every event once',
    async () => {
      const writers = Array.from({ length: 50 }, async (_, writer) => {
        for (let round = 0; round < 8; round++)
          await record('many', `${writer}-${round}-a`, `${writer}-${round}-b`)
      })
      const seen: string[] = []
      let last = ''
      while (seen.length < 800) {
        const wanted = Math.min(800 - seen.length, 1 + Math.floor(Math.random() * 90))
        const headers: Record<string, string> = last === '' ? {} : { 'last-event-id': last }
        const messages = await take(
          wanted,
          await stream(last === '' ? 'from=beginning&source=many' : 'source=many', headers),
        )
        seen.push(...messages.map(({ event }) => event?.action ?? ''))
        last = messages.at(-1)?.id ?? last
      }
      await Promise.all(writers)
      expect(new Set(seen).size).toBe(800)
    },
  )
})
