import { crc32 as crc32OfNode } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { utf8 } from '../bytes/bytes.ts'
import { crc32 } from './crc32.ts'

it('has the known answer', () => {
  expect(crc32(utf8('123456789'))).toBe(0xcbf43926)
})

it('is the checksum by which others check a zip file', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      expect(crc32(bytes)).toBe(crc32OfNode(bytes))
    }),
  )
})
