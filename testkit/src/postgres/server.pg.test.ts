import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { connect } from 'node:net'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { releaseAfterTest } from '../release.ts'
import { startPostgres, type PostgresServer } from './server.ts'

describe('a PostgreSQL server for tests', () => {
  it('starts on a free port with the settings given, and leaves nothing when it stops', async () => {
    const server = await start({ work_mem: '5MB' })
    const client = await connected(server.url())
    const { rows } = await client.query(
      `select current_setting('work_mem') as memory, current_setting('timezone') as zone,
              current_setting('max_prepared_transactions')::int as prepared,
              current_setting('data_directory') as directory, 'a' < 'B' as "sorts as language does"`,
    )
    expect(rows[0]).toMatchObject({
      memory: '5MB',
      zone: 'Asia/Kathmandu',
      prepared: 20,
      'sorts as language does': true,
    })
    await client.end()

    await server.stop()
    await expect(access(rows[0].directory)).rejects.toThrow('ENOENT')
    await expect(connected(server.url())).rejects.toThrow('ECONNREFUSED')
  })

  it('keeps what was committed over a restart and over a kill, at the same port', async () => {
    const server = await start()
    const url = server.url()
    await execute(url, 'create table kept (n int); insert into kept values (1)')
    await server.restart()
    await execute(url, 'insert into kept values (2)')
    const session = await connected(url)
    const ended = new Promise((resolve) => session.on('error', resolve))
    await session.query('begin; insert into kept values (3)')

    await server.kill()
    await ended
    await server.start()

    const client = await connected(url)
    expect((await client.query('select n from kept order by n')).rows).toEqual([{ n: 1 }, { n: 2 }])
    await client.end()
  })

  it('ends, and its data with it, when the process that started it is killed', async () => {
    const child = fork(new URL('./start-and-report.ts', import.meta.url), { execArgv: [] })
    releaseAfterTest(async () => void child.kill('SIGKILL'))
    const { url, directory } = await reportOf(child)
    await execute(url, 'select')
    const port = Number(new URL(url).port)
    const open = connect(port, '127.0.0.1')
    const closed = new Promise((resolve) => open.once('error', resolve).once('close', resolve))
    await once(open, 'connect')

    child.kill('SIGKILL')
    await closed
    await expect.poll(async () => exists(directory), { timeout: 20_000 }).toBe(false)
    await expect(connected(url)).rejects.toThrow('ECONNREFUSED')
  })
})

async function start(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const server = await startPostgres({ settings })
  releaseAfterTest(async () => server.stop())
  return server
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}

async function execute(url: string, statement: string): Promise<void> {
  const client = await connected(url)
  await client.query(statement)
  await client.end()
}

async function reportOf(child: ChildProcess): Promise<{ url: string; directory: string }> {
  const [message] = await once(child, 'message')
  return message as { url: string; directory: string }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
