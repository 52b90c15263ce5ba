import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { releaseAfterTest } from '@steptrail/testkit'
import {
  checkpointText,
  CompactTree,
  noteText,
  parseCheckpoint,
  signatureLine,
  verifyNote,
} from '@steptrail/verify'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeSha256, nodeTreeHash } from '../key/node-sha256.ts'
import { SigningKey } from '../key/signing-key.ts'
import { type ServedWitness, serveWitness, type ServeWitnessOptions } from './serve-witness.ts'
import { witnessMemory } from './witness-memory.ts'
import { Witness } from './witness.ts'

const origin = 'log.example/orders'
const { key } = SigningKey.generate()
const own = SigningKey.generate().key
let place = ''

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'steptrail-witness-'))
  releaseAfterTest(() => rm(place, { recursive: true }))
})

const witnessIn = (name: string): Witness =>
  new Witness({
    name: 'witness.example/w1',
    key: own,
    logs: [key.verifierKey(origin)],
    directory: join(place, name),
  })

/** A checkpoint of a log with so many entries, signed; with its tree's edge, which is the proof from nothing. */
function checkpointOf(size: number): string {
  const tree = new CompactTree(nodeTreeHash)
  for (let index = 0; index < size; index++) tree.append(nodeSha256(Uint8Array.of(index)))
  const text = checkpointText({ origin, size, root: tree.root() })
  return noteText({ text, signatures: key.signatures(text, { origin, time: 1_760_000_000 }) })
}

/** A signature that says nothing to who does not know its key. */
const stranger = (number: number): string =>
  signatureLine({
    name: `stranger-${number}.example`,
    keyId: Uint8Array.of(1, 2, 3, number),
    signature: new Uint8Array(64).fill(number),
  })

describe('a witness', () => {
  it('keeps no signatures of strangers, which would leave no room for those that count', async () => {
    const witness = witnessIn('strangers')
    const signed = checkpointOf(1)
    const crowded = signed + Array.from({ length: 62 }, (_, number) => stranger(number)).join('')
    expect(await witness.addCheckpoint(`old 0\n\n${crowded}`)).toMatchObject({ status: 200 })
    expect(await witness.addCheckpoint(`old 1\n\n${signed}`)).toMatchObject({ status: 200 })
  })

  it('cosigns nothing that has a signature of the log which does not hold', async () => {
    const signed = checkpointOf(1)
    const [, timed] = parseCheckpoint(signed)!.note.signatures
    const { text } = parseCheckpoint(signed)!.note
    const plain = signed.slice(0, signed.lastIndexOf('— '))
    const forged = plain + signatureLine({ ...timed!, signature: new Uint8Array(72).fill(1) })
    expect(parseCheckpoint(forged)!.note.text).toBe(text)
    expect(await witnessIn('forged').addCheckpoint(`old 0\n\n${forged}`)).toMatchObject({ status: 403 })
  })

  it('keeps the signature of a log once, however often it was given', async () => {
    const witness = witnessIn('repeated')
    const signed = checkpointOf(1)
    const [line = ''] = signed.split('\n').slice(-3)
    expect(await witness.addCheckpoint(`old 0\n\n${signed}${`${line}\n`.repeat(62)}`)).toMatchObject({
      status: 200,
    })
    expect(await witness.addCheckpoint(`old 1\n\n${signed}`)).toMatchObject({ status: 200 })
  })
})

describe('a witness that is served', () => {
  const served = (witness: Witness, options: ServeWitnessOptions = {}): Promise<ServedWitness> =>
    serveWitness(witness, { port: 0, ...options })

  it('tells who sends too much that it is too much', async () => {
    await using service = await served(witnessIn('large'))
    const response = await fetch(`${service.url}/add-checkpoint`, {
      method: 'POST',
      body: 'x'.repeat(1_000_000),
    })
    expect(response.status).toBe(413)
    expect(await response.text()).toBe('a request to cosign has at most 65536 bytes\n')
  })

  it('tells its owner what went wrong, and others that something did', async () => {
    const told: string[] = []
    await mkdir(join(place, 'broken'))
    await using service = await served(witnessIn(join('broken', 'file', 'below')), {
      onTrouble: (message, cause) => told.push(`${message}: ${String(cause)}`),
    })
    await writeFile(join(place, 'broken', 'file'), '')
    const response = await fetch(`${service.url}/add-checkpoint`, {
      method: 'POST',
      body: `old 0\n\n${checkpointOf(1)}`,
    })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain(place)
    expect(told).toEqual([expect.stringMatching(/^POST \/add-checkpoint failed: .*ENOTDIR/) as string])
  })
})

describe('a witness as a memory', () => {
  /** A service that answers a request to cosign as this says. */
  async function answering(say: (checkpoint: string) => string) {
    const server = createServer((request, response) => {
      if (request.method === 'GET') return void response.writeHead(404).end()
      const chunks: Buffer[] = []
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          const body = Buffer.concat(chunks).toString()
          response.end(say(body.slice(body.indexOf('\n\n') + 2)))
        })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    releaseAfterTest(() => new Promise((resolve) => server.close(() => resolve())))
    const { port } = server.address() as AddressInfo
    return witnessMemory({
      url: `http://127.0.0.1:${port}`,
      key: witnessIn('none').verifierKey,
    })
  }

  const cosigned = (text: string): string =>
    signatureLine(own.cosignature(text, { name: 'witness.example/w1', time: 1_760_000_000 }))

  it('takes the cosignature, and nothing else that came with it', async () => {
    const forLog = { name: origin, keyId: parseCheckpoint(checkpointOf(1))!.note.signatures[0]!.keyId }
    const memory = await answering((checkpoint) => {
      const { text } = parseCheckpoint(checkpoint)!.note
      return signatureLine({ ...forLog, signature: new Uint8Array(64) }) + stranger(1) + cosigned(text)
    })
    const published = await memory.write(origin, checkpointOf(1), async () => [])
    const { note } = parseCheckpoint(published)!
    expect(note.signatures.map(({ name }) => name)).toEqual([origin, origin, 'witness.example/w1'])
    expect(await verifyNote(note, [key.verifierKey(origin)])).toMatchObject({ ok: true })
  })

  it('is refused when it signs another text than it was given', async () => {
    const memory = await answering((checkpoint) => {
      const other = `${checkpoint}and more\n`
      return `and more\n\n${cosigned(other)}`
    })
    await expect(memory.write(origin, checkpointOf(1), async () => [])).rejects.toMatchObject({
      code: 'witness_unreachable',
    })
  })
})
