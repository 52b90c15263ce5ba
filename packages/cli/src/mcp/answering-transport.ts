import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { type JSONRPCMessage, JSONRPCMessageSchema, type RequestId } from '@modelcontextprotocol/sdk/types.js'
import { messageLines, tooLong } from './message-lines.ts'

/** Where the messages of a session come from, and where they go. */
export interface AnsweringTransportOptions {
  readonly input: AsyncIterable<Buffer | string>
  /** Writes to the output. */
  readonly write: (text: string) => void
}

/** The longest message that is taken, in bytes: 10 MiB, as by the SDK. */
const maxBytes = 10 * 1024 * 1024

/**
 * A session over input and output, a message a line, in place of the SDK's, which leaves without an answer what it does not
 * understand, and stands still after a message that is too long. It knows what is still to be answered, since input may
 * end before the answers are out.
 */
export class AnsweringTransport implements Transport {
  onmessage?: NonNullable<Transport['onmessage']>
  onerror?: (error: Error) => void
  onclose?: () => void
  readonly #options: AnsweringTransportOptions
  /** How many requests of each id have no answer yet. */
  readonly #open = new Map<RequestId, number>()
  readonly #ended = Promise.withResolvers<void>()
  #hasEnded = false
  #isClosed = false

  constructor(options: AnsweringTransportOptions) {
    this.#options = options
  }

  start(): Promise<void> {
    void this.#read()
    return Promise.resolve()
  }

  send(message: JSONRPCMessage): Promise<void> {
    this.#write(message)
    if (!('method' in message) && message.id !== undefined) this.#settle(message.id)
    return Promise.resolve()
  }

  /** Takes nothing more. Whoever reads the input goes on to do so until it ends. */
  close(): Promise<void> {
    this.#isClosed = true
    this.onclose?.()
    return Promise.resolve()
  }

  /** Resolves when the input has ended and every request that came has its answer. */
  answered(): Promise<void> {
    return this.#ended.promise
  }

  async #read(): Promise<void> {
    try {
      for await (const line of messageLines(this.#options.input, maxBytes)) {
        if (this.#isClosed) return
        this.#take(line)
      }
    } catch (cause) {
      if (!this.#isClosed) this.onerror?.(cause instanceof Error ? cause : new Error(String(cause)))
    }
    this.#hasEnded = true
    this.#endWhenAnswered()
  }

  #take(line: string | typeof tooLong): void {
    if (line === tooLong) return this.#refuse(null, invalidRequest, problems.tooLong)
    if (line.trim() === '') return
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (cause) {
      return this.#refuse(null, parseError, `${problems.noJson} (${(cause as Error).message})`)
    }
    // A batch, as revision 2025-03-26 has it: each is taken, and answered, by itself.
    const isBatch = Array.isArray(value) && value.length > 0
    for (const each of isBatch ? (value as unknown[]) : [value]) this.#takeOne(each)
  }

  #takeOne(value: unknown): void {
    const { success, data: message } = JSONRPCMessageSchema.safeParse(value)
    if (!success) return this.#refuseOne(value)
    if ('method' in message && 'id' in message)
      this.#open.set(message.id, (this.#open.get(message.id) ?? 0) + 1)
    // A request that is cancelled gets no answer.
    if ('method' in message && message.method === 'notifications/cancelled')
      this.#settle(message.params?.['requestId'] as RequestId)
    this.onmessage?.(message)
  }

  /** A notification, and an answer, gets no answer, be it wrong. */
  #refuseOne(value: unknown): void {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (isObject && !('id' in value && !('result' in value) && !('error' in value)))
      return this.onerror?.(new Error(problems.noRequest))
    const id = isObject && 'id' in value ? value.id : null
    this.#refuse(isRequestId(id) ? id : null, invalidRequest, problems.noRequest)
  }

  #refuse(id: RequestId | null, code: number, message: string): void {
    this.onerror?.(new Error(message))
    this.#write({ jsonrpc: '2.0', id, error: { code, message } })
  }

  #write(message: object): void {
    if (!this.#isClosed) this.#options.write(`${JSON.stringify(message)}\n`)
  }

  #settle(id: RequestId): void {
    const others = (this.#open.get(id) ?? 0) - 1
    if (others > 0) this.#open.set(id, others)
    else this.#open.delete(id)
    this.#endWhenAnswered()
  }

  #endWhenAnswered(): void {
    if (this.#hasEnded && this.#open.size === 0) this.#ended.resolve()
  }
}

/** The codes of JSON-RPC 2.0. */
const parseError = -32_700
const invalidRequest = -32_600

const problems = {
  tooLong: `this message is longer than ${maxBytes} bytes: send less at once`,
  noJson: 'this line is not valid JSON: send one message of JSON-RPC 2.0 a line',
  noRequest:
    'this is no message of JSON-RPC 2.0: give "jsonrpc": "2.0", a "method", "params" as an object where there are any, and for a request an "id", which is a text or a whole number',
} as const

const isRequestId = (id: unknown): id is RequestId => typeof id === 'string' || Number.isSafeInteger(id)
