import { readdir } from 'node:fs/promises'
import { createRecorder } from '@steptrail/recorder'
import { openSpool } from '@steptrail/recorder/node'
import {
  embeddedDirectory,
  type Program,
  type ProgramResult,
  runProgram,
  startProgram,
} from '@steptrail/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const main = new URL('../src/main.ts', import.meta.url)
const env = { LANG: 'en_GB.UTF-8', COLUMNS: '140', NO_COLOR: '1', USER: 'anna' }

describe('steptrail serve, on the embedded database', () => {
  let dataDir = ''
  let program: Program
  let url = ''

  const steptrail = (...args: readonly string[]): Promise<ProgramResult> =>
    runProgram(main, { args: [...args, '--data-dir', dataDir], env })
  const record = async (headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}/api/v1/audit/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ eventType: 'OPERATION', action: 'config_update', serviceName: 'curl' }),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }

  beforeAll(async () => {
    dataDir = await embeddedDirectory()
    program = startProgram(main, { args: ['serve', '--port', '0', '--data-dir', dataDir], env })
    const line = await program.line(/^Its API is described at /)
    url = line.replace(/^Its API is described at (.*)\/docs$/, '$1')
  })
  afterAll(() => program.kill())

  it('answers', async () => {
    expect(await record()).toMatchObject({ status: 200, body: { created: 1 } })
    const ready = await fetch(`${url}/readyz`)
    expect(await ready.json()).toMatchObject({ status: 'ready' })
  })

  it('lets the other commands use the database that it holds', async () => {
    const listed = await steptrail('events', '--service', 'curl', '--json')
    expect(listed).toMatchObject({ code: 0, stderr: '' })
    expect((JSON.parse(listed.stdout) as { events: unknown[] }).events).toHaveLength(1)
    const refused = await steptrail('migrate')
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain('is in use by steptrail')
  })

  it('is followed over HTTP, without its database', async () => {
    const args = ['events', '--follow', '--server', url, '--since', '1h', '--service', 'curl', '--json']
    const following = startProgram(main, { args, env })
    const line = JSON.parse(await following.line('config_update')) as Record<string, unknown>
    expect(line).toMatchObject({ action: 'config_update', serviceName: 'curl' })
    expect((await following.signal('SIGINT')).signal).toBeNull()
    expect(following.stderr).toContain('to go on from here: --cursor ')
  })

  it('seals what is recorded, which can be verified beside it', async () => {
    await vi.waitFor(async () => expect((await fetch(`${url}/api/v1/log/checkpoint`)).status).toBe(200), {
      interval: 100,
      timeout: 20_000,
    })
    const verified = await steptrail('verify', '--json')
    expect(verified.code, verified.stderr).toBe(0)
    expect(verified.stdout).toContain('"outcome": "verified"')
    const status = (await (await fetch(`${url}/api/v1/log/status`)).json()) as Record<string, unknown>
    expect(status).toMatchObject({ sealer: { state: 'sealing' }, last_verification: { outcome: 'verified' } })
  })

  it('makes keys through it, which then are needed', async () => {
    const made = await steptrail('keys', 'create', 'curl', '--scopes', 'record', '--json')
    const { secret } = JSON.parse(made.stdout) as { secret: string }
    expect((await record()).status).toBe(401)
    expect((await record({ authorization: `Bearer ${secret}` })).body).toMatchObject({ created: 1 })
    const listed = await steptrail('keys', 'list')
    expect(listed.stdout).toMatch(/curl +record +active/)
    expect(listed.stdout).not.toContain(secret)
    const told = await steptrail('events', '--type', 'TRAIL_KEY_CREATED', '--json')
    expect(told.stdout).toContain('"actorId": "anna"')
  })

  it('ends in order when it is told to', async () => {
    expect((await program.signal('SIGTERM')).code).toBe(0)
    expect(await steptrail('events', '--service', 'curl', '--json')).toMatchObject({ code: 0 })
  })
})

describe('steptrail serve, with a place for its spool', () => {
  const silent = { warn: () => undefined, error: () => undefined }

  /** What a process has left there that ended while its database was away. */
  async function leaveEvent(directory: string): Promise<void> {
    const spool = await openSpool({ directory, adoptEveryMs: 0, logger: silent })
    const sink = { write: () => Promise.reject(new Error('away')) }
    const recorder = createRecorder({ sink, spool, failuresBeforeSpool: 1, logger: silent })
    recorder.record({ eventType: 'OPERATION', action: 'scan_process', serviceName: 'before' })
    await recorder.close()
    expect(await readdir(directory)).toHaveLength(1)
  }

  it('puts on record what is there', async () => {
    const [dataDir, spool] = [await embeddedDirectory(), await embeddedDirectory()]
    await leaveEvent(spool)
    const args = ['serve', '--port', '0', '--data-dir', dataDir]
    const program = startProgram(main, { args, env: { ...env, STEPTRAIL_SPOOL_DIR: spool } })
    const url = (await program.line(/^Its API is described at /)).replace(/^.* at (.*)\/docs$/, '$1')
    const listed = async () => await (await fetch(`${url}/api/v1/audit/events?source=before`)).json()
    await expect
      .poll(listed, { timeout: 20_000 })
      .toMatchObject({ events: [{ action: 'scan_process', serviceName: 'before' }] })
    expect((await program.signal('SIGTERM')).code).toBe(0)
    expect(await readdir(spool)).toEqual([])
  })
})
