import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { acceptedEncodings } from './accepted-encodings.ts'

const compress = promisify(gzip)

/** From so many characters on, to compress costs less than what it saves on any network. */
export const compressedFrom = 16 * 1024

/**
 * An answer in JSON. A long one to a read is compressed where the request takes it so: a list of events is a tenth then.
 * It is done beside the thread that answers, and quickly rather than as well as can be.
 */
export async function jsonAnswer(request: Request, value: unknown, status: number): Promise<Response> {
  const text = JSON.stringify(value)
  const headers = { 'content-type': 'application/json', vary: 'accept-encoding' }
  const takesGzip = acceptedEncodings(request.headers.get('accept-encoding')).has('gzip')
  if (request.method !== 'GET' || !takesGzip || text.length < compressedFrom)
    return new Response(text, { status, headers })
  const body = await compress(text, { level: constants.Z_BEST_SPEED })
  return new Response(body, { status, headers: { ...headers, 'content-encoding': 'gzip' } })
}
