import fc from 'fast-check'
import { expect, test } from 'vitest'
import { messageLines, tooLong } from './message-lines.ts'

async function* cut(bytes: Buffer, places: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0
  for (const place of places.map((each) => each % (bytes.length + 1)).toSorted((a, b) => a - b)) {
    yield bytes.subarray(from, place)
    from = place
  }
  yield bytes.subarray(from)
}

async function linesOf(input: AsyncIterable<Buffer | string>, maxBytes: number) {
  const lines: unknown[] = []
  for await (const line of messageLines(input, maxBytes)) lines.push(line)
  return lines
}

test('lines are the same however a stream is cut, and the rest after the last newline is none', async () => {
  const line = fc.stringMatching(/^[^\n\ud800-\udfff]{0,20}$/u)
  await fc.assert(
    fc.asyncProperty(fc.array(line), line, fc.array(fc.nat(400)), async (lines, rest, places) => {
      const text = lines.map((each) => `${each}\n`).join('') + rest
      const expected = lines.map((each) => (Buffer.byteLength(each) > 12 ? tooLong : each))
      expect(await linesOf(cut(Buffer.from(text), places), 12)).toEqual(expected)
    }),
  )
})

test('text is taken as well as bytes', async () => {
  async function* input() {
    yield 'a\nb'
    yield Buffer.from('c\n')
  }
  expect(await linesOf(input(), 2)).toEqual(['a', 'bc'])
})
