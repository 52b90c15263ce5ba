import { createPrivateKey, sign } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hash, leafOf } from '../../test/trees.ts'
import { noteVectors } from '../../test/vectors.ts'
import { hexOf } from '../bytes/hex.ts'
import { verifyInclusion } from '../tree/proof.ts'
import { checkpointText, parseCheckpoint, parseCheckpointText } from './checkpoint.ts'
import { cosignedBytes, noteText, parseNote, timestampedSignature, verifyNote } from './signed-note.ts'
import { parseTlogProof, tlogProofText } from './tlog-proof.ts'
import { keyIdOf, keyOfType, parseVkey, vkeyOf } from './verifier-key.ts'

const key = parseVkey(noteVectors.vkey)!
const cosigner = parseVkey(noteVectors.cosignatureVkey)!
const note = parseNote(noteVectors.checkpoint)!

const privateKey = createPrivateKey({
  key: Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from(noteVectors.seed, 'hex'),
  ]),
  format: 'der',
  type: 'pkcs8',
})

describe('a signed note', () => {
  it('of the specification holds', async () => {
    const example = parseVkey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')!
    const signed =
      'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
    expect(await verifyNote(parseNote(signed)!, [example])).toMatchObject({ ok: true })
  })

  it('is signed byte by byte as another implementation signs it', () => {
    const signatures = [
      {
        name: key.name,
        keyId: keyIdOf(key),
        signature: Uint8Array.from(sign(null, Buffer.from(note.text), privateKey)),
      },
      {
        name: key.name,
        keyId: keyIdOf(keyOfType(key, 'cosignature')),
        signature: timestampedSignature(
          noteVectors.time,
          sign(null, cosignedBytes(note.text, noteVectors.time), privateKey),
        ),
      },
    ]
    expect(noteText({ text: note.text, signatures })).toBe(noteVectors.checkpoint)
    expect([vkeyOf(key), vkeyOf(keyOfType(key, 'cosignature'))]).toEqual([
      noteVectors.vkey,
      noteVectors.cosignatureVkey,
    ])
  })

  it('tells who signed it, and when', async () => {
    expect(await verifyNote(note, [key, cosigner])).toEqual({
      ok: true,
      signedBy: [
        { key, time: null },
        { key: cosigner, time: noteVectors.time },
      ],
    })
  })

  it('is nothing without a key that is known', async () => {
    const stranger = { ...key, name: 'someone.example' }
    expect(await verifyNote(note, [stranger])).toMatchObject({ ok: false, problem: 'no_known_key' })
    expect(await verifyNote(note, [])).toMatchObject({ ok: false, problem: 'no_known_key' })
  })

  it('does not survive a single flipped bit', async () => {
    const bytes = new TextEncoder().encode(noteVectors.checkpoint)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const altered = Uint8Array.from(bytes)
        altered[bit >> 3]! ^= 1 << (bit & 7)
        const parsed = parseNote(new TextDecoder().decode(altered))
        const verdict = parsed && (await verifyNote(parsed, [key, cosigner]))
        expect(verdict?.ok === true && verdict.signedBy.length === 2 && parsed?.text === note.text).toBe(
          false,
        )
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    '',
    'text',
    'text\n',
    'text\n\n',
    'text\n\n— a b\n',
    'te\u0001xt\n\n— a AAAAAAAA\n',
    'text\n\n- a AAAAAAAA\n',
    'text\n\n— a AAAAAAAA',
  ])('%j is none', (text) => {
    expect(parseNote(text)).toBeNull()
  })
})

describe('a verifier key', () => {
  it.each([
    noteVectors.vkey.replace('log.example', 'log.examplf'),
    noteVectors.vkey.slice(0, -4),
    `${noteVectors.vkey}+x`,
    'a+00000000+AAAA',
    '',
  ])('%s is none', (vkey) => {
    expect(parseVkey(vkey)).toBeNull()
  })
})

describe('a checkpoint', () => {
  it('is read as it is written', () => {
    const { checkpoint } = parseCheckpoint(noteVectors.checkpoint)!
    expect({ ...checkpoint, root: hexOf(checkpoint.root) }).toMatchObject({ origin: key.name, size: 600 })
    expect(checkpointText(checkpoint)).toBe(note.text)
  })

  it.each([
    'a\n1\n',
    'a\n01\nAAAA\n',
    `\n1\n${'A'.repeat(43)}=\n`,
    `a\n-1\n${'A'.repeat(43)}=\n`,
    `a\n1\n${'A'.repeat(43)}=\n\n`,
    `a\n1\n${'A'.repeat(42)}B=\n`,
    `a\n1\n${'A'.repeat(43)}=`,
  ])('%j is none', (text) => {
    expect(parseCheckpointText(text)).toBeNull()
  })
})

describe('a proof for offline use', () => {
  it('is that of another implementation, and proves its leaf', () => {
    const proof = parseTlogProof(noteVectors.proof)!
    expect(tlogProofText(proof)).toBe(noteVectors.proof)
    const { checkpoint } = parseCheckpoint(proof.checkpoint)!
    const { size, root } = checkpoint
    const claim = { index: proof.index, size, root, leafHash: leafOf(300), proof: proof.hashes }
    expect(verifyInclusion(claim, hash)).toBe(true)
  })

  it('may carry what nobody vouches for', () => {
    const withExtra = noteVectors.proof.replace('\nindex', '\nextra AAAA\nindex')
    expect(parseTlogProof(withExtra)).toEqual(parseTlogProof(noteVectors.proof))
  })

  it.each([
    '',
    'c2sp.org/tlog-proof@v1\nindex 01\n\nx',
    'c2sp.org/tlog-proof@v2\nindex 1\n\nx',
    'c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx',
  ])('%j is none', (text) => {
    expect(parseTlogProof(text)).toBeNull()
  })
})
