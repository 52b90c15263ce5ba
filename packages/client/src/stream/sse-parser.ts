/** One message of a stream of server-sent events. */
export interface SseMessage {
  /** `message` unless the stream says otherwise. */
  readonly kind: string
  readonly data: string
  /** With what to go on after it; undefined while the stream has said none. */
  readonly id: string | undefined
}

/**
 * Reads a stream of server-sent events as the HTML standard says, however it is cut into chunks. Of what comes without
 * data, of comments, and of the wait that a stream asks for, nothing is told.
 */
export class SseParser {
  /** With what to go on after the last message: what the stream said last, also in one without data. */
  lastEventId: string | undefined
  #rest = ''
  #kind = ''
  #data: string[] = []
  #id: string | undefined

  /** The messages that this text completes. */
  push(text: string): readonly SseMessage[] {
    const all = this.#rest + text
    // A carriage return at the end may be the first half of a line's end.
    const lines = all.split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    return lines.flatMap((line) => this.#take(line))
  }

  #take(line: string): readonly SseMessage[] {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') this.#kind = value
    else if (name === 'data') this.#data.push(value)
    else if (name === 'id' && !value.includes('\0')) this.#id = value
    return []
  }

  #dispatch(): readonly SseMessage[] {
    this.lastEventId = this.#id ?? this.lastEventId
    const message = { kind: this.#kind || 'message', data: this.#data.join('\n'), id: this.lastEventId }
    const hasData = this.#data.length > 0
    this.#kind = ''
    this.#data = []
    return hasData ? [message] : []
  }
}
