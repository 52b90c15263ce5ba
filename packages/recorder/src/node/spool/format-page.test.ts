import { readFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { readSegment, segmentHeader } from './segment.ts'
import { encodeRecords } from './record.ts'

const page = await readFile(new URL('../../../../../docs/reference/spool-format.md', import.meta.url), 'utf8')

test('the page on the format prints the bytes that are written', () => {
  const [, printed = ''] = /```text\n(53 54 [^]*?)```/.exec(page) ?? []
  const bytes = Buffer.from(printed.replaceAll(/ {3}.*$/gm, '').replaceAll(/\s/g, ''), 'hex')
  const event = {
    id: '0199f0c4-5a1e-7cc3-8d26-3a5d0c3f9a11',
    timestampMs: 0x0199f0c45a1e,
    json: '{"status":"SUCCESS"}',
  }
  expect(page).toContain(`id \`${event.id}\` and the text \`${event.json}\``)
  expect(bytes).toEqual(Buffer.concat([segmentHeader(), encodeRecords([event])]))
  expect(readSegment(bytes)).toEqual({ events: [{ event, offset: 16, end: bytes.length }], damages: [] })
})

test('the page on the format names the checksum by its check value', () => {
  expect(page).toContain(`\`123456789\` is \`${crc32('123456789').toString(16)}\``)
})
