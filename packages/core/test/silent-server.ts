import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { releaseAfterTest } from '@steptrail/testkit'

/** A way to a server on which it can fall silent. */
export interface SilentServer {
  readonly url: string
  /** From now on nothing comes through, either way; connections stay open, and more can be made. */
  fallSilent(): void
}

/** The same database behind a proxy that can fall silent, as a machine that hangs or a network that loses everything. */
export async function silentServer(url: string): Promise<SilentServer> {
  const { hostname, port } = new URL(url)
  const open: Socket[] = []
  let isSilent = false
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname)
    open.push(client, server)
    client.on('error', () => server.destroy()).on('close', () => server.destroy())
    server.on('error', () => client.destroy()).on('close', () => isSilent || client.destroy())
    client.on('data', (bytes) => isSilent || server.write(bytes))
    server.on('data', (bytes) => isSilent || client.write(bytes))
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  releaseAfterTest(async () => {
    for (const socket of open) socket.destroy()
    proxy.close()
  })
  const silent = new URL(url)
  silent.port = String((proxy.address() as AddressInfo).port)
  return { url: silent.href, fallSilent: () => void (isSilent = true) }
}
