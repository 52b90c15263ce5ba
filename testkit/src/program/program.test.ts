import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { releaseAfterTest } from '../release.ts'
import { runProgram, startProgram } from './program.ts'

const count = new URL('./count.ts', import.meta.url)

describe('a program that a test starts', () => {
  it('is waited for line by line, and its end tells all it wrote', async () => {
    vi.stubEnv('DATABASE_URL', 'postgres://secret')
    const program = startProgram(count, { env: { WORD: 'given' } })
    vi.unstubAllEnvs()
    program.stdin.write('a\nb\nc\n')
    expect(await program.line('line')).toBe('line 1: a')
    expect(await program.line(/: [cd]$/)).toBe('line 3: c')
    program.stdin.write('stop\n')
    const { code, signal, stdout, stderr } = await program.ended
    expect({ code, signal }).toEqual({ code: 3, signal: null })
    expect(stdout).toContain('line 2: b\n')
    expect(stderr).toBe('database undefined, word given\n')
  })

  it('has its workspaces resolved to their source, and finds nothing on its stdin when it is run', async () => {
    const { code, stdout } = await runProgram(count)
    expect(code).toBe(3)
    expect(stdout).toMatch(/^codes [1-9][0-9]*$/m)
  })

  it('leaves the next program what was compiled of it, also when it is killed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'steptrail-compiled-'))
    releaseAfterTest(() => rm(directory, { recursive: true }))
    const program = startProgram(count, { env: { NODE_COMPILE_CACHE: directory } })
    await expect.poll(() => filesBelow(directory)).toBeGreaterThan(0)
    expect(await program.kill()).toMatchObject({ signal: 'SIGKILL' })
  })

  it('does not leave a test waiting for a line that will not come', async () => {
    const program = startProgram(count)
    const line = program.line('never')
    program.stdin.end('a\n')
    await expect(line).rejects.toThrow(/ended before a line with never:[^]*line 1: a/)
  })
})

async function filesBelow(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).length
}

describe('a program that has started another', () => {
  const server = createServer()
  let port = ''

  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = String((server.address() as AddressInfo).port)
  })
  afterAll(() => {
    server.close()
  })

  it('is killed together with it', async () => {
    const program = startProgram(count, { args: [port] })
    const other = await connection()
    expect(await program.kill()).toMatchObject({ code: null, signal: 'SIGKILL' })
    await other.closed
    expect(await program.kill()).toMatchObject({ signal: 'SIGKILL' })
  })

  let left: Awaited<ReturnType<typeof connection>>

  it('gets a signal alone', async () => {
    const program = startProgram(count, { args: [port] })
    left = await connection()
    expect(await program.signal('SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' })
    expect(left.socket.destroyed).toBe(false)
  })

  it('is gone after the test, and the other with it', async () => {
    await left.closed
  })

  async function connection(): Promise<{ readonly socket: Socket; readonly closed: Promise<unknown> }> {
    const [socket] = (await once(server, 'connection')) as [Socket]
    const closed = new Promise((resolve) => socket.once('error', resolve).once('close', resolve))
    socket.resume()
    return { socket, closed }
  }
})
