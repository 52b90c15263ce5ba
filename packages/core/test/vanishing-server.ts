import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { releaseAfterTest } from '@steptrail/testkit'

/** The authentication is accepted, and the server is ready for a query. */
const welcome = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])

/** The URL of a server that lets everybody in and is gone at the first statement, as one that is killed then. */
export async function vanishingServer(): Promise<string> {
  const server = createServer((client) => {
    client.on('error', () => undefined)
    client.once('data', () => {
      client.write(welcome)
      client.once('data', () => client.destroy())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  releaseAfterTest(async () => void server.close())
  return `postgres://somebody@127.0.0.1:${(server.address() as AddressInfo).port}/nothing`
}
