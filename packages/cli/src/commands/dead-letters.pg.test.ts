import { once } from 'node:events'
import { connect } from 'node:net'
import { Ingester } from '@steptrail/nats'
import { describeOnNats, openTestDatabase, releaseAfterTest, startNats } from '@steptrail/testkit'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { run } from '../../test/run.ts'

/** Publishes as any program may, by the protocol of NATS: https://docs.nats.io/reference/reference-protocols/nats-protocol */
async function publish(server: string, messages: readonly Buffer[]): Promise<void> {
  const { hostname, port } = new URL(server)
  const socket = connect(Number(port), hostname)
  socket.write('CONNECT {"verbose":false}\r\n')
  for (const message of messages)
    socket.write(Buffer.concat([Buffer.from(`PUB steptrail.events ${message.length}\r\n`), message, end]))
  socket.write('PING\r\n')
  const answered = Promise.withResolvers<void>()
  socket.on('data', (answer) => String(answer).includes('PONG') && answered.resolve())
  await answered.promise
  socket.end()
  await once(socket, 'close')
}

const end = Buffer.from('\r\n')
const waitFor = { timeout: 20_000, interval: 20 }

describeOnNats('steptrail dead-letters', () => {
  let servers: readonly string[] = []
  let ingester: Ingester
  beforeAll(async () => {
    servers = (await startNats()).servers
    ingester = new Ingester(await openTestDatabase('postgres'), { servers })
    releaseAfterTest(() => ingester.close())
    await vi.waitFor(() => ingester.waiting(), waitFor)
  })

  const list = (...args: readonly string[]) =>
    run(['dead-letters', ...args], {
      env: { LANG: 'en_GB.UTF-8', NATS_URL: servers.join(',') },
      columns: 100,
    })

  it('takes credentials and certificates from files that variables name', async () => {
    const env = { LANG: 'en_GB.UTF-8', NATS_URL: servers.join(','), NATS_CREDS: '/nowhere/user.creds' }
    const { code, stderr } = await run(['dead-letters'], { env })
    expect(code).not.toBe(0)
    expect(stderr).toContain('NATS_CREDS names a file that cannot be read')
  })

  it('lists what can never be on record, with the reason', async () => {
    expect((await list()).stdout).toBe('There is no dead letter.\n')
    await publish(servers[0] ?? '', [
      Buffer.from('{"eventType":'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('[]'),
    ])
    await vi.waitFor(() => expect(ingester.counts.rejected).toBe(3), waitFor)
    const { code, stdout } = await list()
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[1]).toMatch(
      /^1 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +rejected +13 +message refused: it is no JSON/,
    )
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  it('gives a program what each said, byte by byte, and as text where it is text', async () => {
    const { deadLetters, more } = JSON.parse((await list('--json', '--limit', '2')).stdout) as {
      readonly deadLetters: readonly unknown[]
      readonly more: boolean
    }
    expect(more).toBe(true)
    expect(deadLetters).toMatchObject([
      { sequence: 1, outcome: 'rejected', subject: 'steptrail.events', text: '{"eventType":', bytes: 13 },
      { sequence: 2, text: null, base64: '//4=' },
    ])
  })

  it('says that there are more', async () => {
    expect((await list('--limit', '1')).stdout).toMatch(/There are more: --limit 10/)
  })
})

describe('steptrail dead-letters without a stream', () => {
  it('is refused where no node is named, and fails where none answers', async () => {
    const unnamed = await run(['dead-letters'])
    expect(unnamed).toMatchObject({ code: 2 })
    expect(unnamed.stderr).toContain('name the nodes of NATS with --nats or NATS_URL')
    const away = await run(['dead-letters', '--nats', 'nats://127.0.0.1:1'])
    expect(away.code).toBe(1)
    expect(away.stderr).toContain('127.0.0.1:1')
  })
})
