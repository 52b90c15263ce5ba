import { unreachable } from '../connection/answer-error.ts'
import { type SseMessage, SseParser } from './sse-parser.ts'

/** How a stream is read. */
export interface ReadMessagesOptions {
  /** It is broken when nothing has come for so long, in milliseconds. */
  readonly silenceMs: number
  /** Ends the request that it belongs to. */
  readonly hangUp: AbortController
}

/** What one chunk of a stream has brought: its messages, and with what to go on after them. */
export interface ReadMessages {
  readonly messages: readonly SseMessage[]
  readonly cursor: string | undefined
}

/** Reads server-sent events as they come, to the stream's end. Throws `server_unreachable` when it breaks or falls silent. */
export async function* readMessages(
  response: Response,
  { silenceMs, hangUp }: ReadMessagesOptions,
): AsyncGenerator<ReadMessages, void, undefined> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true || !response.body)
    throw unreachable('the answer is no stream of events, so it does not come from a Steptrail server', {})
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const parser = new SseParser()
  const decoder = new TextDecoder()
  for (;;) {
    const silent = setTimeout(() => hangUp.abort(), silenceMs)
    const { done, value } = await reader
      .read()
      .catch((cause: unknown) => {
        throw unreachable('the stream of events broke', {}, cause)
      })
      .finally(() => clearTimeout(silent))
    if (done) return
    yield { messages: parser.push(decoder.decode(value, { stream: true })), cursor: parser.lastEventId }
  }
}
