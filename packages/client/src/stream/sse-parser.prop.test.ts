import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type SseMessage, SseParser } from './sse-parser.ts'

const line = fc.stringMatching(/^[^\r\n\0]{0,12}$/u)
const message = fc.record({
  kind: fc.option(fc.stringMatching(/^[a-z]{1,8}$/), { nil: undefined }),
  id: fc.option(fc.stringMatching(/^[\w-]{1,8}$/), { nil: undefined }),
  data: fc.array(line, { minLength: 1, maxLength: 3 }),
  comment: fc.option(line, { nil: undefined }),
})
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')

test('the messages of a stream are the same however its lines end and however it is cut', () => {
  fc.assert(
    fc.property(fc.array(message), lineEnd, fc.array(fc.nat(200)), (messages, end, cuts) => {
      const text = messages
        .flatMap(({ kind, id, data, comment }) => [
          ...(comment === undefined ? [] : [`: ${comment}`]),
          ...(kind === undefined ? [] : [`event: ${kind}`]),
          ...(id === undefined ? [] : [`id: ${id}`]),
          ...data.map((each) => `data: ${each}`),
          '',
        ])
        .map((each) => each + end)
        .join('')
      let last: string | undefined
      const expected = messages.map(({ kind = 'message', id, data }): SseMessage => {
        last = id ?? last
        return { kind, data: data.join('\n'), id: last }
      })
      const parser = new SseParser()
      const places = [...new Set([0, ...cuts.filter((cut) => cut < text.length), text.length])].toSorted(
        (a, b) => a - b,
      )
      const pieces = places.slice(1).map((place, index) => text.slice(places[index], place))
      // A carriage return alone ends a line only when it is known that no line feed follows.
      const read = [...pieces, ':\n'].flatMap((piece) => parser.push(piece))
      expect(read).toEqual(expected)
      expect(parser.lastEventId).toBe(last)
    }),
  )
})

test('an id without data counts, and tells nothing', () => {
  const parser = new SseParser()
  expect(parser.push('retry: 1000\nid: here\n\n: still here\n\n')).toEqual([])
  expect(parser.lastEventId).toBe('here')
})
