import { createHash, createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { hexOf } from '../bytes/hex.ts'
import { utf8 } from '../bytes/bytes.ts'
import { hmacSha256 } from './hmac.ts'
import { sha256 } from './sha256.ts'

it('gives the digests of FIPS 180-4', () => {
  expect(hexOf(sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hexOf(sha256(utf8('')))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

it('gives what Node gives, for every length about the bounds of blocks', () => {
  for (let length = 0; length < 200; length++) {
    const data = new Uint8Array(length).fill(length)
    expect(hexOf(sha256(data))).toBe(createHash('sha256').update(data).digest('hex'))
  }
})

it('gives what Node gives, also for a part of a buffer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.nat(70), (data, start) => {
      const part = data.subarray(Math.min(start, data.length))
      expect(hexOf(sha256(part))).toBe(createHash('sha256').update(part).digest('hex'))
    }),
  )
})

it('makes the HMAC that Node makes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array(), (key, message) => {
      expect(hexOf(hmacSha256(key, message, sha256))).toBe(
        createHmac('sha256', key).update(message).digest('hex'),
      )
    }),
  )
})
