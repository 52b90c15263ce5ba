import type { Event } from '@steptrail/client/messages'

/** One message of a stream. */
export interface Message {
  readonly id: string | null
  readonly kind: string
  readonly event: Event | null
  /** What was sent, as it was. */
  readonly raw: string
}

/** The messages of a stream as they come, comments too; leaving the loop hangs up. */
export async function* messagesOf(response: Response): AsyncGenerator<Message, void, undefined> {
  if (!response.body) throw new Error('the answer has no body')
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    const messages = text.split('\n\n')
    text = messages.pop() ?? ''
    for (const raw of messages) yield messageOf(raw)
  }
}

function messageOf(raw: string): Message {
  const field = (name: string): string | null =>
    raw
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? null
  const data = field('data')
  const kind = field('event') ?? (data === null ? 'comment' : 'message')
  return { id: field('id'), kind, event: data === null ? null : (JSON.parse(data) as Event), raw }
}
