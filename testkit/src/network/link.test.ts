import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { freePort } from '../supervision/supervised-server.ts'
import { releaseAfterTest } from '../release.ts'
import { Link } from './link.ts'

/** A server that says everything twice, and what it has been told. */
async function echo(): Promise<{
  readonly port: number
  readonly heard: string[]
  readonly sockets: Socket[]
}> {
  const heard: string[] = []
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard.push(text)
      socket.write(text + text)
    })
    socket.on('error', () => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  releaseAfterTest(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return { port: (server.address() as AddressInfo).port, heard, sockets }
}

async function linked(toPort: number): Promise<Link> {
  const link = await Link.open(() => toPort)
  releaseAfterTest(() => link.close())
  return link
}

function open(port: number): { readonly socket: Socket; readonly said: () => string } {
  let said = ''
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  socket.on('data', (text: string) => (said += text)).on('error', () => undefined)
  return { socket, said: () => said }
}

describe('a link', () => {
  it('passes what is said, both ways, and the end of it', async () => {
    const { port, heard } = await echo()
    const { socket, said } = open((await linked(port)).port)
    socket.end('hello')
    await once(socket, 'close')
    expect([heard, said()]).toEqual([['hello'], 'hellohello'])
  })

  it('holds all of it while it is cut, without a word to anybody, and lets it pass when it is mended', async () => {
    const { port, heard } = await echo()
    const link = await linked(port)
    const old = open(link.port)
    old.socket.write('a')
    await expect.poll(old.said).toBe('aa')
    link.cut()
    old.socket.write('b')
    const young = open(link.port)
    await once(young.socket, 'connect')
    young.socket.write('c')
    await Promise.all([old, young].map(({ socket }) => expect(next(socket)).resolves.toBe('nothing')))
    expect(heard).toEqual(['a'])
    link.mend()
    await expect.poll(() => [old.said(), young.said()]).toEqual(['aabb', 'cc'])
  })

  it('tells of an end that was lost when it is mended', async () => {
    const { port, sockets } = await echo()
    const link = await linked(port)
    const { socket, said } = open(link.port)
    socket.write('a')
    await expect.poll(said).toBe('aa')
    link.cut()
    sockets[0]?.resetAndDestroy()
    expect(await next(socket)).toBe('nothing')
    const closed = once(socket, 'close')
    link.mend()
    await closed
  })

  it('ends who comes while nobody listens behind it', async () => {
    const link = await linked(await freePort())
    await once(open(link.port).socket, 'close')
  })
})

/** What a socket hears within a while. */
async function next(socket: Socket): Promise<string> {
  const signal = AbortSignal.timeout(100)
  return await Promise.race(['data', 'close'].map((name) => once(socket, name, { signal }))).then(
    ([what]) => String(what),
    () => 'nothing',
  )
}
