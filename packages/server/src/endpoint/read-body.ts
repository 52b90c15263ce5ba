import { isAscii, isUtf8 } from 'node:buffer'
import { TrailError } from '@steptrail/event'

/** The JSON of a request. Throws `unsupported_media_type`, `limit_exceeded` and `invalid_input`. */
export async function readJsonBody(request: Request, maxBytes: number): Promise<unknown> {
  requireMediaType(request, ['application/json'])
  const { bytes, encoding } = await readTextBody(request, maxBytes)
  return parseJson(bytes.toString(encoding))
}

/** Levels of lists and objects in each other: far more than any message has, and far fewer than a stack holds. */
const mostLevels = 500

/** What reads a value goes into it level by level, and would run out of stack. Throws `invalid_input`. */
export function requireShallow(value: unknown): void {
  let level: readonly object[] = isNested(value) ? [value] : []
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > mostLevels)
      throw new TrailError(
        'invalid_input',
        `the body is nested deeper than ${mostLevels} levels: send less in it`,
      )
    level = level.flatMap((each) => Object.values(each).filter(isNested))
  }
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The media type of a request's body, one of those allowed. Throws `unsupported_media_type`. */
export function requireMediaType(request: Request, allowed: readonly string[]): string {
  const given = request.headers.get('content-type')
  const mediaType = given?.split(';')[0]?.trim().toLowerCase() ?? ''
  requirePlain(request)
  if (allowed.includes(mediaType)) return mediaType
  throw new TrailError(
    'unsupported_media_type',
    `the body is ${given === null ? 'of no named type' : JSON.stringify(given.slice(0, 100))}: send Content-Type ${allowed.join(' or ')}`,
  )
}

/** A compressed body says nothing of how long it is. */
function requirePlain({ headers }: Request): void {
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity') return
  throw new TrailError(
    'unsupported_media_type',
    `the body has the Content-Encoding ${JSON.stringify(encoding.slice(0, 100))}: send it as it is`,
  )
}

/** The bytes of a text in UTF-8, and how to read them. */
export interface TextBytes {
  readonly bytes: Buffer
  /** Where all of them are ASCII, they are copied as they are, in a third of the time. */
  readonly encoding: 'latin1' | 'utf8'
}

/** The text of a request. Throws `limit_exceeded` for a longer one, and `invalid_input` for what is not UTF-8. */
export async function readTextBody(request: Request, maxBytes: number): Promise<TextBytes> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > maxBytes) throw tooLong(maxBytes, `${announced} bytes`)
  const bytes = announced > 0 ? await readAll(request) : Buffer.concat(await readBounded(request, maxBytes))
  if (isAscii(bytes)) return { bytes, encoding: 'latin1' }
  if (!isUtf8(bytes)) throw new TrailError('invalid_input', 'the body is not UTF-8: send it in UTF-8')
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return { bytes: hasMark ? bytes.subarray(3) : bytes, encoding: 'utf8' }
}

/** As long as was announced: HTTP itself sees to that. */
async function readAll(request: Request): Promise<Buffer> {
  return Buffer.from(await request.arrayBuffer())
}

async function readBounded(request: Request, maxBytes: number): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = []
  let length = 0
  if (!request.body) return []
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    length += chunk.byteLength
    if (length > maxBytes) throw tooLong(maxBytes, 'more')
  }
  return chunks
}

/** The value of a JSON text. Throws `invalid_input`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new TrailError('invalid_input', `the body is not JSON: ${problem.slice(0, 200)}`, { cause })
  }
}

const tooLong = (maxBytes: number, given: string): TrailError =>
  new TrailError(
    'limit_exceeded',
    `the body has ${given}, and at most ${maxBytes} are taken: send less at once`,
    { details: { limit: maxBytes, unit: 'bytes' } },
  )
