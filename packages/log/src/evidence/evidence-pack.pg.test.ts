import type { Database } from '@steptrail/core'
import { openTestDatabase } from '@steptrail/testkit'
import { readZip, sha256, textOfUtf8, utf8, verifyPack, vkeyOf, writeZip } from '@steptrail/verify'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Forgery, forgedPack, rewrite } from '../../test/forged-pack.ts'
import { greet } from '../../test/greeting.ts'
import { operations, record, sealing } from '../../test/logs.ts'
import { restartLog } from '../seal/restart-log.ts'
import { makeEvidencePack } from './evidence-pack.ts'

let database: Database
let executionId = ''
let origin = ''
let pack: Uint8Array
const sealer = sealing()

beforeAll(async () => {
  database = await openTestDatabase('postgres')
  ;[executionId = ''] = await greet(database, ['stranger'])
  await record(database, operations(300))
  await record(database, operations(1, { executionId, action: 'looked at' }))
  ;({ origin } = await sealer.seal(database))
  pack = (await makeEvidencePack(database, executionId)).bytes
})

const forged = (change: Forgery): Uint8Array => forgedPack(pack, change)

describe('an evidence pack', () => {
  it('verifies offline, with the key that was given', async () => {
    const keys = [sealer.key.verifierKey(origin)]
    expect(await verifyPack(pack, keys, sha256)).toMatchObject({
      ok: true,
      executionId,
      events: 16,
      origin,
      size: 317,
      signedBy: [vkeyOf(keys[0]!)],
      keyFrom: 'given',
      hasEnded: true,
    })
  })

  it('says so when it is believed by its own key', async () => {
    expect(await verifyPack(pack, [], sha256)).toMatchObject({ ok: true, keyFrom: 'pack' })
  })

  it('is refused by another key', async () => {
    const other = sealing().key.verifierKey(origin)
    expect(await verifyPack(pack, [other], sha256)).toMatchObject({
      ok: false,
      defect: { kind: 'key_unknown' },
    })
  })

  it('is the same bytes for the same state', async () => {
    expect((await makeEvidencePack(database, executionId.toUpperCase())).bytes).toEqual(pack)
  })

  it('has a report for people, which cannot say anything else than the rest', async () => {
    const report = textOfUtf8(readZip(pack)!.find(({ name }) => name === 'report.html')!.content)!
    expect(report).toContain(`Evidence of execution ${executionId}`)
    expect(report).toContain('stranger is not welcome')
    expect(report).not.toContain('<script')
    const verdict = await verifyPack(
      forged(rewrite('report.html', (text) => text.replaceAll('failed', 'completed'))),
      [],
      sha256,
    )
    expect(verdict).toMatchObject({ ok: false, defect: { kind: 'pack_file_altered', file: 'report.html' } })
  })

  it('does not survive a single flipped bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(pack.length * 8 - 1), async (bit) => {
        const altered = Uint8Array.from(pack)
        altered[bit >> 3]! ^= 1 << (bit & 7)
        expect((await verifyPack(altered, [], sha256)).ok).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  it('does not survive being cut, or added to', async () => {
    for (const altered of [pack.slice(0, -1), pack.slice(1), Uint8Array.from([...pack, 0]), new Uint8Array()])
      expect(await verifyPack(altered, [], sha256)).toMatchObject({
        ok: false,
        defect: { kind: 'pack_unreadable' },
      })
  })

  it('names the file that is missing, altered, or beside the list', async () => {
    const files = readZip(pack)!
    const without = files.filter(({ name }) => name !== 'run.json')
    expect(await verifyPack(writeZip(without), [], sha256)).toMatchObject({
      defect: { kind: 'pack_file_missing', file: 'run.json' },
    })
    expect(
      await verifyPack(writeZip([...files, { name: 'more', content: utf8('') }]), [], sha256),
    ).toMatchObject({
      defect: { kind: 'pack_file_unlisted', file: 'more' },
    })
    const altered = rewrite('run.json', (text) => text.replace('failed', 'fallen'))([...files])
    expect(await verifyPack(writeZip(altered), [], sha256)).toMatchObject({
      defect: { kind: 'pack_file_altered', file: 'run.json' },
    })
  })
})

describe('a pack whose list of digests was made to fit', () => {
  it.each([
    [
      'an event altered',
      'events.jsonl',
      (text: string) => text.replace('stranger is not welcome', 'all went well'),
      'pack_file_altered',
    ],
    ['an event left out', 'events.jsonl', (text: string) => text.replace(/^.*\n/, ''), 'pack_file_altered'],
    [
      'the status altered',
      'run.json',
      (text: string) => text.replace('"status":"failed"', '"status":"completed"'),
      'pack_file_altered',
    ],
    [
      'a status that is no text',
      'run.json',
      (text: string) => text.replace('"status":"failed"', '"status":{"toString":1,"valueOf":1}'),
      'pack_unreadable',
    ],
    ['no JSON', 'run.json', () => '{', 'pack_unreadable'],
    ['no events', 'events.jsonl', () => '[]\n', 'pack_unreadable'],
    ['no definition', 'definition.json', () => '[]', 'pack_unreadable'],
  ] as const)('%s', async (...[, name, change, kind]) => {
    expect(await verifyPack(forged(rewrite(name, change)), [], sha256)).toMatchObject({
      ok: false,
      defect: { kind },
    })
  })

  it('a report made to fit, too, and an event altered', async () => {
    const verdict = await verifyPack(
      forged((files) => {
        const change = (text: string) => text.replaceAll('stranger is not welcome', 'all went well')
        return ['events.jsonl', 'report.html'].reduce((all, name) => rewrite(name, change)([...all]), files)
      }),
      [],
      sha256,
    )
    expect(verdict).toMatchObject({ ok: false, defect: { kind: 'proof_invalid' } })
  })

  it('signed anew by the forger', async () => {
    const forger = sealing({ origin })
    const theirs = await openTestDatabase('postgres')
    const [other = ''] = await greet(theirs, ['stranger'])
    await forger.seal(theirs)
    const { bytes } = await makeEvidencePack(theirs, other)
    expect(await verifyPack(bytes, [], sha256)).toMatchObject({ ok: true, keyFrom: 'pack' })
    expect(await verifyPack(bytes, [sealer.key.verifierKey(origin)], sha256)).toMatchObject({
      ok: false,
      defect: { kind: 'key_unknown' },
    })
  })
})

describe('a pack of an execution that went on after a restart of the log', () => {
  it('has the proofs of both logs, and takes a key for each', async () => {
    const restarted = await openTestDatabase('postgres')
    const own = sealing()
    const [id = ''] = await greet(restarted, ['guest'])
    const { origin: first } = await own.seal(restarted)
    const actor = { type: 'user', id: 'ops' } as const
    const { origin: second } = await restartLog(restarted, { ...own, actor, reason: 'restored' })
    await record(restarted, operations(1, { executionId: id, action: 'looked at' }))
    await own.seal(restarted)
    const { bytes } = await makeEvidencePack(restarted, id)
    const keys = [own.key.verifierKey(first), own.key.verifierKey(second)]
    expect(await verifyPack(bytes, keys, sha256)).toMatchObject({
      ok: true,
      origin: second,
      earlierLogs: [{ origin: first }],
    })
    expect(await verifyPack(bytes, [], sha256)).toMatchObject({ ok: true, keyFrom: 'pack' })
    for (const key of keys)
      expect(await verifyPack(bytes, [key], sha256)).toMatchObject({ defect: { kind: 'key_unknown' } })
  })
})

describe('no pack is made', () => {
  it('of an execution that is not there, is another tenant’s, or has events that no checkpoint covers', async () => {
    await expect(makeEvidencePack(database, '00000000-0000-7000-8000-000000000000')).rejects.toMatchObject({
      code: 'execution_not_found',
    })
    const theirs = makeEvidencePack(database, executionId, { tenant: 'another' })
    await expect(theirs).rejects.toMatchObject({ code: 'execution_not_found' })
    expect((await makeEvidencePack(database, executionId, { tenant: 'default' })).bytes).toEqual(pack)
    await record(database, operations(1, { executionId, action: 'looked at again' }))
    await expect(makeEvidencePack(database, executionId)).rejects.toMatchObject({ code: 'event_not_sealed' })
  })
})
