import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js'

/** Standard input and output, which knows what is still to be answered: input may end before the answers are out. */
export class AnsweringTransport extends StdioServerTransport {
  readonly #open = new Set<RequestId>()
  #whenAnswered: (() => void) | null = null

  override async start(): Promise<void> {
    const handle = this.onmessage
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK has this property and no events
    this.onmessage = (message: JSONRPCMessage) => {
      if ('method' in message && 'id' in message) this.#open.add(message.id)
      // A request that is cancelled gets no answer.
      if ('method' in message && message.method === 'notifications/cancelled')
        this.#close(message.params?.['requestId'] as RequestId)
      handle?.(message)
    }
    await super.start()
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    await super.send(message)
    if (!('method' in message) && message.id !== undefined) this.#close(message.id)
  }

  /** Resolves when every request that came has its answer. */
  async answered(): Promise<void> {
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#whenAnswered = resolve))
  }

  #close(id: RequestId): void {
    this.#open.delete(id)
    if (this.#open.size === 0) this.#whenAnswered?.()
  }
}
