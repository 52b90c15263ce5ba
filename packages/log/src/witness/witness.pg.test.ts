import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTestDatabase, releaseAfterTest } from '@steptrail/testkit'
import { parseCheckpoint, verifyNote, vkeyOf } from '@steptrail/verify'
import { beforeAll, describe, expect, it } from 'vitest'
import { operations, record, sealing } from '../../test/logs.ts'
import { tamper } from '../../test/tampering.ts'
import { SigningKey } from '../key/signing-key.ts'
import { seal } from '../seal/sealer.ts'
import { serveWitness } from './serve-witness.ts'
import { hashOf, Witness } from './witness.ts'
import { witnessMemory } from './witness-memory.ts'

const origin = 'log.example/orders'
const key = SigningKey.generate().key
const options = {
  name: 'witness.example/w1',
  key: SigningKey.generate().key,
  logs: [key.verifierKey(origin)],
}
let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'steptrail-witness-'))
  releaseAfterTest(() => rm(directory, { recursive: true }))
})

describe('a witness', () => {
  it('cosigns what grows, publishes it, and refuses to a log that was set back', async () => {
    const witness = new Witness({ ...options, directory: join(directory, 'grows') })
    await using served = await serveWitness(witness, { port: 0 })
    const memory = witnessMemory({ url: served.url, key: witness.verifierKey })
    const database = await openTestDatabase('postgres')
    await record(database, operations(5))
    const first = await seal(database, { key, memory, origin })
    await record(database, operations(5))
    const second = await seal(database, { key, memory })
    expect(second.size).toBe(first.size + 5)
    const { note } = parseCheckpoint(second.checkpoint)!
    expect(await verifyNote(note, [witness.verifierKey])).toMatchObject({
      ok: true,
      signedBy: [{ key: { name: options.name } }],
    })
    const kept = await fetch(`${served.url}/${hashOf(origin)}/checkpoint`)
    expect(await kept.text()).toBe(second.checkpoint)
    await tamper(database, [
      `delete from log_entries`,
      `update audit_event set message = 'another history'`,
      `update log_trees set tree_size = 0, checkpoint_size = 0, checkpoint = null, partial_tiles = '[]', feed_position = null`,
    ])
    await expect(seal(database, { key, memory })).rejects.toMatchObject({ code: 'log_inconsistent' })
  })

  it('answers as the specification has it', async () => {
    const witness = new Witness({ ...options, directory: join(directory, 'answers') })
    const signed = async (size: number) => {
      const database = await openTestDatabase('postgres')
      await record(database, operations(size - 1))
      return (await sealing({ key, origin }).seal(database)).checkpoint
    }
    const [two, three] = [await signed(2), await signed(3)]
    const add = (old: string, note: string) => witness.addCheckpoint(`old ${old}\n\n${note}`)
    expect(await add('x', two)).toMatchObject({ status: 400 })
    expect(await add('9', two)).toMatchObject({ status: 400 })
    expect(await add('0', two.replaceAll(origin, 'log.example/other'))).toMatchObject({ status: 404 })
    expect(await add('0', two.replace('\n2\n', '\n3\n'))).toMatchObject({ status: 403 })
    expect(await add('1', two)).toMatchObject({ status: 409, body: '0\n', contentType: 'text/x.tlog.size' })
    expect(await witness.checkpointOf(hashOf(origin))).toMatchObject({ status: 404 })
    expect(await add('0', two)).toMatchObject({
      status: 200,
      body: expect.stringMatching(/^— witness\.example\/w1 \S+\n$/) as string,
    })
    expect(await add('2', two)).toMatchObject({ status: 200 })
    expect(await add('2', three)).toMatchObject({ status: 422 })
    expect(await add('0', three)).toMatchObject({ status: 409, body: '2\n' })
    expect(vkeyOf(witness.verifierKey)).toMatch(/^witness\.example\/w1\+/)
  })

  it.each<[string, (kept: string) => string]>([
    ['cut off', (kept) => kept.slice(0, 40)],
    ['emptied', () => ''],
    ['of another log', (kept) => kept.replaceAll(origin, 'log.example/other')],
  ])('whose file was %s cosigns nothing, and forgets nothing', async (what, change) => {
    const own = join(directory, `lost ${what}`)
    const witness = new Witness({ ...options, directory: own })
    await using served = await serveWitness(witness, { port: 0 })
    const memory = witnessMemory({ url: served.url, key: witness.verifierKey })
    const database = await openTestDatabase('postgres')
    await record(database, operations(5))
    const first = await seal(database, { key, memory, origin })
    const file = join(own, `${hashOf(origin)}.checkpoint`)
    const kept = await readFile(file, 'utf8')
    await writeFile(file, change(kept))
    const other = await openTestDatabase('postgres')
    await record(other, operations(2))
    const { checkpoint } = await sealing({ key, origin }).seal(other)
    await expect(witness.addCheckpoint(`old 0\n\n${checkpoint}`)).rejects.toMatchObject({
      code: 'log_inconsistent',
    })
    await expect(seal(database, { key, memory })).rejects.toMatchObject({
      code: expect.stringMatching(/^(witness_unreachable|log_inconsistent)$/) as string,
    })
    await writeFile(file, kept)
    expect(await seal(database, { key, memory })).toMatchObject({ size: first.size })
  })

  it('that does not answer keeps the log from being signed', async () => {
    const memory = witnessMemory({ url: 'http://127.0.0.1:9', key: options.key.verifierKey('w') })
    const database = await openTestDatabase('postgres')
    await expect(seal(database, { key, memory })).rejects.toMatchObject({ code: 'witness_unreachable' })
  })
})
