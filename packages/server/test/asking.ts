// oxlint-disable-next-line typescript/no-explicit-any -- tests look into it as they expect it to be
type Json = any

/** What a server answered. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

/** Asks a server. */
export interface Asking {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answered>
  post(path: string, body: string, mediaType?: string): Promise<Answered>
  send(path: string, init: RequestInit): Promise<Answered>
}

/** What answers requests. */
export interface Answering {
  fetch(request: Request): Promise<Response>
}

/** Asks without a socket. */
export function asked(server: Answering): Asking {
  const send = async (path: string, init: RequestInit): Promise<Answered> => {
    const response = await server.fetch(new Request(`http://127.0.0.1:4680${path}`, init))
    const text = await response.text()
    const isJson = /^application\/(?:problem\+)?json/.test(response.headers.get('content-type') ?? '')
    const body: unknown = isJson ? JSON.parse(text) : text
    return { status: response.status, headers: response.headers, body }
  }
  return {
    send,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, body, mediaType = 'application/json') =>
      send(path, { method: 'POST', body, headers: { 'content-type': mediaType } }),
  }
}
