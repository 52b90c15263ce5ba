import { createHash } from 'node:crypto'
import { createTrail, type Database, type EventInput, recordIn } from '@steptrail/core'
import { createClient } from '@steptrail/client'
import { memoryInDirectory, SigningKey, verifyLogs } from '@steptrail/log'
import { openTestDatabase } from '@steptrail/testkit'
import {
  bytesOfBase64,
  entriesOfBundle,
  hashesOf,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  parseVkey,
  sha256,
  treeHash,
  verifyConsistency,
  verifyInclusion,
  verifyNote,
  verifyPack,
} from '@steptrail/verify'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { asked, type Asking } from '../../test/asking.ts'
import { openShop } from '../../test/shop.ts'
import { createServer, type Server } from '../index.ts'

const { key } = SigningKey.generate()
const hash = treeHash(sha256)
const patience = { interval: 20, timeout: 20_000 }
let database: Database
let directory = ''
const servers: Server[] = []
let ask: Asking
let executionId = ''

const sealing = () => ({ key, memory: memoryInDirectory(directory), pollIntervalMs: 20 })
const open = async (more: object = {}): Promise<Server> => {
  const server = await createServer({ trail: createTrail(database), sealing: sealing(), ...more })
  servers.push(server)
  return server
}
const record = (events: readonly EventInput[]) => database.transaction((tx) => recordIn(tx, events))
const status = async () => (await ask.get('/api/v1/log/status')).body
const sealed = (moreThan = 0) =>
  vi.waitFor(async () => {
    const { unsealed, logs } = await status()
    expect(unsealed).toBe(0)
    expect(logs[0].signed_size).toBe(logs[0].size)
    expect(logs[0].size).toBeGreaterThan(moreThan)
    return logs[0] as { readonly origin: string; readonly size: number; readonly keys: readonly string[] }
  }, patience)
const clientOf = (server: Server) =>
  createClient({
    url: 'http://127.0.0.1:4680',
    fetch: (input, init) => server.fetch(new Request(input, init)),
  })

beforeAll(async () => {
  database = await openTestDatabase('postgres')
  directory = await mkdtemp(join(tmpdir(), 'steptrail-log-'))
  ask = asked(await open())
  await open({ holdsClock: false })
  const shop = await openShop(database)
  const { body } = await ask.post('/api/v1/executions', { workflow: 'shop', input: { card: 'gold' } })
  executionId = body.executionId
  await shop.until(executionId, 'completed')
  await shop.close()
  await record(Array.from({ length: 700 }, (_, number) => ({ eventType: 'OPERATION', action: `a${number}` })))
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await rm(directory, { recursive: true })
})

describe('the log over HTTP', () => {
  it('is sealed by the servers themselves, two of them at once, each event once', async () => {
    const { origin, size, keys } = await sealed(700)
    const { text } = await ask.get('/api/v1/log/checkpoint')
    const verdict = await verifyNote(
      parseNote(text)!,
      keys.map((vkey) => parseVkey(vkey)!),
    )
    expect(verdict).toMatchObject({ ok: true })
    expect(parseCheckpoint(text)!.checkpoint).toMatchObject({ origin, size })
    const report = await verifyLogs(database, { memory: memoryInDirectory(directory) })
    expect(report).toMatchObject({ outcome: 'verified', logs: [{ verified: size }] })
  })

  it('is the tiles and bundles of the specification: from entries to the root', async () => {
    const { size } = await sealed()
    const log = clientOf(servers[0]!).log
    const entries = entriesOfBundle(await log.tile('entries/000'))!
    expect(entries).toHaveLength(256)
    const leaves = hashesOf(await log.tile('0/000'))
    expect(leaves).toEqual(entries.map((entry) => hash.leaf(entry)))
    const width = size % 256
    expect(await log.tile(`0/002.p/${width}`)).toHaveLength(width * 32)
    expect(await log.tile('1/000.p/2')).toHaveLength(64)
    const answer = await servers[0]!.fetch(new Request('http://localhost/api/v1/log/tile/0/000'))
    expect(answer.headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
  })

  it.each(['0/009', '0/000.p/0', 'entries/009', '0/0', 'x', '9/000', '0/000/1', '..%2f0/000'])(
    'has no tile %s',
    async (path) => {
      const { status: code, body } = await ask.get(`/api/v1/log/tile/${path}`)
      expect([code, body.code]).toEqual([404, 'tile_not_found'])
    },
  )

  it('proves that an event is in it, and that it grew', async () => {
    const before = await sealed()
    const [event] = (await ask.get('/api/v1/audit/events?operation_type=a7')).body.events
    await record([{ eventType: 'OPERATION', action: 'later' }])
    await vi.waitFor(async () => expect((await sealed()).size).toBeGreaterThan(before.size), patience)
    const { log } = clientOf(servers[1]!)
    const inclusion = await log.proveInclusion(event.id)
    const { index, hashes, checkpoint } = parseTlogProof(inclusion.proof)!
    const second = parseCheckpoint(checkpoint)!.checkpoint
    const bundle = entriesOfBundle(await log.tile(bundleOf(index, second.size)))!
    const leafHash = hash.leaf(bundle[index % 256]!)
    expect(index).toBe(inclusion.index)
    const claim = { index, size: second.size, leafHash, root: second.root, proof: hashes }
    expect(verifyInclusion(claim, hash)).toBe(true)
    const grown = await log.proveConsistency(300)
    const whole = parseCheckpoint(grown.checkpoint)!.checkpoint
    const proof = grown.hashes.map((text) => bytesOfBase64(text)!)
    const first = { size: 300, root: await rootOf(300) }
    expect(verifyConsistency({ first, second: whole, proof }, hash)).toBe(true)
    expect((await ask.get('/api/v1/log/consistency?from=99999')).body).toMatchObject({
      status: 400,
      code: 'invalid_filter',
      parameter: 'from',
    })
  })

  it('gives evidence that verifies offline, with the key that was given', async () => {
    const { origin } = await sealed()
    const bytes = await clientOf(servers[0]!).executions.evidence(executionId)
    expect(await verifyPack(bytes, [key.verifierKey(origin)], sha256)).toMatchObject({
      ok: true,
      executionId,
      hasEnded: true,
      keyFrom: 'given',
    })
    const missing = await ask.get('/api/v1/executions/019a4f0c-5c7b-7000-8000-00000000dead/evidence')
    expect([missing.status, missing.body.code]).toEqual([404, 'execution_not_found'])
  })

  it('erases, and gives the certificate', async () => {
    await record([{ eventType: 'OPERATION', action: 'said', actorType: 'user', actorId: 'eve' }])
    const order = { match: { subject: { type: 'user', id: 'eve' } }, reason: 'request 17' } as const
    const certificate = await clientOf(servers[0]!).log.erase(order)
    expect(certificate).toMatchObject({ events: 1, reason: 'request 17', approvedBy: null })
    expect(parseTlogProof(certificate.proof)).not.toBeNull()
    const again = await clientOf(servers[0]!).log.certificate(certificate.erasureId)
    expect({ ...again, proof: certificate.proof }).toEqual(certificate)
    const missing = await ask.get(`/api/v1/erasures/${executionId}`)
    expect([missing.status, missing.body.code]).toEqual([404, 'erasure_not_found'])
    expect((await ask.get('/api/v1/audit/events?operation_type=said')).body.events).toEqual([])
    const other = asked(await open({ sealing: undefined, holdsClock: false }))
    expect((await other.post('/api/v1/erasures', order)).body).toMatchObject({ code: 'order_refused' })
    expect((await other.get('/api/v1/log/status')).body.sealer).toEqual({ state: 'off', detail: null })
  })

  it('erases once however often it is told to with one key, and gives the certificate each time', async () => {
    await record([{ eventType: 'OPERATION', action: 'said', actorType: 'user', actorId: 'mallory' }])
    const order = { match: { subject: { type: 'user', id: 'mallory' } }, reason: 'request 18' } as const
    const erase = () => clientOf(servers[0]!).log.erase(order, { idempotencyKey: 'request 18' })
    const certificate = await erase()
    expect({ ...(await erase()), proof: certificate.proof }).toEqual(certificate)
    const { body } = await ask.get('/api/v1/audit/events?event_type=TRAIL_ERASED')
    const ids = (body.events as { readonly id: string }[]).map(({ id }) => id)
    expect(ids.filter((id) => id === certificate.erasureId)).toHaveLength(1)
    expect((await ask.post('/api/v1/erasures', order)).body).toMatchObject({ code: 'invalid_input' })
  })

  it('tells how far sealing is', async () => {
    const { size } = await sealed()
    const { text } = await ask.get('/metrics')
    expect(text).toContain(`\nsteptrail_log_signed_entries ${size}\n`)
    expect(text).toMatch(/^steptrail_log_oldest_unsealed_seconds 0$/m)
    expect(text).toMatch(/^steptrail_log_last_checkpoint_timestamp_seconds 1\d{9}$/m)
  })

  it('goes on without it when it cannot be signed, and says why', async () => {
    const troubles: string[] = []
    const other = SigningKey.generate().key
    const server = await open({
      sealing: { ...sealing(), key: other, checkpointEveryMs: 0 },
      holdsClock: false,
      onTrouble: (_: string, cause: unknown) => void troubles.push(String(cause)),
    })
    const theirs = asked(server)
    const components = await vi.waitFor(async () => {
      const { status: code, body } = await theirs.get('/readyz')
      expect(body.components.sealer.status).toBe('degraded')
      return { code, ...body }
    }, patience)
    expect(components).toMatchObject({ code: 200, status: 'ready' })
    expect(components.components.sealer.detail).toContain('is signed with the key')
    expect((await theirs.get('/api/v1/log/status')).body.sealer.state).toBe('in trouble')
    expect(new Set(troubles).size).toBe(troubles.length)
  })
})

const bundleOf = (index: number, size: number): string => {
  const bundle = Math.floor(index / 256)
  const width = Math.min(256, size - bundle * 256)
  return `entries/${String(bundle).padStart(3, '0')}${width === 256 ? '' : `.p/${width}`}`
}

/** The root of the first leaves, made by RFC 6962's own words. */
async function rootOf(size: number): Promise<Uint8Array> {
  const { log } = clientOf(servers[0]!)
  const tiles = [await log.tile('0/000'), await log.tile(`0/001.p/${size - 256}`)]
  const leaves = tiles.flatMap((tile) => hashesOf(tile).map((each) => Buffer.from(each)))
  const root = (row: readonly Buffer[]): Buffer => {
    if (row.length === 1) return row[0]!
    let split = 1
    while (split * 2 < row.length) split *= 2
    const both = [Buffer.of(1), root(row.slice(0, split)), root(row.slice(split))]
    return createHash('sha256').update(Buffer.concat(both)).digest()
  }
  return Uint8Array.from(root(leaves))
}
