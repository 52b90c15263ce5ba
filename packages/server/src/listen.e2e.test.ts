import { connect, type Socket } from 'node:net'
import { OpenAPIHono } from '@hono/zod-openapi'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readTextBody } from './endpoint/read-body.ts'
import { type Listening, startListening } from './listen.ts'

const limits = { headerBytes: 16 * 1024, headersTimeoutMs: 150, requestTimeoutMs: 400, checkMs: 20 }
let listening: Listening
const bodies: unknown[] = []

beforeAll(async () => {
  const app = new OpenAPIHono()
  app.post('/', async (context) => {
    const read = readTextBody(context.req.raw, 1000)
    bodies.push(await read.catch((error: unknown) => error))
    await read
    return context.text('read')
  })
  app.onError((error, context) => context.text(error.name, 500))
  listening = await startListening(app, { port: 0 }, limits)
})
afterAll(() => listening.close())

/**
 * Sends this, and more now and then; gives all that was answered when the connection has ended. To whoever is still
 * sending then, the system may tell of the end alone.
 */
async function answered(first: string, more?: string): Promise<string> {
  const socket = connect({ host: listening.host, port: listening.port })
  const chunks: Buffer[] = []
  // What is sent when the server has hung up fails, which is what is waited for.
  socket.on('error', () => undefined).on('data', (chunk) => chunks.push(chunk))
  socket.write(first)
  const dripping = more === undefined ? undefined : drip(socket, more)
  await new Promise((resolve) => socket.on('close', resolve))
  clearInterval(dripping)
  return Buffer.concat(chunks).toString()
}

const drip = (socket: Socket, text: string): NodeJS.Timeout =>
  setInterval(() => {
    if (socket.writable) socket.write(text)
  }, 20)

const post = 'POST / HTTP/1.1\r\nHost: localhost\r\n'

it('answers a request in time, and goes on with the connection', async () => {
  const text = await answered(`${post}Content-Length: 2\r\n\r\nab${post}Connection: close\r\n\r\n`)
  expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2)
})

it('answers HTTP/1.0, which may name no host', async () => {
  expect(await answered('POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nab')).toMatch(/^HTTP\/1\.1 200 /)
  expect(await answered('POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab')).toMatch(/^HTTP\/1\.1 400 /)
})

it('refuses headers that are too large', async () => {
  expect(await answered(`${post}X-Large: ${'x'.repeat(limits.headerBytes)}\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 431 /,
  )
})

it('ends a connection whose headers drip in for too long', async () => {
  expect(await answered(post)).toMatch(/^HTTP\/1\.1 408 /)
  expect(await answered(post, 'X-Drip: 1\r\n')).toMatch(/^$|^HTTP\/1\.1 408 /)
})

it.each([
  ['of a length that never comes', 'Content-Length: 900\r\n\r\n', 'x'],
  ['in pieces without end', 'Transfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'],
])('ends a connection with a body %s, also for who reads it', async (_, headers, more) => {
  const before = bodies.length
  expect(await answered(`${post}${headers}`, more)).toMatch(/^$|^HTTP\/1\.1 (?:408|500) /)
  await expect.poll(() => bodies.length).toBe(before + 1)
  expect(bodies.at(-1)).toBeInstanceOf(Error)
})

it('answers others meanwhile and after', async () => {
  const slow = answered(post, 'X-Drip: 1\r\n')
  const answer = await fetch(listening.url, { method: 'POST', body: 'x' })
  expect(await answer.text()).toBe('read')
  await slow
})
