import type { Server } from '../src/index.ts'
import { conformanceWith } from './conformance.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into it as they expect it to be
type Json = any

/** What a server answered. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Json
}

/** Asks a server. */
export interface Asking {
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Answered>
  readonly post: (
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answered>
  readonly send: (path: string, init: RequestInit) => Promise<Answered>
}

/** Keeps the mark at the beginning, which `text()` takes away. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Asks without a socket. An answer that is not as the API describes itself is an error. */
export function asked(server: Server): Asking {
  const problemWith = conformanceWith(server.openApi)
  const send = async (path: string, init: RequestInit): Promise<Answered> => {
    const request = new Request(`http://127.0.0.1:4680${path}`, init)
    const response = await server.fetch(request)
    const text = decoder.decode(await response.arrayBuffer())
    const mediaType = response.headers.get('content-type')?.split(';')[0] ?? ''
    const body: unknown = /^application\/(?:problem\+)?json$/.test(mediaType) ? JSON.parse(text) : text
    const { status, headers } = response
    const { pathname } = new URL(request.url)
    const problem = problemWith({ method: request.method, path: pathname, status, mediaType, body })
    if (problem !== null) throw new Error(problem)
    return { status, headers, text, body }
  }
  return {
    send,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, body, headers = {}) =>
      send(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
  }
}
