import { TrailError } from '@steptrail/event'
import type { OutgoingEvent } from '../src/outgoing-event.ts'
import type { Sink, SinkOutcome } from '../src/sink.ts'

/** How a sink is: it writes, is away, writes and loses the reply, or never answers. */
export type SinkState = 'up' | 'away' | 'reply lost' | 'silent'

/** A sink in memory that keeps to the contract and can break; it can never write an event whose action is `bad`. */
export class MemorySink implements Sink {
  state: SinkState = 'up'
  readonly rows = new Map<string, string>()
  /** How many times each id was sent. */
  readonly sent = new Map<string, number>()
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = []

  /** What is on record, in order of writing. */
  get actions(): readonly string[] {
    return [...this.rows.values()].map((json) => (JSON.parse(json) as { action: string }).action)
  }

  /** Resolves when so many events are on record. */
  has(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve })
      this.#tell()
    })
  }

  async write(batch: readonly OutgoingEvent[], signal: AbortSignal): Promise<readonly SinkOutcome[]> {
    for (const { id } of batch) this.sent.set(id, (this.sent.get(id) ?? 0) + 1)
    if (this.state === 'away') throw new Error('the database is away')
    if (this.state === 'silent')
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('gave up')), { once: true })
      })
    if (batch.some(({ json }) => json.includes('"action":"bad"')))
      throw new TrailError('batch_refused', 'the database refuses it: bad')
    const outcomes = batch.map((event) => this.#take(event))
    this.#tell()
    if (this.state === 'reply lost') throw new Error('the connection broke')
    return outcomes
  }

  #take({ id, json }: OutgoingEvent): SinkOutcome {
    const known = this.rows.get(id)
    if (known === undefined) this.rows.set(id, json)
    if (known === undefined || known === json)
      return { outcome: known === undefined ? 'created' : 'duplicate' }
    return { outcome: 'conflict', reason: 'another event is on record under its id' }
  }

  #tell(): void {
    for (const { count, resolve } of this.#waiting) if (this.rows.size >= count) resolve()
  }
}
