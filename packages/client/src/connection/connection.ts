import type { z } from 'zod'
import { answerError, jsonOf, unreachable } from './answer-error.ts'
import { checkedAnswer } from './checked-answer.ts'
import { baseUrl, checkedKey, checkedTimeout, type ConnectionOptions } from './connection-options.ts'
import { idempotencyHeader } from './idempotency-header.ts'

/** One request. */
export interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** From `/api` on. */
  readonly path: string
  /** What is undefined is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** JSON. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Under which it may be sent again, whatever became of it. */
  readonly idempotencyKey?: string | undefined
  /** That it leaves an event each time, so that it is not asked again by itself, though a GET. */
  readonly leavesEvent?: true
  readonly signal?: AbortSignal | undefined
  /** In place of the connection's. */
  readonly timeoutMs?: number
}

/**
 * Asks one server. Every method throws a `TrailError`: that of the problem which the server tells, or
 * `server_unreachable` when none answers in time, or not as one does; the signal's reason when the caller's aborts.
 */
export class Connection {
  /** Where the server is, without a slash at its end. */
  readonly url: string
  readonly #options: ConnectionOptions
  readonly #timeoutMs: number

  constructor(options: ConnectionOptions) {
    this.url = baseUrl(options.url)
    this.#timeoutMs = checkedTimeout(options.timeoutMs)
    if (typeof options.apiKey === 'string') checkedKey(options.apiKey)
    this.#options = options
  }

  /** The JSON of the answer, as its schema says. */
  async json<Schema extends z.ZodType>(asked: Asked, schema: Schema): Promise<z.output<Schema>> {
    return (await this.whole(asked, schema)).value
  }

  /** The JSON of the answer and its headers. */
  async whole<Schema extends z.ZodType>(
    asked: Asked,
    schema: Schema,
  ): Promise<{ readonly value: z.output<Schema>; readonly headers: Headers }> {
    return await this.#within(asked, async (response) => {
      const value = jsonOf(await response.text())
      return { value: checkedAnswer(value, schema, this.#name(asked)), headers: response.headers }
    })
  }

  /** The bytes of the answer, whole. */
  async bytes(asked: Asked): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#within(asked, async (response) => new Uint8Array(await response.arrayBuffer()))
  }

  /** An answer that has begun well; the signal ends it, too. */
  async open(asked: Asked): Promise<Response> {
    return await this.#within(asked, (response) => Promise.resolve(response))
  }

  /** Time is up unless the answer was used within it. */
  async #within<T>(asked: Asked, use: (response: Response) => Promise<T>): Promise<T> {
    const { signal, timeoutMs = this.#timeoutMs } = asked
    signal?.throwIfAborted()
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), timeoutMs)
    try {
      const either = signal ? AbortSignal.any([signal, late.signal]) : late.signal
      const response = await this.#ask(asked, either)
      if (!response.ok) throw await answerError(response, this.#name(asked))
      return await use(response)
    } catch (error) {
      signal?.throwIfAborted()
      if (late.signal.aborted)
        throw unreachable(`${this.#name(asked)} was not answered within ${timeoutMs} ms`, {}, error)
      if (error instanceof TypeError)
        throw unreachable(`${this.#name(asked)} was not answered: ${reasonOf(error)}`, {}, error)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** A server ends connections that are idle, perhaps just when one is used again: what may be repeated is asked once more. */
  async #ask(asked: Asked, signal: AbortSignal): Promise<Response> {
    try {
      return await this.#fetch(asked, signal)
    } catch (error) {
      const onlyReads = asked.method === 'GET' && asked.leavesEvent !== true
      const mayRepeat = onlyReads || asked.idempotencyKey !== undefined
      if (!mayRepeat || signal.aborted || !(error instanceof TypeError)) throw error
      return await this.#fetch(asked, signal)
    }
  }

  async #fetch(asked: Asked, signal: AbortSignal): Promise<Response> {
    const { method, path, query = {}, body, headers } = asked
    const { apiKey, fetch: carry = fetch } = this.#options
    const search = searchOf(query)
    const key = typeof apiKey === 'function' ? await apiKey() : apiKey
    return await carry(`${this.url}${path}${search}`, {
      method,
      signal,
      // A key is for this server alone, and a POST that is sent on becomes a GET.
      redirect: 'manual',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { authorization: `Bearer ${checkedKey(key)}` }),
        ...idempotencyHeader(asked),
        ...headers,
      },
      ...(body !== undefined && { body }),
    })
  }

  /** What was asked, for messages; without the query, which may hold what is nobody's business. */
  #name({ method, path }: Asked): string {
    return `${method} ${this.url}${path}`
  }
}

/** With its question mark; empty for none. */
function searchOf(query: NonNullable<Asked['query']>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value))
  return parameters.size === 0 ? '' : `?${parameters.toString()}`
}

/** What failed, from the deepest cause, since `fetch` says only that it did. */
function reasonOf(error: Error): string {
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message || ('code' in cause ? String(cause.code) : cause.name)
}
