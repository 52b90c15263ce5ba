/** What is given in place of a line that is longer than it may be. */
export const tooLong = Symbol('too long')

const newline = 0x0a

/**
 * The lines of a stream of bytes, as UTF-8, each when it is whole; what comes after the last newline is no line. One over
 * `maxBytes` is passed over, and kept nowhere meanwhile.
 */
export async function* messageLines(
  input: AsyncIterable<Buffer | string>,
  maxBytes: number,
): AsyncGenerator<string | typeof tooLong, void, undefined> {
  let parts: Buffer[] = []
  let bytes = 0
  for await (const chunk of input) {
    const given = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    let from = 0
    for (let to = given.indexOf(newline); to >= 0; to = given.indexOf(newline, from)) {
      bytes += to - from
      yield bytes > maxBytes ? tooLong : Buffer.concat([...parts, given.subarray(from, to)]).toString()
      from = to + 1
      parts = []
      bytes = 0
    }
    bytes += given.length - from
    if (bytes > maxBytes) parts = []
    else parts.push(given.subarray(from))
  }
}
