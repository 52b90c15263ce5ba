import type { Database } from '@steptrail/core'
import { createSaga } from '@steptrail/saga'
import { openTestDatabase } from '@steptrail/testkit'
import {
  canonicalJson,
  checkpointText,
  describeDefect,
  type Json,
  noteText,
  type PackContent,
  type PackedEvent,
  parseNote,
  readZip,
  type SealedRecord,
  sha256,
  textOfUtf8,
  utf8,
  verifyPack,
  writePack,
  writeZip,
} from '@steptrail/verify'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Forgery, forgedPack, rewrite } from '../../test/forged-pack.ts'
import { greet, greeting } from '../../test/greeting.ts'
import { operations, record, sealing } from '../../test/logs.ts'
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

/** The content of a pack, which a forger changes before the whole pack is made anew. */
function remade(change: (content: PackContent) => PackContent, of: Uint8Array = pack): Uint8Array {
  const files = new Map(readZip(of)!.map(({ name, content }) => [name, textOfUtf8(content)!]))
  const { executionId: id, run } = JSON.parse(files.get('run.json')!) as PackContent
  const events = files
    .get('events.jsonl')!
    .trimEnd()
    .split('\n')
    .map((line): PackedEvent => {
      const { log, index, ...sealed } = JSON.parse(line) as PackedEvent & SealedRecord
      return { log, index, record: sealed, proof: files.get(`proofs/${index}.tlog-proof`)! }
    })
  const definition = JSON.parse(files.get('definition.json')!) as PackContent['definition']
  const logs = [{ checkpoint: files.get('checkpoint.txt')!, vkey: files.get('log.vkey')!.trimEnd() }]
  return writePack(change({ executionId: id, run, definition, events, logs }), sha256)
}

/** Every place of a value within a value. */
function placesIn(value: unknown): readonly (readonly [holder: object, key: string])[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => [[value, key] as const, ...placesIn(part)])
}

type Run = NonNullable<PackContent['run']>
const withRun = (change: (run: Run) => Run) => (content: PackContent) => ({
  ...content,
  run: change(content.run!),
})
const withExecution = (execution: Partial<Run['execution']>) =>
  withRun((run) => ({ ...run, execution: { ...run.execution, ...execution } }))

describe('a pack of which everything was made anew', () => {
  it('is the same where nothing was changed', () => {
    expect(remade((content) => content)).toEqual(pack)
  })

  it.each<[string, (content: PackContent) => PackContent, RegExp]>([
    [
      'without the execution, and with fewer events',
      (content) => ({ ...content, run: null, definition: null, events: content.events.toSpliced(3, 2) }),
      /event 1 ORCHESTRATION_STARTED is of it, and it is not in the pack/,
    ],
    [
      'without the execution, and with another definition',
      (content) => ({
        ...content,
        run: null,
        events: content.events.slice(-1),
        definition: { steps: [] },
      }),
      /^definition.json: is of an execution that is not in the pack/,
    ],
    [
      'without the definition',
      (content) => ({ ...content, definition: null }),
      /its definition is not there/,
    ],
    [
      'as that of another engine, of which less is compared',
      withRun((run) => ({ ...run, execution: { ...run.execution, engine: 'temporal' }, transitions: [] })),
      /it is of the engine temporal, and ORCHESTRATION_STARTED says "steptrail"/,
    ],
    [
      'with a status that is none',
      withExecution({ status: 'constructor' }),
      /it is constructor, which no execution/,
    ],
    [
      'with a status of nobody’s',
      withExecution({ status: 'approved' }),
      /it is approved, which no execution/,
    ],
    [
      'with a transition to what is no state',
      withRun((run) => ({
        ...run,
        transitions: run.transitions.map((one, place) =>
          place === 0 ? { ...one, to_state: 'constructor' } : one,
        ),
      })),
      /from null to constructor is not allowed/,
    ],
    [
      'with another result that calls itself erased',
      withRun((run) => ({
        ...run,
        transitions: run.transitions.map(({ metadata, ...one }) => ({
          ...one,
          metadata: {
            ...metadata,
            erased_by: one.workflow_step_transition_uuid,
            event: { result: 'all went well' },
          },
        })),
      })),
      /its result is not the one that event \d+ has the digest of/,
    ],
    ['without its input', withExecution({ input: null }), /its input is not the one/],
    [
      'with an input that calls itself erased',
      withExecution({ input: { erased_by: 'x' } }),
      /its input is not the one/,
    ],
    [
      'of another execution',
      withExecution({ execution_id: '0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11' }),
      /run.json: is of another/,
    ],
    [
      'with a proof that says more',
      (content) => ({
        ...content,
        events: content.events.map((event) => ({
          ...event,
          proof: event.proof.replace('\n', '\nextra AAAA\n'),
        })),
      }),
      /holds more than a proof/,
    ],
    [
      'with a word beside what was sealed',
      (content) => ({
        ...content,
        events: content.events.map((event) => ({ ...event, record: { ...event.record, note: 'approved' } })),
      }),
      /^events.jsonl: does not hold/,
    ],
    [
      'with a checkpoint of another origin, signed by a key that is trusted',
      (content) => ({
        ...content,
        logs: content.logs.map(({ vkey }) => {
          const text = checkpointText({ origin: 'example.com/other', size: 317, root: new Uint8Array(32) })
          return {
            vkey,
            checkpoint: noteText({ text, signatures: sealer.key.signatures(text, { origin, time: 0 }) }),
          }
        }),
      }),
      /signed by no key that is trusted/,
    ],
    [
      'signed at a time that is none',
      (content) => ({
        ...content,
        logs: content.logs.map(({ vkey, checkpoint }) => {
          const { text } = parseNote(checkpoint)!
          return {
            vkey,
            checkpoint: noteText({
              text,
              signatures: sealer.key.signatures(text, { origin, time: 2 ** 52 }),
            }),
          }
        }),
      }),
      /the signature of the checkpoint given over 317 entries does not hold/,
    ],
  ])('%s', async (_what, change, problem) => {
    const verdict = await verifyPack(remade(change), [sealer.key.verifierKey(origin)], sha256)
    expect(verdict.ok ? 'nothing is wrong' : describeDefect(verdict.defect)).toMatch(problem)
  })

  it('with a value of whatever kind anywhere: it says what is wrong, if that matters', async () => {
    const kinds = [null, true, 0, -1, 2 ** 60, '', 'constructor', '__proto__', [], {}, ['complete'], [null]]
    const noText = { toString: 1, valueOf: 1 }
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Json>(...kinds, noText),
        fc.nat(),
        fc.boolean(),
        async (value, at, isRun) => {
          const change = (text: string): string => {
            const content: unknown = JSON.parse(text)
            const places = placesIn(content)
            const [holder, key] = places[at % places.length]!
            Object.defineProperty(holder, key, { value, enumerable: true })
            return `${canonicalJson(content as Json)}\n`
          }
          const verdict = await verifyPack(
            forged(rewrite(isRun ? 'run.json' : 'definition.json', change)),
            [],
            sha256,
          )
          if (!verdict.ok) expect(describeDefect(verdict.defect)).toMatch(/./)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('with a file that is in the list, and in no pack', async () => {
    const more = forged((files) => [...files, { name: 'statement.html', content: utf8('all went well') }])
    expect(await verifyPack(more, [], sha256)).toMatchObject({ defect: { file: 'statement.html' } })
    const files = readZip(pack)!
    const turned = writeZip([files.at(-1)!, ...files.slice(0, -1)])
    expect(await verifyPack(turned, [], sha256)).toMatchObject({ defect: { kind: 'pack_file_altered' } })
  })

  it('says that it is of what was on record then where the execution had not ended', async () => {
    const running = await openTestDatabase('postgres')
    const { id, own } = await notEnded(running)
    await own.seal(running)
    const { bytes } = await makeEvidencePack(running, id)
    expect(await verifyPack(bytes, [], sha256)).toMatchObject({ ok: true, hasEnded: false })
    expect(textOfUtf8(readZip(bytes)![0]!.content)).toContain('may have left out the latest')
    expect(textOfUtf8(readZip(pack)![0]!.content)).not.toContain('may have left out the latest')
  })
})

async function notEnded(running: Database) {
  await using saga = await createSaga(running)
  const { executionId: id } = await saga.start(greeting, { guest: 'friend' })
  return { id, own: sealing() }
}
