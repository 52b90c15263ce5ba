import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { releaseAfterTest } from '@steptrail/testkit'
import pg from 'pg'

/**
 * The URL of the same database on a server that says it is PostgreSQL 14: a proxy that rewrites what the real one
 * says of its version, digit for digit.
 */
export async function olderServer(url: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const versions = await versionsOf(url)
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname)
    client.on('error', () => server.destroy())
    server.on('error', () => client.destroy())
    client.pipe(server)
    server.on('data', (bytes: Buffer) => client.write(aged(bytes, versions)))
    server.on('end', () => client.end())
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  releaseAfterTest(async () => void proxy.close())
  const older = new URL(url)
  older.port = String((proxy.address() as AddressInfo).port)
  return older.href
}

async function versionsOf(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ version: string }>(
    `select current_setting(name) as version from (values ('server_version_num'), ('server_version')) as setting (name)`,
  )
  await client.end()
  return rows.map(({ version }) => version)
}

const aged = (bytes: Buffer, versions: readonly string[]): Buffer =>
  Buffer.from(
    versions.reduce(
      (text, version) => text.replaceAll(version, `14${version.slice(2)}`),
      bytes.toString('latin1'),
    ),
    'latin1',
  )
