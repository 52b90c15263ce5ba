import { createHash, createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hash } from '../../test/trees.ts'
import { leafVectors } from '../../test/vectors.ts'
import { hexOf } from '../bytes/hex.ts'
import { canonicalJson } from '../canonical-json.ts'
import { sha256 } from '../hash/sha256.ts'
import { commitmentsOf, entryOf, envelopeKeyOf } from './leaf.ts'
import { bodyColumns, envelopeColumns, type WholeRecord } from './sealed-record.ts'
import { storedDetails } from './stored-details.ts'

describe('the vectors of another implementation', () => {
  it.each(leafVectors.leaves)('leaf $leafHash', (vector) => {
    const { salt, envelope, body } = vector
    const commitments = commitmentsOf({ salt, envelope, body }, sha256)
    expect(commitments).toEqual({ envelope: vector.envelopeCommitment, body: vector.bodyCommitment })
    expect(new TextDecoder().decode(entryOf(commitments))).toBe(vector.entry)
    expect(hexOf(hash.leaf(entryOf(commitments)))).toBe(vector.leafHash)
    expect(envelopeKeyOf(salt, sha256)).toBe(vector.envelopeKey)
  })

  it.each(leafVectors.leaves)(
    'leaf $leafHash, erased',
    ({ envelope, envelopeKey, bodyCommitment, leafHash }) => {
      const commitments = commitmentsOf(
        { envelope, body: null, envelopeKey, bodyHash: bodyCommitment },
        sha256,
      )
      expect(hexOf(hash.leaf(entryOf(commitments)))).toBe(leafHash)
    },
  )
})

const [vector] = leafVectors.leaves
const record: WholeRecord = { salt: vector!.salt, envelope: vector!.envelope, body: vector!.body }

it('changes with every column, and with the salt', () => {
  const before = commitmentsOf(record, sha256)
  for (const column of envelopeColumns) {
    const altered = { ...record, envelope: { ...record.envelope, [column]: 'altered' } }
    expect(commitmentsOf(altered, sha256).envelope, column).not.toBe(before.envelope)
    expect(commitmentsOf(altered, sha256).body, column).toBe(before.body)
  }
  for (const column of bodyColumns) {
    const altered = { ...record, body: { ...record.body, [column]: 'altered' } }
    expect(commitmentsOf(altered, sha256).body, column).not.toBe(before.body)
    expect(commitmentsOf(altered, sha256).envelope, column).toBe(before.envelope)
  }
  const salted = commitmentsOf({ ...record, salt: record.salt.replace('0', '1') }, sha256)
  expect(salted.envelope).not.toBe(before.envelope)
  expect(salted.body).not.toBe(before.body)
})

it('is made over canonical JSON, whatever the order of the columns', () => {
  const body = fc.record({
    message: fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    details: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value))),
  })
  fc.assert(
    fc.property(body, (drawn) => {
      const whole = { ...record.body, ...drawn }
      const commitments = commitmentsOf({ ...record, body: whole }, sha256)
      const turned = Object.fromEntries(Object.entries(whole).toReversed()) as WholeRecord['body']
      expect(commitmentsOf({ ...record, body: turned }, sha256)).toEqual(commitments)
      const key = createHmac('sha256', Buffer.from(record.salt.replaceAll('-', ''), 'hex'))
        .update('body')
        .digest()
      const digest = createHash('sha256')
        .update(key.subarray(0, 16))
        .update(canonicalJson(whole))
        .digest('hex')
      expect(commitments.body).toBe(digest)
    }),
    { numRuns: 50 },
  )
})

describe('stored details', () => {
  it('are the JSON value where JavaScript has it exactly', () => {
    for (const text of [
      '{"a": 1.5, "b": [1e3]}',
      '{"n": 9.000000000000000000e-1}',
      '{"n": 0.1000000000000000000}',
      '{"n": 100000000000000000000}',
    ])
      expect(typeof storedDetails(text), text).toBe('object')
  })

  it('are the text where it has not', () => {
    for (const text of [
      '{"n": 12345678901234567890}',
      '{"n": 0.12345678901234567891}',
      `{"n": ${'9'.repeat(400)}}`,
      `{"deep": ${'['.repeat(1200)}${']'.repeat(1200)}}`,
    ])
      expect(storedDetails(text), text).toBe(text)
  })

  it('never tell two values that differ as one', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 25n }),
        fc.bigInt({ min: 1n, max: 3n }),
        (number, more) => {
          const [one, other] = [number, number + more].map((value) => storedDetails(`{"n": ${value}}`))
          expect(one).not.toEqual(other)
        },
      ),
    )
  })
})
